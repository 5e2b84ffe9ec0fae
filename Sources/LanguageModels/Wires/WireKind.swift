/// The three protocols that models are spoken to in.
package enum WireKind: String, Sendable, Hashable, CaseIterable {
    case anthropic
    case chat
    case responses

    /// What follows the version in the URL.
    var endpoint: String {
        switch self {
        case .anthropic: "messages"
        case .chat: "chat/completions"
        case .responses: "responses"
        }
    }
}
