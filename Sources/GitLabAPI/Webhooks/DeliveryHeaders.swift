/// The headers of a delivery that mean something, each looked up without regard to case.
package struct DeliveryHeaders: Sendable {
    private let fields: [(name: String, value: String)]

    /// - Parameter fields: every header line as it came, repeated ones repeated.
    package init(_ fields: [(name: String, value: String)]) {
        self.fields = fields.map { ($0.name.lowercased(), $0.value) }
    }

    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The value of a header that came exactly once.
    func only(_ name: String) -> String? {
        let values = values(name)
        return values.count == 1 ? values[0] : nil
    }

    /// `Note Hook`, `Confidential Issue Hook`, ...
    package var event: String? { only("x-gitlab-event") }

    /// The same on every attempt to deliver one event: `webhook-id`, else `Idempotency-Key`. Nil on servers before 17.4.
    package var deliveryID: String? {
        for name in ["webhook-id", "idempotency-key"] {
            if let id = only(name), !id.isEmpty, id.utf8.count <= 200, id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
                return id
            }
        }
        return nil
    }

    /// The server's own idea of its address; good for a log line, never for a request.
    package var instance: String? { only("x-gitlab-instance") }

    /// `18.2.0` of `GitLab/18.2.0`.
    package var gitLabVersion: String? {
        guard let agent = only("user-agent"), agent.lowercased().hasPrefix("gitlab/") else { return nil }
        return String(agent.dropFirst(7))
    }
}
