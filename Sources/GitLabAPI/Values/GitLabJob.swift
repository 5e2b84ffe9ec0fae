/// A job of a pipeline.
package struct GitLabJob: Sendable, Hashable, Decodable {
    package var id: Int64
    package var name: String
    package var stage: String?
    package var status: String
    package var failureReason: String?
    package var mayFail: Bool
    package var webURL: String?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        name = fields.read("name") ?? ""
        stage = fields.read("stage")
        status = fields.read("status") ?? "unknown"
        failureReason = fields.read("failure_reason")
        mayFail = fields.read("allow_failure") ?? false
        webURL = fields.read("web_url")
    }
}
