import Domain
import Foundation
import GitLabAPI

/// What runs, or ran last, on an issue or merge request.
struct StatusNote {
    let run: TaskRun
    let thread: String

    func markdown() async throws -> Markdown {
        let open = try await run.parts.store.openTasks(thread: thread)
        if !open.isEmpty { return .lines(open.prefix(5).map(line)) }
        guard let last = try await run.parts.store.latestTask(thread: thread) else { return "Nothing has run here so far." }
        return line(last)
    }

    private func line(_ record: TaskRecord) -> Markdown {
        var text: Markdown = "- Task \(Markdown.code(record.task.id.rawValue)): **\(record.status.rawValue)**, \(record.progress) %"
        if record.state == .queued, record.status == .pending { text = "\(text), waiting for a free worker" }
        if let started = record.startedAt {
            let seconds = Int((record.endedAt ?? run.parts.now()).timeIntervalSince(started))
            text = "\(text), \(seconds / 60) min \(seconds % 60) s"
        }
        if let made = record.result?.mergeRequest { text = "\(text), \(Markdown.mergeRequest(made.iid))" }
        if let error = record.result?.error { text = "\(text). \(error)" }
        return text
    }
}
