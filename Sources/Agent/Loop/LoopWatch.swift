import LanguageModels

/// Notices a model that goes round in circles: the same call with the same result, or nothing new for a long time.
struct LoopWatch: Sendable {
    enum Verdict: Sendable, Hashable {
        case fine
        case tell(String)
        case stop(String)
    }

    private let limits: AgentSettings.LoopLimits
    private var looks: [String: Int] = [:]
    private var changes: [String: Int] = [:]
    private var stale = 0
    private var invalid = 0

    init(_ limits: AgentSettings.LoopLimits) { self.limits = limits }

    mutating func observe(_ call: ToolCall, _ outcome: CallOutcome) -> Verdict {
        invalid = outcome.isInvalid ? invalid + 1 : 0
        if invalid >= limits.stoppedAfterInvalidCalls {
            return .stop(
                "The model made \(invalid) tool calls in a row that could not be run; the last one: \(outcome.content.prefix(300)) Try again, or choose a model that is better at tool calls (MODEL_NAME)."
            )
        }
        let key = [call.name, call.arguments.text, outcome.content].joined(separator: "\u{0}")
        let isChange = !outcome.changedPaths.isEmpty
        let count: Int
        if isChange {
            count = changes[key, default: 0] + 1
            changes[key] = count
            // After a change the same look may well bring the same result, and rightly.
            if count == 1 { looks = [:] }
        } else {
            count = looks[key, default: 0] + 1
            looks[key] = count
        }
        stale = count == 1 ? 0 : stale + 1
        if count >= limits.stoppedAfterRepeats {
            return .stop(
                "The model went round in circles: it called `\(call.name)` \(count) times with the same arguments and the same result. Say more precisely what is wanted, or choose a stronger model (MODEL_NAME)."
            )
        }
        if stale >= limits.stoppedAfterStaleCalls {
            return .stop(
                "The model went round in circles: its last \(stale) tool calls brought nothing new. Say more precisely what is wanted, or choose a stronger model (MODEL_NAME)."
            )
        }
        if count == limits.toldAfterRepeats {
            return .tell(
                "You have called `\(call.name)` \(count) times with the same arguments, and the result is the same each time. Do something else.")
        }
        if stale == limits.toldAfterStaleCalls {
            return .tell("Your last \(stale) calls brought nothing new. Decide with what you know, and go on or end.")
        }
        return .fine
    }
}

extension ToolCall.Arguments {
    fileprivate var text: String {
        switch self {
        case .object(let text): text
        case .malformed(let text, _): text
        }
    }
}
