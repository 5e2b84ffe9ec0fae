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
            guard ["assigned", "mentioned", "directly_addressed"].contains(todo.action) else { continue }
            // Younger than a minute it may still be told by a delivery.
            guard let at = todo.createdAt?.date, parts.now().timeIntervalSince(at) > 60 else { continue }
            if let missed = try await delivery(for: todo, bot: bot), case .accepted = try await parts.store.accept(missed) {
                found += 1
                parts.logger.notice(
                    "A command that no delivery has told", metadata: ["todo.id": "\(todo.id)", "todo.action": "\(todo.action)"])
            }
            try await gitLab.client.markTodoDone(id: todo.id)
        }
        return found
    }

    /// Nil for what is no command, and for an assignment that was told already.
    private func delivery(for todo: GitLabTodo, bot: GitLabUser) async throws -> NewDelivery? {
        guard let author = todo.author, author.id != bot.id, !author.isBot else { return nil }
        switch todo.action {
        case "assigned":
            guard let task = assignment(todo, by: author) else { return nil }
            if let thread = task.threadKey, let last = try await parts.store.latestTask(thread: thread),
                let at = todo.createdAt?.date, last.createdAt >= at.addingTimeInterval(-60)
            {
                return nil
            }
            return missed(todo, task, meaning: meaning(of: todo))
        case "mentioned", "directly_addressed":
            guard let task = try await command(in: todo, by: author, bot: bot), let note = todo.noteID else { return nil }
            // What a delivery of the same note is known by.
            return missed(todo, task, meaning: "\(todo.project?.id ?? 0):note:\(note)")
        default: return nil
        }
    }

    private func missed(_ todo: GitLabTodo, _ task: CodingTask, meaning: String?) -> NewDelivery {
        NewDelivery(
            id: "todo-\(todo.id)", meaning: meaning, receivedAt: parts.now(), event: "todo", projectID: todo.project?.id,
            projectPath: todo.project?.path, task: task, reason: "missed_\(todo.action)")
    }

    private func assignment(_ todo: GitLabTodo, by author: GitLabUser) -> CodingTask? {
        guard todo.targetType == "Issue", let issue = todo.target else { return nil }
        return task(for: todo, .change, "", .issue(iid: issue.iid), by: author)
    }

    /// The command in a comment that mentions the bot, in the words that it has now.
    private func command(in todo: GitLabTodo, by author: GitLabUser, bot: GitLabUser) async throws -> CodingTask? {
        guard let project = todo.project, let target = todo.target, let noteID = todo.noteID else { return nil }
        let (subject, place): (GitLabOrigin.Subject, NoteTarget)
        switch todo.targetType {
        case "Issue": (subject, place) = (.issue(iid: target.iid), .issue(projectID: project.id, iid: target.iid))
        case "MergeRequest": (subject, place) = (.mergeRequest(iid: target.iid), .mergeRequest(projectID: project.id, iid: target.iid))
        default: return nil
        }
        guard let note = try await gitLab.client.note(id: noteID, on: place), !note.isSystem, note.author?.id == author.id,
            let command = CommandParser(trigger: parts.settings.trigger, botUsername: bot.username).parse(note.body)
        else { return nil }
        let thread = try await gitLab.client.discussions(on: place).first { $0.notes.contains { $0.id == noteID } }
        var task = task(for: todo, command.task.kind, command.task.intent, subject, by: author)
        if case .gitLab(var origin)? = task?.origin {
            origin.noteID = noteID
            origin.discussionID = thread?.id
            origin.isConfidential = note.isHidden
            task?.origin = .gitLab(origin)
        }
        return task
    }

    private func task(
        for todo: GitLabTodo, _ kind: CodingTask.Kind, _ intent: String, _ subject: GitLabOrigin.Subject, by author: GitLabUser
    ) -> CodingTask? {
        guard let project = todo.project, let at = todo.createdAt?.date else { return nil }
        var generator = SystemRandomNumberGenerator()
        let id = TaskID.random(now: Int64(parts.now().timeIntervalSince1970 * 1000), using: &generator)
        let origin = GitLabOrigin(
            projectID: project.id, projectPath: project.path, subject: subject, trigger: .todo,
            requester: .init(id: author.id, username: author.username, name: author.name), at: at)
        return CodingTask(id: id, kind: kind, intent: intent, origin: .gitLab(origin), createdAt: parts.now())
    }

    private func meaning(of todo: GitLabTodo) -> String? {
        guard let project = todo.project, let target = todo.target else { return nil }
        return "assignment:\(project.id):\(target.iid):\(Int(todo.createdAt?.date.timeIntervalSince1970 ?? 0))"
    }
}
