import LanguageModels
import Logging
import Rehearsal
import Secrets
import Synchronization
import Transport

/// Settings, transport and a clock that never waits, for one test.
struct Rig: Sendable {
    let transport: NetworkTransport
    let waits = Waits()

    final class Waits: Sendable {
        let list = Mutex<[Duration]>([])
        var seconds: [Double] { list.withLock { $0.map { Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18 } } }
    }

    init() throws { transport = try NetworkTransport(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    func options(timeouts: RequestTimeouts = RequestTimeouts(firstByte: .seconds(20), idle: .seconds(20), total: .seconds(40))) -> CallOptions {
        let clock = RetryClock(
            date: { 0 }, elapsed: { .zero }, sleep: { [waits] wait in waits.list.withLock { $0.append(wait) } }, random: { 0 })
        var options = CallOptions(timeouts: timeouts)
        options.retry.clock = clock
        return options
    }

    func model(
        _ wire: WireKind, _ url: String, name: String = "claude-sonnet-5-5", fallback: String? = nil, key: String = "key-for-tests",
        openAIWire: ModelSettings.OpenAIWire? = nil, options: CallOptions? = nil
    ) throws -> any LanguageModel {
        let settings = ModelSettings(
            provider: wire == .anthropic ? .anthropic : .openai, anthropicKey: Secret(key), anthropicURL: url,
            openAIKey: Secret(key), openAIURL: url, openAIWire: openAIWire ?? (wire == .responses ? .responses : .chat),
            model: name, fallback: fallback, options: options ?? self.options())
        return try makeModel(settings, transport: transport, logger: Self.quiet)
    }

    static let tool = ToolDefinition(
        name: "read_file", description: "Reads a file.",
        parameters: ["type": "object", "properties": ["path": ["type": "string"]], "required": ["path"]])

    static func conversation(_ text: String = "Add a login page.") -> Conversation {
        Conversation(system: "You write code.", tools: [tool], messages: [.user(text)])
    }

    static func script(_ turns: [ModelScript.Turn], refuses: [String]? = nil, keys: [String]? = nil, models: [String]? = nil) -> ModelScript {
        ModelScript(conversations: [.init("main", turns: turns)], keys: keys, models: models, refuses: refuses)
    }

    /// Plays the conversation until the model calls no tool, answering every call.
    static func play(_ model: any LanguageModel, _ conversation: inout Conversation) async throws -> [ModelTurn] {
        var turns: [ModelTurn] = []
        while turns.count < 20 {
            let turn = try await model.turn(conversation, maxOutputTokens: 4_000, progress: { _ in })
            turns.append(turn)
            conversation.append(.assistant(turn))
            if turn.calls.isEmpty { return turns }
            let results = turn.calls.map { call in
                if case .malformed(_, let problem) = call.arguments { return ToolResult(callID: call.id, content: problem, isError: true) }
                return ToolResult(callID: call.id, content: "content of the file", isError: false)
            }
            conversation.append(.toolResults(results, text: nil))
        }
        return turns
    }
}
