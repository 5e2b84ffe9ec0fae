/// What a scripted model says: for each conversation its turns, in order.
///
/// A conversation is recognised by its first words and its tools, and the turn by the number of turns already in the
/// request. So nothing has to be remembered, and a restart of either side changes nothing.
package struct ModelScript: Codable, Sendable, Equatable {
    package var conversations: [Conversation]
    /// Keys that are accepted; nil accepts any that is not empty.
    package var keys: [String]?
    /// Models that exist; nil knows all.
    package var models: [String]?
    /// What this server does not take, to be like some others: `max_tokens`, `cache_control`, `tools_on_chat`,
    /// `version_path` (the endpoints without `/v1`), `streaming`.
    package var refuses: [String]?

    package init(
        conversations: [Conversation], keys: [String]? = nil, models: [String]? = nil, refuses: [String]? = nil
    ) {
        self.conversations = conversations
        self.keys = keys
        self.models = models
        self.refuses = refuses
    }

    package struct Conversation: Codable, Sendable, Equatable {
        /// Shown in the log.
        package var name: String
        /// All of these stand in the instructions or in the first message of the user; empty fits any.
        package var containing: [String]?
        /// A tool of this name is offered; nil fits any.
        package var tool: String?
        package var turns: [Turn]

        package init(_ name: String, containing: [String]? = nil, tool: String? = nil, turns: [Turn]) {
            self.name = name
            self.containing = containing
            self.tool = tool
            self.turns = turns
        }
    }

    package struct Turn: Codable, Sendable, Equatable {
        package var thinking: String?
        package var text: String?
        package var calls: [Call]?
        /// What happens the first times that this turn is asked for; the turn itself comes after them.
        package var faults: [Fault]?
        /// Waits before each answer.
        package var delayMilliseconds: Int?

        package init(
            thinking: String? = nil, text: String? = nil, calls: [Call]? = nil, faults: [Fault]? = nil,
            delayMilliseconds: Int? = nil
        ) {
            self.thinking = thinking
            self.text = text
            self.calls = calls
            self.faults = faults
            self.delayMilliseconds = delayMilliseconds
        }
    }

    package struct Call: Codable, Sendable, Equatable {
        package var name: String
        package var arguments: ScriptValue
        package init(_ name: String, _ arguments: ScriptValue) {
            self.name = name
            self.arguments = arguments
        }
    }

    package struct Fault: Codable, Sendable, Equatable {
        package enum Kind: String, Codable, Sendable, CaseIterable {
            /// 429, with `retry-after` where `retryAfter` is set.
            case rateLimit = "rate_limit"
            /// 429 because the account is empty.
            case quota
            /// 529, or 503 on OpenAI's wires.
            case overloaded
            case serverError = "server_error"
            case unauthorized
            case unknownModel = "unknown_model"
            case contextTooLong = "context_too_long"
            /// 502 with a proxy's page.
            case html
            /// The stream ends after `atByte` bytes, the connection with it.
            case cut
            /// Ends properly, but without its last events.
            case unfinished
            /// The stream holds an event that is no JSON.
            case malformed
            /// The answer comes after `milliseconds`.
            case slow
            /// Signs of life for `milliseconds`, and nothing else.
            case pings
            /// An error after status 200.
            case overloadedInStream = "overloaded_in_stream"
            /// The model refuses.
            case refusal
            /// Cut by the output limit, in the middle of the last call.
            case outputLimit = "output_limit"
        }
        package var kind: Kind
        package var retryAfter: String?
        package var atByte: Int?
        package var milliseconds: Int?

        package init(_ kind: Kind, retryAfter: String? = nil, atByte: Int? = nil, milliseconds: Int? = nil) {
            self.kind = kind
            self.retryAfter = retryAfter
            self.atByte = atByte
            self.milliseconds = milliseconds
        }
    }
}
