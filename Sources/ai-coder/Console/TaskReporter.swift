import Agent
import Domain
import Foundation
import Synchronization

/// Follows one task's journal and tells it on the console: a line for each stage, and a live line in between.
final class TaskReporter: Sendable {
    private let console: Console
    private let begun = Date()
    private let state = Mutex(State())

    private struct State {
        var stage = "waiting"
        var iteration: Int?
        var doing = ""
        var usage = Usage()
    }

    init(console: Console) { self.console = console }

    /// Until the task has ended or the caller is cancelled.
    func follow(_ id: TaskID, in journal: any Journal) async throws {
        let growth = journal.growth()
        var seen: Int64 = 0
        func catchUp() async throws {
            while true {
                let entries = try await journal.entries(of: id, after: seen, kinds: [.status, .activity], limit: 200)
                guard let last = entries.last else { return }
                seen = last.sequence
                for entry in entries { tell(entry) }
            }
        }
        try await catchUp()
        for await grown in growth where grown == id { try await catchUp() }
    }

    /// Keeps the elapsed time on the live line going.
    func tick() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil { refresh() }
    }

    func progress(_ progress: AgentProgress) {
        state.withLock { state in
            state.usage = progress.usage
            switch progress.event {
            case .asking: state.doing = "asking the model"
            case .writing(let characters): state.doing = "the model writes (\(characters))"
            case .tool(let name, let subject): state.doing = "\(name) \(subject)"
            case .turnEnded: state.doing = ""
            }
        }
        refresh()
    }

    private func tell(_ entry: JournalEntry) {
        switch entry.kind {
        case .status:
            guard let change = try? JSONDecoder().decode(StatusChange.self, from: entry.payload) else { return }
            let round = state.withLock { state in
                state.stage = change.status
                state.iteration = change.iteration ?? state.iteration
                state.doing = ""
                return change.iteration
            }
            var line = "[\(elapsed)] \(change.status)"
            if let round, change.status == "coding" || change.status == "testing" { line += " (iteration \(round))" }
            if change.status == "coding", round == 1, let plan = change.plan { line += ": \(plan.summary)" }
            if let message = change.error ?? change.message { line += ": \(message)" }
            console.say(line)
        case .activity:
            guard let activity = try? JSONDecoder().decode(Activity.self, from: entry.payload) else { return }
            switch activity.kind {
            case .warning: console.say("[\(elapsed)] warning: \(activity.title)")
            case .test, .notice: console.say("[\(elapsed)]   \(activity.title)")
            case .said, .tool: if console.isVerbose { console.say("[\(elapsed)]   \(activity.title)") }
            }
        default: return
        }
        refresh()
    }

    private func refresh() {
        let now = state.withLock { $0 }
        var line = "\(now.stage)"
        if let iteration = now.iteration { line += " · iteration \(iteration)" }
        line += " · \(elapsed)"
        if now.usage.requests > 0 {
            line += " · \(Self.short(now.usage.inputTokens)) in, \(Self.short(now.usage.outputTokens)) out"
            if let cost = now.usage.cost { line += String(format: " · about $%.2f", cost) }
        }
        if !now.doing.isEmpty { line += " · \(now.doing)" }
        console.show(live: line)
    }

    private var elapsed: String {
        let seconds = Int(Date().timeIntervalSince(begun))
        return String(format: "%d:%02d", seconds / 60, seconds % 60)
    }

    private static func short(_ tokens: Int) -> String {
        tokens < 1000 ? "\(tokens)" : tokens < 1_000_000 ? String(format: "%.1fk", Double(tokens) / 1000) : String(format: "%.2fM", Double(tokens) / 1e6)
    }
}
