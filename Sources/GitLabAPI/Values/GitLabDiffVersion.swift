/// One state of a merge request's diff; each push makes a new one. The newest comes first.
package struct GitLabDiffVersion: Sendable, Hashable, Decodable {
    package var id: Int64
    package var baseSHA: String?
    package var startSHA: String?
    package var headSHA: String?
    package var createdAt: GitLabTime?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        baseSHA = fields.read("base_commit_sha")
        startSHA = fields.read("start_commit_sha")
        headSHA = fields.read("head_commit_sha")
        createdAt = fields.read("created_at")
    }
}
