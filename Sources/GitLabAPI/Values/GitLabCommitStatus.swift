/// A check on a commit that something outside GitLab reports.
package struct GitLabCommitStatus: Sendable, Hashable, Decodable {
    package var id: Int64
    package var status: String
    package var name: String?
    package var sha: String?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        status = fields.read("status") ?? "unknown"
        name = fields.read("name")
        sha = fields.read("sha")
    }
}
