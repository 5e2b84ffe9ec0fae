import Domain
import Foundation
import GitLabAPI
import Logging

/// What people asked for while no delivery came through: a bot that was assigned to an issue, mentioned or asked for a review
/// has a to-do for it.
///
/// Anybody can make a to-do for the bot by naming it in a project of his own. So one counts only where a delivery would: in a
/// project of PROJECTS, or, when none is named, in one whose webhook has delivered here.
struct MissedCommands {
    let parts: PipelineParts
    let gitLab: GitLabAccess

    /// The number of commands that had been missed.
    func look() async throws -> Int {
        let bot = try await gitLab.bot()
        var found = 0
        for todo in try await gitLab.client.pendingTodos(limit: 100) {
            guard ["assigned", "review_requested", "mentioned", "directly_addressed"].contains(todo.action) else { continue }
            // Younger than a minute it may still be told by a delivery.
            guard let at = todo.createdAt?.date, parts.now().timeIntervalSince(at) > 60 else { continue }
            if try await isServed(todo), let missed = try await delivery(for: todo, bot: bot), case .accepted = try await parts.store.accept(missed) {
                found += 1
                parts.logger.notice(
                    "A command that no delivery has told", metadata: ["todo.id": "\(todo.id)", "todo.action": "\(todo.action)"])
            }
            try await gitLab.client.markTodoDone(id: todo.id)
        }
        return found
    }

    private func isServed(_ todo: GitLabTodo) async throws -> Bool {
        guard let project = todo.project else { return false }
        let verdict: AccessCheck.Verdict
        if gitLab.projects.isEmpty, !(try await parts.store.hasDelivered(projectID: project.id)) {
            verdict = .refused(reason: "no_hook_of_ours")
        } else {
            verdict = try await AccessCheck(gitLab: gitLab, now: parts.now()).place(project.id)
        }
        guard let reason = verdict.refusal else { return true }
        parts.logger.info(
            "A to-do from a project that the bot does not work in was set aside",
            metadata: ["todo.id": "\(todo.id)", "gitlab.project": "\(project.id)", "todo.refusal": "\(reason)"])
        return false
    }

    /// Nil for what is no command, and for an assignment or review request that was told already.
    private func delivery(for todo: GitLabTodo, bot: GitLabUser) async throws -> NewDelivery? {
        guard let author = todo.author, author.id != bot.id, !author.isBot else { return nil }
        switch todo.action {
        case "assigned", "review_requested":
            guard let task = duty(todo, by: author) else { return nil }
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

    /// An issue to work on, or a merge request to review; being made responsible for a merge request asks for nothing.
    private func duty(_ todo: GitLabTodo, by author: GitLabUser) -> CodingTask? {
        guard let target = todo.target else { return nil }
        return switch (todo.action, todo.targetType) {
        case ("assigned", "Issue"): task(for: todo, .change, "", .issue(iid: target.iid), by: author)
        case ("review_requested", "MergeRequest"): task(for: todo, .review, "", .mergeRequest(iid: target.iid), by: author)
        default: nil
        }
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
            // GitLab does not tell here who edited a comment, and it may have been somebody else.
            !note.isEdited(since: note.createdAt?.date),
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
        return "\(todo.action):\(project.id):\(target.iid):\(Int(todo.createdAt?.date.timeIntervalSince1970 ?? 0))"
    }
}
