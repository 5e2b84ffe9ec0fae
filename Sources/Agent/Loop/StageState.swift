import LanguageModels

/// Where a stage stands between two turns.
struct StageState: Sendable {
    var turn = 0
    /// Results of the last turn's calls, not yet appended: what is told with them goes into the same message.
    var results: [ToolResult]?
    /// What the model is told with the next message.
    var notes: [String] = []
    var watch: LoopWatch
    /// The last turn up to which further comments have been asked for.
    var inputsTakenFor = 0
    var emptyTurns = 0
    var nudges = 0
    var refusedEndings = 0
    var elapsedSeconds: Double = 0
    /// The history was summed up and no turn has come since.
    var isFreshlyCompacted = false

    init(_ settings: AgentSettings) { watch = LoopWatch(settings.loops) }
}
