/// Somebody's effective membership: direct, inherited or by an invited group.
package struct GitLabMember: Sendable, Hashable, Decodable {
    package var id: Int64
    package var username: String
    package var name: String
    /// `active`, `blocked`, `awaiting`, ...
    package var state: String
    package var membershipState: String?
    /// 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner, and numbers between.
    package var accessLevel: Int
    package var expiresAt: GitLabTime?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        username = try fields.require("username")
        name = fields.read("name") ?? ""
        state = fields.read("state") ?? "unknown"
        membershipState = fields.read("membership_state")
        accessLevel = try fields.require("access_level")
        // An end that can't be read must not turn into a membership without end.
        expiresAt = fields.isNull("expires_at") == false ? try fields.require("expires_at") : nil
    }

    /// Whether the membership gives at least that level now.
    package func reaches(_ level: Int, at now: GitLabTime) -> Bool {
        guard state == "active", membershipState ?? "active" == "active" else { return false }
        // `expires_at` is a day, and the membership ends as it begins.
        if let expiresAt, expiresAt <= now { return false }
        return accessLevel >= level
    }
}
