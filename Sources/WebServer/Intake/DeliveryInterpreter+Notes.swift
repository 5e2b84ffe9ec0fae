import Domain
import GitLabAPI

extension DeliveryInterpreter {
    func decide(_ note: NoteEvent, in scene: Scene) -> Decision {
        if note.isSystem { return .ignore(reason: "system_note") }
        let user = scene.payload.actor
        if let bot = known, note.authorID == bot.id { return .ignore(reason: "own_note") }
        let person: GitLabOrigin.Person
        switch actor(user, own: "own_note") {
        case .ignored(let reason): return .ignore(reason: reason)
        case .person(let value): person = value
        }
        let isEdit = note.action != .create
        guard let (command, trigger) = command(in: note.text) else {
            return isEdit ? .ignore(reason: "edited_without_command") : join(note, by: person, in: scene)
        }
        guard note.isInAuthorsWords(of: user) else {
            return .ignore(reason: isEdit ? "edited_by_other" : "contradictory_author")
        }
        guard let subject = subject(of: note) else { return .ignore(reason: "unsupported_noteable") }
        let (kind, intent) = command.task
        return .task(
            task(kind, intent, trigger, note, subject, by: person, in: scene), reason: "command_\(Self.word(for: command))",
            // However often a note is edited, and by whichever hook it comes: it starts one task.
            meaning: scene.payload.startingMeaning)
    }

    /// Further words in a thread go to the task that is at work there; in a thread of a merge request they may also answer a finding
    /// or the summary of a review.
    private func join(_ note: NoteEvent, by person: GitLabOrigin.Person, in scene: Scene) -> Decision {
        let text = PlainText.cleaned(note.text)
        guard let subject = subject(of: note), !text.isEmpty, known != nil, note.isInAuthorsWords(of: scene.payload.actor) else {
            return .ignore(reason: "no_command")
        }
        var need = NewDelivery.Need.openTask
        if case .mergeRequest = subject, note.position != nil || note.type == "DiscussionNote" { need = .openTaskOrReview }
        return .taskInThread(
            task(.join, text, .comment, note, subject, by: person, in: scene), needs: need, reason: "joined", otherwise: "no_command")
    }

    private func task(
        _ kind: CodingTask.Kind, _ intent: String, _ trigger: GitLabOrigin.Trigger, _ note: NoteEvent, _ subject: GitLabOrigin.Subject,
        by person: GitLabOrigin.Person, in scene: Scene
    ) -> CodingTask {
        scene.task(kind, intent, trigger: trigger, subject: subject, by: person, at: note.updatedAt ?? note.createdAt) { origin in
            origin.noteID = note.id
            origin.discussionID = note.discussionID
            if case .mergeRequest(let facts) = note.subject { origin.headSHA = facts.headSHA }
            origin.position = note.position.map { position in
                GitLabOrigin.DiffPosition(
                    oldPath: position.oldPath, newPath: position.newPath, startLine: position.startLineNumber,
                    endLine: position.endLineNumber, isOldSide: position.isOldSide, headSHA: position.headSHA)
            }
        }
    }

    private func subject(of note: NoteEvent) -> GitLabOrigin.Subject? {
        switch note.subject {
        case .issue(let issue): .issue(iid: issue.iid)
        case .mergeRequest(let mergeRequest): .mergeRequest(iid: mergeRequest.iid)
        case .commit, .snippet, .other: nil
        }
    }

    private static func word(for command: Command) -> String {
        switch command {
        case .change: "do"
        case .review: "review"
        case .answer: "ask"
        case .plan: "plan"
        case .approve: "approve"
        case .fix: "fix"
        case .stop: "stop"
        case .status: "status"
        case .retry: "retry"
        case .help: "help"
        case .unknown: "unknown"
        }
    }
}
