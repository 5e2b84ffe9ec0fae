import Domain

/// A task's budgets: what the model is told as they near their end, and when they are spent. Pure, so that a replay tells the same.
struct BudgetWatch: Sendable {
    private let settings: AgentSettings
    /// What has been told in this conversation, so that each level is told once.
    private var told: [String: Int] = [:]

    init(_ settings: AgentSettings) { self.settings = settings }

    private struct Level {
        let name: String
        let share: Double
        let text: String
    }

    /// One sentence for each budget that has just passed 80 or 95 hundredths.
    mutating func notices(usage: Usage, elapsedSeconds: Double, turn: Int) -> [String] {
        var notices: [String] = []
        for level in levels(usage, elapsedSeconds, turn) {
            let mark = level.share >= 0.95 ? 95 : level.share >= 0.8 ? 80 : 0
            guard mark > told[level.name, default: 0] else { continue }
            told[level.name] = mark
            notices.append(
                mark == 95
                    ? "\(level.text) are used up almost wholly. End now with what there is, and say what is missing."
                    : "\(level.text) are used up. Do what matters most, and come to an end.")
        }
        return notices
    }

    private func levels(_ usage: Usage, _ elapsedSeconds: Double, _ turn: Int) -> [Level] {
        var levels: [Level] = []
        func add(_ name: String, _ used: Double, of limit: Double, _ text: String) {
            guard limit > 0 else { return }
            levels.append(Level(name: name, share: used / limit, text: text))
        }
        let turns = settings.maxTurnsPerStage
        add("turns", Double(turn - 1), of: Double(turns), "\(turn - 1) of \(turns) turns of this stage")
        if let limit = settings.maxTokens {
            let used = usage.inputTokens + usage.outputTokens
            add("tokens", Double(used), of: Double(limit), "\(used) of the task's \(limit) tokens")
        }
        if let limit = settings.maxCost, let cost = usage.cost {
            add("cost", cost, of: limit, "\(Self.money(cost)) of the task's \(Self.money(limit)) US dollars")
        }
        if let limit = settings.timeLimit {
            let seconds = limit.inSeconds
            add("time", elapsedSeconds, of: seconds, "\(Int(elapsedSeconds / 60)) of the task's \(Int(seconds / 60)) minutes")
        }
        return levels
    }

    /// Why no further turn may be asked for.
    static func failure(
        _ settings: AgentSettings, usage: Usage, elapsed: Duration, nextInput: Int
    ) -> TaskFailure? {
        let used = usage.inputTokens + usage.outputTokens
        if let limit = settings.maxTokens, used >= limit || used + nextInput > limit {
            return TaskFailure(
                .budget,
                "The task has used \(used) tokens, and the next request would pass its limit of \(limit). Raise MAX_TOKENS_PER_TASK or ask for less at once.")
        }
        if let limit = settings.maxCost, usage.requests > 0 {
            guard let cost = usage.cost else {
                return TaskFailure(
                    .configuration,
                    "MAX_COST_USD_PER_TASK is set, but no price is known for the model that answered. Add its price to MODEL_PRICES_FILE, or limit tokens instead."
                )
            }
            if cost >= limit {
                return TaskFailure(
                    .budget,
                    "The task has cost about \(money(cost)) US dollars, and its limit is \(money(limit)). Raise MAX_COST_USD_PER_TASK or ask for less at once.")
            }
        }
        if let limit = settings.timeLimit, elapsed >= limit {
            return TaskFailure(
                .budget,
                "The task has run for \(Int(elapsed.inSeconds / 60)) minutes, which is its limit. Raise TASK_TIMEOUT or ask for less at once.")
        }
        return nil
    }

    /// Four decimals, without Foundation's formatting.
    static func money(_ value: Double) -> String {
        let scaled = Int((min(max(value, 0), 1e9) * 10_000).rounded())
        let fraction = String(scaled % 10_000)
        return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
