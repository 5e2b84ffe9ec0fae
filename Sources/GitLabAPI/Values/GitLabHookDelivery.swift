/// A delivery that GitLab tried lately.
package struct GitLabHookDelivery: Sendable, Hashable, Decodable {
    package var id: Int64
    package var url: String?
    package var trigger: String?
    /// The receiver's status as text, or `internal error`.
    package var responseStatus: String?
    /// What the receiver answered; where there was no answer, why not, in GitLab's words.
    package var responseBody: String
    package var createdAt: GitLabTime?
    /// The same as in the delivery's headers.
    package var idempotencyKey: String?
    package var duration: Double?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        url = fields.read("url")
        trigger = fields.read("trigger")
        responseStatus = fields.read("response_status") ?? fields.read("response_status", as: Int.self).map(String.init)
        responseBody = fields.read("response_body") ?? ""
        createdAt = fields.read("created_at")
        let headers = fields.read("request_headers", as: [String: String].self) ?? [:]
        idempotencyKey = headers.first { $0.key.lowercased() == "idempotency-key" }?.value
        duration = fields.read("execution_duration")
    }
}
