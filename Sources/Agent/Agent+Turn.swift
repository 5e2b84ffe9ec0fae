import Domain
import LanguageModels
import Logging

extension Agent {
    /// The next turn of the model, asked for once in the life of the task.
    func turn(
        _ key: String, _ stage: Stage, _ iteration: Int, _ state: StageState, _ history: History
    ) async throws -> ModelTurn {
        let before = usage
        let reply = try await journal.step("\(key).turn.\(state.turn)") {
            let reply = try await ask(stage, iteration, state, history, usage: before)
            if !reply.text.isEmpty {
                let text = InvisibleText.shown(redact(reply.text))
                let title = String(text.prefix(while: { !$0.isNewline }).prefix(200))
                try await journal.record(
                    Activity(
                        .said, title: title, detail: title == text ? nil : BoundedText.cut(text, to: 8 << 10), usage: before + reply.asUsage))
            }
            return reply
        }
        count(reply)
        return reply
    }

    private func ask(
        _ stage: Stage, _ iteration: Int, _ state: StageState, _ history: History, usage: Usage
    ) async throws -> ModelTurn {
        try Task.checkCancellation()
        if let failure = BudgetWatch.failure(
            settings, usage: usage, elapsed: elapsed(), nextInput: history.estimatedTokens)
        {
            throw failure
        }
        try await allow(usage)
        let live = AgentProgress(stage: stage.name, iteration: iteration, turn: state.turn, event: .asking, usage: usage)
        progress(live)
        let written = WrittenCharacters(live, report: progress)
        do {
            return try await model.turn(history.conversation, maxOutputTokens: measures.maxOutputTokens) { written.add($0) }
        } catch let failure as ModelFailure where failure.reason == .contextExhausted {
            // Recorded like a turn that ran out of room, so that a replay sums up at the same place.
            return ModelTurn(
                text: "", calls: [], stop: .contextExhausted, usage: TokenUsage(input: 0, output: 0), model: model.name,
                cost: 0, raw: "", source: "")
        } catch let failure as ModelFailure {
            logger.debug("Model call failed", metadata: ["model.name": "\(model.name)", "model.failure": "\(failure.reason)"])
            throw failure.asTaskFailure
        }
    }
}

extension ModelTurn {
    var asUsage: Usage {
        Usage(
            requests: 1, inputTokens: usage.input, cachedTokens: usage.cacheRead, outputTokens: usage.output, cost: cost,
            isEstimated: usage.isEstimated)
    }
}
