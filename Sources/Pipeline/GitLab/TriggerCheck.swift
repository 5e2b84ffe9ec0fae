import Domain
import GitLabAPI

/// Whether what a delivery told is so: the comment is there, of that author, and still holds the command; the bot is assigned or
/// asked for a review.
///
/// A delivery proves only that its sender knows a secret, or may edit a webhook that has one: GitLab lets a Maintainer write the
/// body of its deliveries. Without this look, whoever can do either could put words into anybody's mouth, in every project. What the
/// task works on stays what the delivery said: a comment that reads otherwise by now, or was deleted before the task began, ends it.
struct TriggerCheck {
    let run: TaskRun
    let origin: GitLabOrigin
    let gitLab: GitLabAccess

    /// Looked at once in the task's life: the author may tidy up while it runs.
    /// - Throws: `TaskFailure` of kind cancelled when the command does not stand there.
    func confirm() async throws {
        try await confirmProject()
        try await run.steps.step(Self.step) {
            try await look()
            return true
        }
    }

    private static let step = "command.confirmed"

    /// Whether an ended task's command was seen to be so, or is so now. One that was told and never was is nothing to be done again.
    func holdsGood() async throws -> Bool {
        if try await run.parts.store.outcome(ofStep: Self.step, task: run.task.id) != nil { return true }
        do {
            try await look()
            return true
        } catch let failure as TaskFailure where failure.kind == .cancelled {
            return false
        }
    }

    private func look() async throws {
        switch origin.trigger {
        case .comment, .mention, .reply:
            if let noteID = origin.noteID { try await confirm(note: noteID) }
        case .todo, .assignment, .reviewRequest, .label:
            if let noteID = origin.noteID { try await confirm(note: noteID) } else { try await confirmWish() }
        case .reaction:
            if run.task.retryOf == nil, let noteID = origin.noteID { try await confirm(reactionTo: noteID) }
        case .pipeline, .closed, .unassigned, .branchDeleted, .thread, .push: break
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

    private func confirm(note id: Int64) async throws {
        guard let note = try await again.find({ try await comment(id) }) else {
            return try await stopWhereAllIsTold("The comment with the command is no longer there, so nothing was done. Ask again in a new comment.")
        }
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
    }

    /// Some servers show comments only as a list.
    private func comment(_ id: Int64) async throws -> GitLabNote? {
        if let note = try await gitLab.client.note(id: id, on: place) { return note }
        return try await newestNotes(100)?.first { $0.id == id }
    }

    private func newestNotes(_ count: Int) async throws -> [GitLabNote]? {
        do {
            return try await gitLab.client.notes(on: place, limit: count, newestFirst: true)
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
    }

    /// Stops the work for something that GitLab does not show. A server that tells less than any GitLab does may have left it out.
    private func stopWhereAllIsTold(_ sentence: String) async throws {
        if try await commentCount() != nil { throw stopped(sentence) }
    }

    /// Not inlined: the optimiser of Swift 6.3.1 crashes where it is.
    @inline(never)
    private func commentCount() async throws -> Int? {
        switch origin.subject {
        case .issue(let iid): try await gitLab.client.issue(projectID: origin.projectID, iid: iid).commentCount
        case .mergeRequest(let iid): try await gitLab.client.mergeRequest(projectID: origin.projectID, iid: iid).commentCount
        }
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

    private func confirm(reactionTo id: Int64) async throws {
        let awards = try await gitLab.client.awards(on: place, note: id)
        guard awards.contains(where: { $0.user?.id == origin.requester.id && $0.name.hasPrefix("thumbsup") }) else {
            throw stopped("The thumbs-up of @\(origin.requester.username) was taken back, so the plan was not approved.")
        }
    }

    // MARK: Assignments, review requests and labels

    private func confirmWish() async throws {
        let bot = try await gitLab.bot()
        switch (origin.trigger, origin.subject) {
        case (.label, _):
            guard let label = run.parts.settings.labelTrigger else { return }
            guard try await again.isSo({ try await labels().contains(label) }) else {
                return try await stopWhereAllIsTold("The label was taken off again meanwhile, so nothing was done.")
            }
        case (_, .issue(let iid)):
            let issue = try await again.find {
                let issue = try await gitLab.client.issue(projectID: origin.projectID, iid: iid)
                return issue.assignees.contains { $0.id == bot.id } ? issue : nil
            }
            guard let issue else { return try await stopWhereAllIsTold("The issue was taken off the bot again meanwhile, so nothing was done.") }
            // Made with the bot as its assignee, it has no line about that.
            guard issue.author?.id != origin.requester.id else { return }
            guard try await again.isSo({ try await tellsAssignment(to: bot) }) else {
                return try await stopWhereAllIsTold(
                    "GitLab does not tell that @\(origin.requester.username) assigned the issue to the bot, so nothing was done. Ask in a comment.")
            }
        case (_, .mergeRequest(let iid)):
            let isAsked = try await again.isSo {
                try await gitLab.client.mergeRequest(projectID: origin.projectID, iid: iid).reviewers.contains { $0.id == bot.id }
            }
            guard isAsked else { return try await stopWhereAllIsTold("The review request was taken back meanwhile, so nothing was done.") }
        }
    }

    private func labels() async throws -> [String] {
        switch origin.subject {
        case .issue(let iid): try await gitLab.client.issue(projectID: origin.projectID, iid: iid).labels
        case .mergeRequest(let iid): try await gitLab.client.mergeRequest(projectID: origin.projectID, iid: iid).labels
        }
    }

    /// Whether a line of GitLab's own history says that the requester gave the issue to the bot: `assigned to @a and unassigned @b`.
    private func tellsAssignment(to bot: GitLabUser) async throws -> Bool {
        guard let history = try await newestNotes(300) else { return false }
        return history.contains { note in
            guard note.isSystem, note.author?.id == origin.requester.id, note.body.hasPrefix("assigned to ") else { return false }
            let given = note.body.firstRange(of: "unassigned ").map { note.body[..<$0.lowerBound] } ?? note.body[...]
            return given.split(whereSeparator: { " ,\n".contains($0) }).contains { $0.lowercased() == "@\(bot.username.lowercased())" }
        }
    }

    private var again: SecondLook { SecondLook(toldAt: origin.at, now: run.parts.now) }

    private func stopped(_ sentence: String) -> TaskFailure { TaskFailure(.cancelled, sentence) }
}
