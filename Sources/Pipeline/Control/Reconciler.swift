import Domain
import Foundation
import GitLabAPI
import Logging

/// Looks from time to time for what webhooks have missed: a bot that was assigned to an issue or mentioned has a to-do,
/// whether a delivery came or not. Also prunes what is old.
package struct Reconciler: Sendable {
    private let parts: PipelineParts
    private let gitLab: GitLabAccess
    private let interval: Duration

    package init(parts: PipelineParts, gitLab: GitLabAccess, interval: Duration = .seconds(120)) {
        self.parts = parts
        self.gitLab = gitLab
        self.interval = interval
    }

    /// Until it is cancelled.
    package func run() async throws {
        while true {
            try await Task.sleep(for: interval)
            do {
                try await look()
            } catch is CancellationError {
                return
            } catch {
                parts.logger.warning("The look for missed commands failed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// One look; the number of commands that had been missed.
    @discardableResult
    package func look() async throws -> Int {
        let monthAgo = parts.now().addingTimeInterval(-30 * 86400)
        _ = try await parts.store.prune(endedBefore: monthAgo, limit: 500)
        _ = try await parts.store.pruneDeliveries(before: monthAgo, limit: 5000)
        let bot = try await gitLab.bot()
        var found = 0
        for todo in try await gitLab.client.pendingTodos(limit: 100) {
            guard let task = task(for: todo, bot: bot) else { continue }
            // A delivery has told it already.
            if let thread = task.threadKey, let last = try await parts.store.latestTask(thread: thread),
                let at = todo.createdAt?.date, last.createdAt >= at.addingTimeInterval(-60)
            {
                try await gitLab.client.markTodoDone(id: todo.id)
                continue
            }
            let missed = NewDelivery(
                id: "todo-\(todo.id)", meaning: meaning(of: todo), receivedAt: parts.now(), event: "todo",
                projectID: todo.project?.id, projectPath: todo.project?.path, task: task, reason: "missed_\(todo.action)")
            if case .accepted = try await parts.store.accept(missed) { found += 1 }
            try await gitLab.client.markTodoDone(id: todo.id)
        }
        return found
    }

    /// An assignment that no delivery has told. Younger than a minute it may still come by itself.
    private func task(for todo: GitLabTodo, bot: GitLabUser) -> CodingTask? {
        guard todo.action == "assigned", todo.targetType == "Issue", let issue = todo.target, let project = todo.project,
            let author = todo.author, author.id != bot.id, !author.isBot,
            let at = todo.createdAt?.date, parts.now().timeIntervalSince(at) > 60
        else { return nil }
        var generator = SystemRandomNumberGenerator()
        let id = TaskID.random(now: Int64(parts.now().timeIntervalSince1970 * 1000), using: &generator)
        let origin = GitLabOrigin(
            projectID: project.id, projectPath: project.path, subject: .issue(iid: issue.iid), trigger: .todo,
            requester: .init(id: author.id, username: author.username, name: author.name), at: at)
        return CodingTask(id: id, intent: "", origin: .gitLab(origin), createdAt: parts.now())
    }

    private func meaning(of todo: GitLabTodo) -> String? {
        guard let project = todo.project, let target = todo.target else { return nil }
        return "assignment:\(project.id):\(target.iid):\(Int(todo.createdAt?.date.timeIntervalSince1970 ?? 0))"
    }
}
