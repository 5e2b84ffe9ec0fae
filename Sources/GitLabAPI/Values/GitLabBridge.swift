/// A job that does nothing but start another pipeline, and may wait for it.
package struct GitLabBridge: Sendable, Hashable, Decodable {
    package struct Downstream: Sendable, Hashable, Decodable {
        package var id: Int64
        /// Nil on older servers. A bridge may lead into another project, which the bot may not know.
        package var projectID: Int64?

        package init(from decoder: any Decoder) throws {
            let fields = try Fields(decoder)
            id = try fields.require("id")
            projectID = fields.read("project_id")
        }
    }

    package var name: String
    package var status: String
    package var mayFail: Bool
    /// Nil as long as nothing was started.
    package var downstream: Downstream?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        name = fields.read("name") ?? ""
        status = fields.read("status") ?? "unknown"
        mayFail = fields.read("allow_failure") ?? false
        downstream = fields.read("downstream_pipeline")
    }
}
