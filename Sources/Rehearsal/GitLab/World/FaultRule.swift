/// Something that goes wrong on purpose: for requests whose method and path match, after the first `after` of them, `times`
/// times (always when nil).
package struct FaultRule: Sendable {
    package enum Kind: Sendable {
        case status(Int, body: String, headers: [String: String])
        /// Waits before the usual answer.
        case delay(Duration)
        /// Closes the connection without an answer.
        case drop
        /// Sends this many bytes of the usual body, then closes the connection.
        case cut(afterBytes: Int)
        /// Does the work, then closes the connection without an answer: the client can't know that it worked.
        case dropAfterwards
    }

    package var method: String?
    /// The path with `*` for any text, e.g. `*/issues/*/notes` or `*.git/git-upload-pack`.
    package var path: String
    package var kind: Kind
    package var after: Int
    package var times: Int?

    package init(_ kind: Kind, method: String? = nil, path: String, after: Int = 0, times: Int? = nil) {
        self.kind = kind
        self.method = method
        self.path = path
        self.after = after
        self.times = times
    }

    /// The plain-text 429 of an application limit.
    package static func rateLimited(path: String, retryAfter: Int = 1, times: Int? = 1) -> FaultRule {
        FaultRule(
            .status(429, body: "Retry later\n", headers: ["Retry-After": String(retryAfter), "Content-Type": "text/plain"]),
            path: path, times: times)
    }

    func covers(method: String, path: String) -> Bool {
        (self.method.map { $0 == method } ?? true) && Wildcard.matches(path, pattern: self.path)
    }
}
