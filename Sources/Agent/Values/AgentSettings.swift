/// What the operator and the project allow one task's agent; every number is a limit.
package struct AgentSettings: Sendable {
    /// Turns of the model in one stage (analyzing, one iteration of coding, reviewing, answering).
    package var maxTurnsPerStage = 100
    /// Tokens that one turn may produce; cut to a quarter of a small context window.
    package var maxOutputTokens = 32_000
    /// Calls of one turn that are run; those after them get a result that says so.
    package var maxCallsPerTurn = 32
    /// Input and output tokens of the whole task; nil for no limit.
    package var maxTokens: Int?
    /// US dollars of the whole task; nil for no limit. With a limit, a turn whose cost is unknown ends the task.
    package var maxCost: Double?
    /// Wall time of the whole task, compared with what the agent's `elapsed` tells; nil for no limit.
    package var timeLimit: Duration?
    /// What `run_command` gets when the model names no time, and what it gets at most.
    package var commandTime: Duration = .seconds(120)
    package var maxCommandTime: Duration = .seconds(600)
    /// Bytes of one tool result that the model sees; cut further for a small context window.
    package var resultLimit = 32 << 10
    /// Bytes of issue text, discussion, diffs and logs together in a stage's first message.
    package var contextLimit = 96 << 10
    /// The container image of `run_command`, for `SANDBOX=container`; nil for the configured one.
    package var image: String?
    package var loops = LoopLimits()

    package init() {}

    /// When a model that goes round in circles is told, and when it is stopped.
    package struct LoopLimits: Sendable, Hashable {
        /// The same call with the same result, so many times in one stage.
        package var toldAfterRepeats = 3
        package var stoppedAfterRepeats = 5
        /// Calls in a row that brought nothing that had not been seen before.
        package var toldAfterStaleCalls = 8
        package var stoppedAfterStaleCalls = 16
        /// Calls in a row that could not be read or do not fit their tool's schema.
        package var stoppedAfterInvalidCalls = 6
        /// Turns in a row with neither text nor call, cut by the output limit, or paused by the server.
        package var stoppedAfterEmptyTurns = 4

        package init() {}
    }
}
