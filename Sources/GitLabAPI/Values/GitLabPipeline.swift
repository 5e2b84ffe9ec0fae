/// A pipeline.
package struct GitLabPipeline: Sendable, Hashable, Decodable {
    package var id: Int64
    package var status: String
    package var sha: String?
    package var ref: String?
    package var source: String?
    package var webURL: String?
    package var createdAt: GitLabTime?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        status = fields.read("status") ?? "unknown"
        sha = fields.read("sha")
        ref = fields.read("ref")
        source = fields.read("source")
        webURL = fields.read("web_url")
        createdAt = fields.read("created_at")
    }
}
