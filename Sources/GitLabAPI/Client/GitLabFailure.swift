internal import Transport

/// Why GitLab did not do what was asked.
package struct GitLabFailure: Error, Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The token is wrong, expired or revoked (401).
        case authentication
        /// The token's scope or role is too small, or the edition lacks the feature (403).
        case forbidden
        /// Missing, or hidden from the bot: GitLab answers 404 for both.
        case notFound
        case conflict
        case validation
        case rateLimited
        /// GitLab has trouble of its own (5xx).
        case unavailable
        /// GitLab was not reached, or its answer did not arrive whole.
        case network
        /// GitLab sends the request on to somewhere else.
        case redirected
        /// The answer is not what GitLab's API answers.
        case unreadable
        /// The answer is longer than what is read; it would be no shorter another time.
        case tooLarge
        case cancelled
    }

    package var reason: Reason
    /// One sentence for a person that says what to do.
    package var message: String
    /// The HTTP status; nil when there was no answer.
    package var status: Int?
    /// GitLab's own words, shortened; for the log, and for callers that know what to look for.
    package var detail: String
    /// `GET /projects/42/issues/7`
    package var call: String

    package init(_ reason: Reason, _ message: String, status: Int? = nil, detail: String = "", call: String = "") {
        self.reason = reason
        self.message = message
        self.status = status
        self.detail = detail
        self.call = call
    }

    /// The same may succeed later.
    package var isTransient: Bool {
        switch reason {
        case .rateLimited, .unavailable, .network: true
        case .conflict: detail.lowercased().contains("resource lock")
        case .authentication, .forbidden, .notFound, .validation, .redirected, .unreadable, .tooLarge, .cancelled: false
        }
    }
}

extension GitLabFailure: CustomStringConvertible {
    package var description: String {
        let facts = [call, status.map { "HTTP \($0)" } ?? "", detail].filter { !$0.isEmpty }.joined(separator: ", ")
        return facts.isEmpty ? message : "\(message) (\(facts))"
    }
}

extension GitLabFailure {
    init(reply: HTTPReply, call: GitLabCall, host: String) {
        let detail = GitLabErrorBody.text(reply)
        let reason: Reason
        let message: String
        switch reply.status {
        case 401:
            reason = .authentication
            message = "GitLab does not accept the token; check GITLAB_API_TOKEN: it may be wrong, expired or revoked."
        case 403 where detail.contains("insufficient_scope"):
            reason = .forbidden
            message = "The token's scope is too small; make one with the scopes `api` and `write_repository`."
        case 403:
            reason = .forbidden
            message = "GitLab does not allow the bot to \(call.purpose); give it at least the \(call.role) role there."
        case 404:
            reason = .notFound
            message = "GitLab finds nothing to \(call.purpose): it is gone, or the bot is no member of the project."
        case 409, 412:
            reason = .conflict
            message = "GitLab could not \(call.purpose) because of another change at the same time; try again."
        case 429:
            reason = .rateLimited
            message = "GitLab asks to slow down; the bot goes on later, or raise GitLab's rate limit for its user."
        case 500...:
            reason = .unavailable
            message = "GitLab at \(host) has trouble of its own (HTTP \(reply.status)); try again later."
        case 300..<400:
            reason = .redirected
            message = "GitLab at \(host) sends requests on to another address; set GITLAB_URL to that address."
        default:
            reason = .validation
            message = "GitLab refused to \(call.purpose)" + (detail.isEmpty ? "." : ": \(detail)")
        }
        self.init(reason, message, status: reply.status, detail: detail, call: call.description)
    }

    init(_ failure: TransportFailure, call: GitLabCall) {
        let reason: Reason =
            switch failure.code {
            case .cancelled: .cancelled
            case .tooLarge: .tooLarge
            default: .network
            }
        self.init(reason, failure.description, detail: "\(failure.code)", call: call.description)
    }
}
