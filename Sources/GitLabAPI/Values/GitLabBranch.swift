/// A branch.
package struct GitLabBranch: Sendable, Hashable, Decodable {
    package var name: String
    /// True where GitLab does not say.
    package var isProtected: Bool
    package var isDefault: Bool
    /// Whether the token's user may push.
    package var canPush: Bool?
    package var commit: Commit?
    package var webURL: String?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        name = try fields.require("name")
        isProtected = fields.read("protected") ?? true
        isDefault = fields.read("default") ?? false
        canPush = fields.read("can_push")
        commit = fields.read("commit")
        webURL = fields.read("web_url")
    }

    package var headSHA: String? { commit?.id }

    package struct Commit: Sendable, Hashable, Decodable {
        package var id: String
        package var committedAt: GitLabTime?
        package init(from decoder: any Decoder) throws {
            let fields = try Fields(decoder)
            id = try fields.require("id")
            committedAt = fields.read("committed_date")
        }
    }
}
