/// An error in a service's own words, read leniently: every server has another shape for it.
package struct ServiceError: Sendable, Hashable {
    package var type: String?
    package var code: String?
    package var message: String

    package init(type: String? = nil, code: String? = nil, message: String) {
        self.type = type
        self.code = code
        self.message = message
    }

    /// From the `error` member, or a whole body.
    init(_ value: JSONValue) {
        let error = value["error"] ?? value
        type = error["type"]?.string ?? value["type"]?.string
        code =
            error["code"].flatMap { $0.string ?? $0.int.map(String.init) }
            ?? error["details"]?["error_code"]?.string
        message =
            error["message"]?.string ?? error.string ?? value["message"]?.string
            ?? value["detail"].map { $0.string ?? $0.text } ?? String(value.text.prefix(200))
    }

    /// From a body that may be JSON, HTML or anything.
    init(body: [UInt8]) {
        if let value = try? JSONValue(parsing: body), value.members != nil {
            self.init(value)
        } else {
            let start = String(decoding: body.prefix(400), as: UTF8.self)
            self.init(message: String(start.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200)))
        }
    }

    /// The status that goes with an error that came in a stream or in a body with status 200.
    var status: Int {
        if let number = code.flatMap({ Int($0) }), (400..<600).contains(number) { return number }
        return Self.statuses[type ?? ""] ?? Self.statuses[code ?? ""] ?? 500
    }

    private static let statuses = [
        "invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
        "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500,
        "timeout_error": 504, "overloaded_error": 529, "rate_limit_exceeded": 429, "insufficient_quota": 402,
        "context_length_exceeded": 400, "exceed_context_size_error": 400, "invalid_api_key": 401,
        "model_not_found": 404, "invalid_prompt": 400, "server_error": 500,
    ]

    /// All words of it, lowered, for recognising what has no code.
    var words: String { [type, code, message].compactMap(\.self).joined(separator: " ").lowercased() }
}
