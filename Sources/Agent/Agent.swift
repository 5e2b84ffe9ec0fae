package import Domain
package import LanguageModels
package import Logging
package import Workspaces

/// Steers a model through one task: shows it the task, runs the tools it calls, and hands back a value.
///
/// Make one for each run of a task: it counts what the task has asked of the model, and holds the conversation that
/// `code` begins and `repair` goes on with. Every turn and every tool result is a durable step, so that the same calls on a
/// journal that has their outcomes lead to the same conversation without asking the model or touching the work tree again.
///
/// All methods throw `TaskFailure`, or `CancellationError` when the task is cancelled.
package actor Agent {
    let model: any LanguageModel
    let sandbox: any Sandbox
    let journal: any StepJournal
    let settings: AgentSettings
    let logger: Logger
    let redact: @Sendable (String) -> String
    let elapsed: @Sendable () -> Duration
    let allow: @Sendable (Usage) async throws -> Void
    let changes: (@Sendable () async throws -> String)?
    let progress: @Sendable (AgentProgress) -> Void

    /// Of the whole task so far, replayed turns included.
    package private(set) var usage = Usage()
    /// What `code` began and each `repair` goes on with.
    private(set) var codingHistory: History?
    let measures: Measures

    /// - Parameters:
    ///   - redact: removes secrets; everything passes it before the model or the journal sees it.
    ///   - elapsed: how long the task has been running, over all its runs.
    ///   - allow: asked before each new model call with the usage so far; throws when a budget beyond this task (the day's,
    ///     the person's) is spent.
    ///   - changes: what differs from the base commit, a line per file; told to the model when its history is summed up.
    ///   - progress: for the live line; must return at once.
    package init(
        model: any LanguageModel, sandbox: any Sandbox, journal: any StepJournal, settings: AgentSettings,
        logger: Logger, redact: @escaping @Sendable (String) -> String, elapsed: @escaping @Sendable () -> Duration,
        allow: @escaping @Sendable (Usage) async throws -> Void = { _ in },
        changes: (@Sendable () async throws -> String)? = nil,
        progress: @escaping @Sendable (AgentProgress) -> Void = { _ in }
    ) {
        self.model = model
        self.sandbox = sandbox
        self.journal = journal
        self.settings = settings
        self.logger = logger
        self.redact = redact
        self.elapsed = elapsed
        self.allow = allow
        self.changes = changes
        self.progress = progress
        measures = Measures(settings, contextWindow: model.contextWindow)
    }

    /// Bytes of sections that a stage's first message shows uncut.
    package nonisolated var openingLimit: Int { measures.contextLimit }

    func count(_ turn: ModelTurn) { usage = usage + turn.asUsage }

    func keep(_ history: History) { codingHistory = history }
}
