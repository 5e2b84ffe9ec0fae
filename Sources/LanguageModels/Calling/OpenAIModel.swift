internal import Synchronization

/// A model of OpenAI's family of services, on whichever of the two wires it turns out to need.
package struct OpenAIModel: LanguageModel {
    private let chat: OpenAIChat
    private let responses: OpenAIResponses
    private let choice: Choice

    private final class Choice: Sendable {
        let usesResponses: Mutex<Bool>
        init(_ usesResponses: Bool) { self.usesResponses = Mutex(usesResponses) }
    }

    package init(chat: OpenAIChat, responses: OpenAIResponses, startsWithResponses: Bool) {
        self.chat = chat
        self.responses = responses
        choice = Choice(startsWithResponses)
    }

    package var name: String { chat.name }

    package var contextWindow: Int {
        choice.usesResponses.withLock(\.self) ? responses.contextWindow : chat.contextWindow
    }

    package func turn(
        _ conversation: Conversation, maxOutputTokens: Int, progress: @escaping @Sendable (String) -> Void
    ) async throws -> ModelTurn {
        if !choice.usesResponses.withLock(\.self) {
            do {
                return try await chat.call(conversation, maxOutputTokens: maxOutputTokens, progress: progress)
            } catch is ResponsesNeeded {
                choice.usesResponses.withLock { $0 = true }
            }
        }
        return try await responses.turn(conversation, maxOutputTokens: maxOutputTokens, progress: progress)
    }

    /// Whether OpenAI's own service wants this model on the Responses wire.
    static func needsResponses(_ model: String) -> Bool {
        let name = model.lowercased()
        if name.contains("codex") || name.hasSuffix("-pro") || name.contains("-pro-") { return true }
        guard name.hasPrefix("gpt-"), let version = ModelVersion(name) else { return false }
        return version >= ModelVersion(5, 4)
    }
}
