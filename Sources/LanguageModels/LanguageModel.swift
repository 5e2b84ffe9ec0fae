/// A model behind some wire, with retries and fallback already inside.
package protocol LanguageModel: Sendable {
    /// As configured.
    var name: String { get }
    /// Tokens that fit into one request, input and output together; a cautious guess where nobody tells.
    var contextWindow: Int { get }

    /// Asks for the next turn. `progress` sees text as it arrives and must return quickly.
    ///
    /// - Throws: `ModelFailure`, or `CancellationError` when the task is cancelled, which also closes the connection.
    func turn(
        _ conversation: Conversation, maxOutputTokens: Int, progress: @escaping @Sendable (String) -> Void
    ) async throws -> ModelTurn
}

/// Why no turn could be had, after all retries.
package struct ModelFailure: Error, Sendable {
    package enum Reason: Sendable, Hashable {
        case authentication, unknownModel, refused, contextExhausted, rateLimited, overloaded, network, quota
        case invalidRequest, brokenReply, configuration
    }
    package var reason: Reason
    /// One sentence that names the setting to change; free of secrets.
    package var message: String
    /// It may pass; the task is worth going on with later.
    package var isTransient: Bool
    package var retryAfter: Duration?
    package init(_ reason: Reason, _ message: String, isTransient: Bool = false, retryAfter: Duration? = nil) {
        self.reason = reason
        self.message = message
        self.isTransient = isTransient
        self.retryAfter = retryAfter
    }
}
