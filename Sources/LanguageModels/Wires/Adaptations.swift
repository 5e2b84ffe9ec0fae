/// What a server was found to want differently; remembered for the following calls.
package struct Adaptations: Sendable, Hashable {
    package enum ReasoningFields: Sendable, Hashable { case asReceived, omitted, emptyWhereMissing }

    var usesAlternateURL = false
    /// A call has succeeded, so a 404 no longer speaks of the URL.
    var isURLProven = false
    var usesMaxCompletionTokens = false
    var sendsThinking = true
    var sendsCacheControl = true
    var sendsStreamOptions = true
    var sendsEncryptedReasoning = true
    var sendsNullContent = true
    var reasoningFields = ReasoningFields.asReceived
    /// The largest output limit that the server takes.
    var outputCap: Int?
    /// Learnt from an error that names it.
    var contextWindow: Int?

    /// Changes what a refusal asks to change; false when there is nothing to try.
    mutating func adapt(to error: ServiceError, status: Int, wire: WireKind, sentOutputLimit: Int) -> Bool {
        guard status == 400 || status == 422 else { return false }
        let before = self
        let words = error.words
        if let limit = OutputLimits.read(words, asked: sentOutputLimit) {
            if let window = limit.contextWindow { contextWindow = window }
            if let cap = limit.output { outputCap = min(cap, outputCap ?? cap) }
            // A context limit that no smaller output can meet is the caller's business.
            if limit.output != nil { return self != before }
        }
        switch wire {
        case .anthropic: adaptAnthropic(words)
        case .chat: adaptChat(words)
        case .responses:
            if words.contains("encrypted_content") || words.contains("include") { sendsEncryptedReasoning = false }
        }
        var compared = self
        compared.contextWindow = before.contextWindow
        return compared != before
    }

    private mutating func adaptAnthropic(_ words: String) {
        if words.contains("cache_control") {
            sendsCacheControl = false
        } else if words.contains("thinking") || words.contains("signature") {
            sendsThinking = false
        }
    }

    private mutating func adaptChat(_ words: String) {
        if words.contains("max_completion_tokens") && words.contains("max_tokens") {
            // "Unsupported parameter: 'max_tokens' ... Use 'max_completion_tokens' instead", or the reverse.
            usesMaxCompletionTokens.toggle()
        } else if words.contains("max_completion_tokens") {
            usesMaxCompletionTokens = false
        } else if words.contains("max_tokens") {
            usesMaxCompletionTokens = true
        } else if words.contains("stream_options") || words.contains("include_usage") {
            sendsStreamOptions = false
        } else if words.contains("reasoning_content") || words.contains("reasoning_details") {
            let isWanted = ["passed back", "missing", "required", "must be"].contains { words.contains($0) }
            reasoningFields = isWanted && reasoningFields == .asReceived ? .emptyWhereMissing : .omitted
        } else if words.contains("content") && ["null", "none", "string"].contains(where: { words.contains($0) }) {
            sendsNullContent = false
        }
    }
}
