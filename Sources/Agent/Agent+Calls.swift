import Domain
import LanguageModels
import Workspaces

extension Agent {
    /// Runs a turn's calls one after another. Every call gets a result, also those that are not run.
    func perform(
        _ calls: [ToolCall], _ stage: Stage, _ tools: ToolBox, _ iteration: Int, _ room: ToolRoom,
        _ state: inout StageState, _ history: inout History
    ) async throws -> StageEnding? {
        let key = "\(stage.name).\(iteration).turn.\(state.turn)"
        var results: [ToolResult] = []
        var ending: (StageEnding, tool: String)?
        var failed: String?
        var bytes = 0
        for (index, call) in calls.enumerated() {
            var outcome: CallOutcome
            if let ending {
                outcome = CallOutcome(content: "Not run: `\(ending.tool)` before it has ended the stage.", isError: true)
            } else if index >= settings.maxCallsPerTurn {
                outcome = CallOutcome(
                    content: "Not run: at most \(settings.maxCallsPerTurn) calls are run in one turn. Call it again.", isError: true)
            } else {
                let share = min(measures.resultLimit, max(1024, measures.turnLimit - bytes))
                outcome = try await perform(
                    call, "\(key).call.\(index + 1)", stage, tools, iteration, state.turn, room, limit: share, failed: failed)
                state.elapsedSeconds = outcome.elapsedSeconds
                switch state.watch.observe(call, outcome) {
                case .fine: break
                case .tell(let text): state.notes.append(text)
                case .stop(let text): throw TaskFailure(.code, text)
                }
                if let end = outcome.ending { ending = (end, call.name) }
                if outcome.isError {
                    failed = failed ?? call.name
                    if stage.endsWith(call.name) { state.refusedEndings += 1 }
                }
            }
            bytes += outcome.content.utf8.count
            history.note(call: line(for: call, tools), outcome)
            results.append(ToolResult(callID: call.id, content: outcome.content, isError: outcome.isError))
        }
        state.results = results
        report(.turnEnded, stage, iteration, state.turn)
        return ending?.0
    }

    /// One call as a durable step.
    private func perform(
        _ call: ToolCall, _ key: String, _ stage: Stage, _ tools: ToolBox, _ iteration: Int, _ turn: Int, _ room: ToolRoom,
        limit: Int, failed: String?
    ) async throws -> CallOutcome {
        let resolved: ToolBox.Resolved
        do {
            resolved = try tools.resolve(call)
        } catch {
            let text = BoundedText.cut(redact(error.message), to: limit)
            return try await journal.step(key) {
                try await journal.record(Activity(.warning, title: "A tool call could not be run", detail: text, usage: usage))
                return CallOutcome(content: text, isError: true, isInvalid: true, elapsedSeconds: elapsed().inSeconds)
            }
        }
        let effect = resolved.tool.effect
        if case .ends = effect, let failed {
            return try await journal.step(key) {
                CallOutcome(
                    content: "Not taken: `\(failed)` in this turn failed, and you have not seen its result yet. See to it, then end.",
                    isError: true, elapsedSeconds: elapsed().inSeconds)
            }
        }
        return try await journal.step(key, changesTree: effect.changesTree(in: stage)) {
            report(.tool(name: resolved.tool.name, subject: redact(resolved.subject)), stage, iteration, turn)
            var outcome = try await outcome(of: resolved, in: room, limit: limit)
            outcome.elapsedSeconds = elapsed().inSeconds
            if !effect.isEnding || outcome.isError {
                try await journal.record(
                    Activity(
                        .tool, title: InvisibleText.shown(redact("\(resolved.tool.name) \(resolved.subject)")),
                        detail: BoundedText.cut(outcome.content, to: 4 << 10), usage: usage))
            }
            return outcome
        }
    }

    private func outcome(of call: ToolBox.Resolved, in room: ToolRoom, limit: Int) async throws -> CallOutcome {
        var room = room
        room.resultLimit = limit
        do {
            let output = try await call.tool.run(call.arguments, in: room)
            var text = InvisibleText.shown(redact(output.text))
            if !call.arguments.unknown.isEmpty {
                text += "\n(unknown and without effect: \(call.arguments.unknown.prefix(8).joined(separator: ", ")))"
            }
            return CallOutcome(
                content: BoundedText.cut(text, to: limit, keeping: output.keeping), changedPaths: output.changedPaths,
                ending: output.ending)
        } catch let problem as ToolProblem {
            return error(problem.message, limit)
        } catch let failure as FileFailure {
            return error(failure.message, limit)
        } catch let failure as TaskFailure {
            throw failure
        } catch let cancellation as CancellationError {
            throw cancellation
        } catch {
            throw TaskFailure(.system, "The tool `\(call.tool.name)` failed for a reason of our own; see the log.", cause: error)
        }
    }

    private func error(_ message: String, _ limit: Int) -> CallOutcome {
        CallOutcome(content: BoundedText.cut(InvisibleText.shown(redact(message)), to: limit), isError: true)
    }

    private func line(for call: ToolCall, _ tools: ToolBox) -> String {
        let name = InvisibleText.shown(String(call.name.prefix(80)))
        guard let subject = try? tools.resolve(call).subject, !subject.isEmpty else { return name }
        return "\(name) \(InvisibleText.shown(redact(subject)))"
    }

    private func report(_ event: AgentProgress.Event, _ stage: Stage, _ iteration: Int, _ turn: Int) {
        progress(AgentProgress(stage: stage.name, iteration: iteration, turn: turn, event: event, usage: usage))
    }
}

extension Stage {
    func endsWith(_ name: String) -> Bool {
        tools.contains { $0.name == name && $0.effect.isEnding }
    }
}

extension ToolEffect {
    var isEnding: Bool { if case .ends = self { true } else { false } }

    /// Whether the work tree may be another one afterwards.
    func changesTree(in stage: Stage) -> Bool {
        switch self {
        case .changesFiles: true
        case .runsCommands: stage.treeIsWritable
        case .reads, .ends: false
        }
    }
}
