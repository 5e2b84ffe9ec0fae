import LanguageModels

/// One conversation with the model, and what is needed to sum it up when it grows too long.
///
/// Messages are only ever appended: what the model has signed or the provider has cached stays as it was. What gets too long
/// is replaced by a new conversation, never trimmed in place.
struct History: Sendable {
    /// What happened, a line each, for a summary.
    enum Event: Sendable, Hashable {
        case said(String)
        case called(line: String, result: String, isError: Bool)
        /// What a person or the harness said; kept whole in a summary as far as it fits.
        case told(String)
    }

    private(set) var conversation: Conversation
    let opening: String
    private(set) var events: [Event] = []
    private(set) var changedPaths: [String] = []
    private(set) var compactions = 0
    var budgets: BudgetWatch
    private let settings: AgentSettings

    /// Tokens of the last request and its reply, as the provider counted them; what came after is estimated.
    private var countedTokens: Int
    private var uncountedBytes: Int

    init(stage: Stage, opening: String, settings: AgentSettings) {
        self.opening = opening
        self.settings = settings
        conversation = Conversation(
            system: stage.prompt, tools: stage.tools.map(\.definition), messages: [.user(opening)])
        budgets = BudgetWatch(settings)
        countedTokens = 0
        uncountedBytes = Self.fixedBytes(of: conversation) + opening.utf8.count
    }

    var estimatedTokens: Int { countedTokens + uncountedBytes / 4 }

    mutating func tell(_ text: String) {
        conversation.append(.user(text))
        events.append(.told(text))
        uncountedBytes += text.utf8.count
    }

    mutating func append(_ turn: ModelTurn) {
        conversation.append(.assistant(turn))
        if !turn.text.isEmpty { events.append(.said(turn.text)) }
        if turn.usage.input > 0 {
            countedTokens = turn.usage.input + turn.usage.output
            uncountedBytes = 0
        } else {
            uncountedBytes += turn.raw.utf8.count
        }
    }

    mutating func append(_ results: [ToolResult], text: String?) {
        conversation.append(.toolResults(results, text: text))
        if let text { events.append(.told(text)) }
        uncountedBytes += results.reduce(text?.utf8.count ?? 0) { $0 + $1.content.utf8.count + 40 }
    }

    mutating func note(call line: String, _ outcome: CallOutcome) {
        events.append(.called(line: line, result: outcome.content, isError: outcome.isError))
        for path in outcome.changedPaths where !changedPaths.contains(path) { changedPaths.append(path) }
    }

    /// Begins anew: the same instructions and the same opening, then the summary.
    mutating func replace(by summary: String) {
        conversation = Conversation(
            system: conversation.system, tools: conversation.tools, messages: [.user(opening), .user(summary)])
        compactions += 1
        budgets = BudgetWatch(settings)
        countedTokens = 0
        uncountedBytes = Self.fixedBytes(of: conversation) + opening.utf8.count + summary.utf8.count
    }

    private static func fixedBytes(of conversation: Conversation) -> Int {
        conversation.tools.reduce(conversation.system.utf8.count) { $0 + $1.description.utf8.count + 400 }
    }
}
