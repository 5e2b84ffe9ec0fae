/// The token in use, as GitLab describes it.
package struct GitLabToken: Sendable, Hashable, Decodable {
    package var id: Int64
    package var name: String
    package var scopes: [String]
    package var expiresAt: GitLabTime?
    package var isActive: Bool
    package var isRevoked: Bool
    package var userID: Int64?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        name = fields.read("name") ?? ""
        scopes = fields.list("scopes")
        expiresAt = fields.read("expires_at")
        isActive = fields.read("active") ?? true
        isRevoked = fields.read("revoked") ?? false
        userID = fields.read("user_id")
    }
}
