import Domain
import GitLabAPI

/// Whether what a delivery told is so: the comment is of that author and still holds the command.
///
/// A delivery proves only that its sender knows a secret. Without this look, whoever knows one could put other words into
/// somebody's mouth. What the task works on stays what the delivery said: a comment that reads otherwise by now ends the task.
/// One that was deleted does not: it has been heard, and `stop` is what ends work. Secrets that are bound to projects are
/// what keeps one project's deliveries from speaking for another.
struct TriggerCheck {
    let run: TaskRun
    let origin: GitLabOrigin
    let gitLab: GitLabAccess

    /// Looked at once in the task's life: the author may tidy up while it runs.
    /// - Throws: `TaskFailure` of kind cancelled when the command does not stand there.
    func confirm() async throws {
        try await confirmProject()
        switch origin.trigger {
        case .comment, .mention, .todo, .reply, .assignment, .reviewRequest, .label:
            guard let noteID = origin.noteID else { return }
            try await run.steps.step("command.confirmed") { try await confirm(note: noteID) }
        case .reaction:
            guard run.task.retryOf == nil, let noteID = origin.noteID else { return }
            try await run.steps.step("command.confirmed") { try await confirm(reactionTo: noteID) }
        case .pipeline, .closed, .unassigned, .branchDeleted, .thread, .push: return
        }
    }

    /// A secret may be bound to a project by its path, which a payload may claim for another project's number.
    func confirmProject() async throws {
        guard gitLab.bindsSecrets, !origin.projectPath.isEmpty else { return }
        try await run.steps.step("project.confirmed") {
            let project = try await gitLab.client.project(id: origin.projectID)
            guard project.path.lowercased() == origin.projectPath.lowercased() else {
                throw stopped("The project is not called \(origin.projectPath), as the delivery said, so nothing was done. Ask again.")
            }
            return true
        }
    }

    private var place: NoteTarget {
        switch origin.subject {
        case .issue(let iid): .issue(projectID: origin.projectID, iid: iid)
        case .mergeRequest(let iid): .mergeRequest(projectID: origin.projectID, iid: iid)
        }
    }

    private func confirm(note id: Int64) async throws -> Bool {
        guard let note = try await gitLab.client.note(id: id, on: place) else { return true }
        // A reply stays its author's when somebody else has it done again.
        let author = origin.trigger == .reply ? origin.wordsOf ?? origin.requester : origin.requester
        guard !note.isSystem, note.author?.id == author.id else {
            throw stopped("The comment with the command is not of @\(author.username), so nothing was done.")
        }
        guard origin.isConfidential || !note.isHidden else {
            throw stopped("The comment with the command is an internal one by now, so nothing was done. Ask again in a new comment.")
        }
        guard try await holds(note.body) else {
            throw stopped("The comment with the command was changed after it was given, so nothing was done. Ask again in a new comment.")
        }
        return true
    }

    private func holds(_ body: String) async throws -> Bool {
        let task = run.task
        // Not commands: words that go to a running task or answer a finding.
        if task.kind == .join || origin.trigger == .reply { return PlainText.cleaned(body) == task.intent }
        let bot = try await gitLab.bot()
        guard let command = CommandParser(trigger: run.parts.settings.trigger, botUsername: bot.username).parse(body)?.task else { return false }
        // A task that is tried again may point at the comment that asked for the new try.
        if task.retryOf != nil, command.kind == .retry { return true }
        return command.kind == task.kind && command.intent == task.intent
    }

    private func confirm(reactionTo id: Int64) async throws -> Bool {
        let awards = try await gitLab.client.awards(on: place, note: id)
        guard awards.contains(where: { $0.user?.id == origin.requester.id && $0.name.hasPrefix("thumbsup") }) else {
            throw stopped("The thumbs-up of @\(origin.requester.username) was taken back, so the plan was not approved.")
        }
        return true
    }

    private func stopped(_ sentence: String) -> TaskFailure { TaskFailure(.cancelled, sentence) }
}
