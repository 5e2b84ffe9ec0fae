import LanguageModels
import Synchronization
import Testing

/// A model that gives the replies of a list, and fails the test when it is asked for more.
final class ScriptedModel: LanguageModel {
    enum Reply: Sendable {
        case turn(ModelTurn)
        case failure(ModelFailure)
    }

    let name = "scripted"
    let contextWindow: Int
    private let state: Mutex<(replies: [Reply], requests: [Conversation])>

    init(_ replies: [Reply], contextWindow: Int = 200_000) {
        self.contextWindow = contextWindow
        state = Mutex((replies, []))
    }

    convenience init(_ turns: ModelTurn..., contextWindow: Int = 200_000) {
        self.init(turns.map { .turn($0) }, contextWindow: contextWindow)
    }

    /// What it was sent, oldest first.
    var requests: [Conversation] { state.withLock { $0.requests } }
    var isUsedUp: Bool { state.withLock { $0.replies.isEmpty } }

    func turn(
        _ conversation: Conversation, maxOutputTokens: Int, progress: @escaping @Sendable (String) -> Void
    ) async throws -> ModelTurn {
        let reply = state.withLock { state -> Reply? in
            state.requests.append(conversation)
            return state.replies.isEmpty ? nil : state.replies.removeFirst()
        }
        switch reply {
        case .turn(let turn):
            progress(turn.text)
            return turn
        case .failure(let failure): throw failure
        case nil:
            Issue.record("The model was asked once more than the script has replies.")
            throw ModelFailure(.invalidRequest, "The script is at its end.")
        }
    }
}

extension ModelTurn {
    static func text(_ text: String, stop: Stop = .finished, usage: TokenUsage = TokenUsage(input: 1000, output: 50)) -> ModelTurn {
        ModelTurn(text: text, calls: [], stop: stop, usage: usage, model: "scripted", cost: 0.01, raw: "{\"text\":1}", source: "script")
    }

    static func calls(
        _ calls: [(String, String)], text: String = "", stop: Stop = .toolCalls,
        usage: TokenUsage = TokenUsage(input: 1000, output: 50), cost: Double? = 0.01, id: String = "call"
    ) -> ModelTurn {
        let calls = calls.enumerated().map { index, call in
            ToolCall(id: "\(id)-\(index)", name: call.0, arguments: .object(call.1))
        }
        return ModelTurn(text: text, calls: calls, stop: stop, usage: usage, model: "scripted", cost: cost, raw: "{\"calls\":1}", source: "script")
    }

    static func call(_ name: String, _ arguments: String, usage: TokenUsage = TokenUsage(input: 1000, output: 50)) -> ModelTurn {
        calls([(name, arguments)], usage: usage)
    }

    static func finish(_ summary: String = "Do it") -> ModelTurn { call("finish", "{\"summary\":\"\(summary)\"}") }
}

extension Conversation {
    /// The results of the last message.
    var lastResults: [ToolResult] {
        if case .toolResults(let results, _) = messages.last { results } else { [] }
    }

    /// What was said beside the results in the last message, or the last message itself.
    var lastText: String {
        switch messages.last {
        case .user(let text): text
        case .toolResults(_, let text): text ?? ""
        case .assistant, nil: ""
        }
    }
}
