import Domain
import LanguageModels
import Workspaces

/// How a stage ended, and after how many turns.
struct StageResult: Sendable {
    let ending: StageEnding
    /// It came as text, not by the ending tool.
    let spoke: Bool
    let turns: Int
}

/// The cause of a failure that lies in one stage alone: other than a budget, the next stage has its turns again.
package struct TurnsUsedUp: Error {
    package init() {}
}

extension Agent {
    /// A few reminders are worth their price, more are not.
    private static let nudgeLimit = 3

    /// Turn after turn until the stage ends.
    ///
    /// Every decision here rests on what the journal has recorded (turns, results, comments, elapsed time as it was then), never
    /// on the clock or the work tree, so that a replay takes the same way.
    func run(
        _ stage: Stage, iteration: Int, _ history: inout History, in tree: WorkTree, scope: ReviewScope? = nil
    ) async throws -> StageResult {
        let key = "\(stage.name).\(iteration)"
        let tools = ToolBox(stage)
        var state = StageState(settings)
        while true {
            state.turn += 1
            guard state.turn <= settings.maxTurnsPerStage else {
                throw TaskFailure(
                    .budget,
                    "The model did not come to an end within \(settings.maxTurnsPerStage) turns. Ask for less at once, or say more precisely what is wanted.",
                    cause: TurnsUsedUp())
            }
            try await takeComments(key, forTurn: state.turn, &state)
            deliver(&state, to: &history)
            if history.estimatedTokens > measures.compactionThreshold, !state.isFreshlyCompacted {
                try await sumUp(&history, key, &state)
            }
            let reply = try await turn(key, stage, iteration, state, history)
            switch reply.stop {
            case .refused(let why):
                throw TaskFailure(
                    .code,
                    "The model declined the request\(why.map { ": \(redact($0).prefix(300))" } ?? ""). Put it differently, or choose another model (MODEL_NAME)."
                )
            case .contextExhausted:
                guard !state.isFreshlyCompacted else {
                    throw TaskFailure(
                        .configuration,
                        "The task does not fit into the context window of \(model.name), not even summed up. Choose a model with a larger one (MODEL_NAME).")
                }
                try await sumUp(&history, key, &state)
                continue
            case .finished, .toolCalls, .outputLimit, .paused:
                state.isFreshlyCompacted = false
            }
            if let result = try await take(reply, stage, tools, iteration, &state, &history, in: tree, scope: scope) {
                // A comment that came while the model was ending is not lost: the work goes on with it.
                try await takeComments(key, forTurn: state.turn + 1, &state)
                guard !state.notes.isEmpty, state.turn < settings.maxTurnsPerStage else {
                    state.notes = []
                    deliver(&state, to: &history)
                    return result
                }
            }
        }
    }

    /// Appends a reply and does what it asks for. Returns how the stage ends, if it does.
    private func take(
        _ reply: ModelTurn, _ stage: Stage, _ tools: ToolBox, _ iteration: Int, _ state: inout StageState,
        _ history: inout History, in tree: WorkTree, scope: ReviewScope?
    ) async throws -> StageResult? {
        // A turn with nothing in it is not sent back: no wire takes an empty message.
        if !reply.text.isEmpty || !reply.calls.isEmpty || reply.stop == .paused { history.append(reply) }
        if reply.calls.isEmpty {
            return try takeText(reply, stage, &state)
        }
        (state.emptyTurns, state.nudges) = (0, 0)
        var room = ToolRoom(
            tree: tree, sandbox: sandbox, treeIsWritable: stage.treeIsWritable, resultLimit: measures.resultLimit,
            commandTime: settings.commandTime, maxCommandTime: settings.maxCommandTime, image: settings.image, scope: scope)
        room.refusedEndings = state.refusedEndings
        let ending = try await perform(reply.calls, stage, tools, iteration, room, &state, &history)
        if reply.stop == .outputLimit, ending == nil {
            state.notes.append(
                "Your reply was cut off at the output limit after the calls above; anything after them was lost. Take smaller steps: fewer calls in one turn, long files in several parts."
            )
        }
        noteBudgets(&state, &history)
        return ending.map { StageResult(ending: $0, spoke: false, turns: state.turn) }
    }

    /// A turn without calls: the end, a pause of the server, a cut, or a reason for a nudge.
    private func takeText(_ reply: ModelTurn, _ stage: Stage, _ state: inout StageState) throws -> StageResult? {
        let text = String(reply.text.drop(while: \.isWhitespace))
        if reply.stop == .finished || reply.stop == .toolCalls, !text.isEmpty {
            if let ending = stage.ending(text) { return StageResult(ending: ending, spoke: true, turns: state.turn) }
            state.nudges += 1
            if state.nudges >= Self.nudgeLimit {
                return StageResult(ending: stage.lastResort(text), spoke: true, turns: state.turn)
            }
            state.notes.append("That was text without a tool call. Go on with the tools, or end with \(stage.endingTools).")
            return nil
        }
        state.emptyTurns += 1
        guard state.emptyTurns < settings.loops.stoppedAfterEmptyTurns else {
            throw TaskFailure(
                .code,
                reply.stop == .outputLimit
                    ? "The model's replies were cut off at the output limit \(state.emptyTurns) times in a row. Ask for smaller steps, or choose another model (MODEL_NAME)."
                    : "The model gave \(state.emptyTurns) empty replies in a row. Try again, or choose another model (MODEL_NAME).")
        }
        switch reply.stop {
        case .paused: break
        case .outputLimit:
            state.notes.append(
                "Your reply was cut off at the output limit before any complete tool call. Take smaller steps: write long files in several parts, think less at once."
            )
        default: state.notes.append("Your reply was empty. Go on with the tools, or end with \(stage.endingTools).")
        }
        return nil
    }

    /// Puts results and notes into one message, as every wire wants it: results first.
    private func deliver(_ state: inout StageState, to history: inout History) {
        let text = state.notes.isEmpty ? nil : state.notes.joined(separator: "\n\n")
        if let results = state.results {
            history.append(results, text: text)
        } else if let text {
            history.tell(text)
        }
        (state.results, state.notes) = (nil, [])
    }

    private func noteBudgets(_ state: inout StageState, _ history: inout History) {
        state.notes += history.budgets.notices(
            usage: usage, elapsedSeconds: state.elapsedSeconds, turn: state.turn + 1)
    }

    private func takeComments(_ key: String, forTurn turn: Int, _ state: inout StageState) async throws {
        guard turn > state.inputsTakenFor else { return }
        state.inputsTakenFor = turn
        for input in try await journal.newInputs("\(key).inputs.\(turn)") where input.kind == .comment {
            let text = BoundedText.cut(InvisibleText.shown(redact(input.text)), to: measures.resultLimit)
            state.notes.append("A further comment on the request, by \(InvisibleText.shown(input.author)):\n\n\(text)")
        }
    }

    /// Replaces a history that has become too long.
    private func sumUp(_ history: inout History, _ key: String, _ state: inout StageState) async throws {
        let number = history.compactions + 1
        let long = history
        let summary = try await journal.step("\(key).compaction.\(number)") {
            let differing = try await changes?()
            let text = HistorySummary(
                of: long, changes: differing.map { InvisibleText.shown(redact($0)) }, limit: measures.summaryLimit
            ).text
            try await journal.record(
                Activity(.notice, title: "The conversation was summed up to make room", usage: usage))
            return text
        }
        history.replace(by: summary)
        state.isFreshlyCompacted = true
    }
}
