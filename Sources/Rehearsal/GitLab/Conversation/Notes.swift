import Foundation

/// What became of a comment: kept, or nothing but slash commands.
enum NoteOutcome: Sendable {
    case stored(GitLabWorld.Note)
    case onlyCommands([QuickActions.Action])
}

extension GitLabWorld {
    static let noteLimit = 1_000_000

    /// Adds a comment as GitLab does: slash commands are cut out and run, mentions make to-dos, hooks fire. `discussionID`
    /// answers in a thread; `startsThread` opens one.
    func createNote(
        on target: Noteable, by userID: Int, body: String, isInternal: Bool = false, discussionID: String? = nil,
        startsThread: Bool = false, position: DiffPosition? = nil
    ) async throws -> NoteOutcome {
        guard let projectID = projectID(of: target) else { throw Refusal.notFound }
        guard !body.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty else {
            throw Refusal.badRequest("400 Bad request - Note {:note=>[\"can't be blank\"]}")
        }
        guard body.unicodeScalars.count <= Self.noteLimit else {
            throw Refusal.badRequest("400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}")
        }
        try checkLock(target, userID)
        var placed = position
        var suggestions: [Suggestion] = []
        if let position, target.kind == .mergeRequest {
            let line = try await place(position, on: target.id)
            placed?.lineCode = line.code
            suggestions = makeSuggestions(in: body, position: position, newSide: line.newSide)
        }
        let thread = discussionID.flatMap { id in notes.values.first { $0.discussionID == id && $0.noteable == target } }
        if discussionID != nil, thread == nil { throw Refusal.notFound("Discussion") }

        let read = QuickActions(reading: body)
        if read.remainder.isEmpty {
            try await run(read.actions, on: target, by: userID, source: "note")
            return .onlyCommands(read.actions)
        }
        let date = now()
        var kind: String?
        if placed != nil { kind = "DiffNote" } else if startsThread || thread != nil { kind = thread?.kind ?? "DiscussionNote" }
        if let thread, thread.kind == nil {
            // An answer turns a plain comment into a thread.
            notes[thread.id]?.kind = "DiscussionNote"
        }
        let note = Note(
            id: nextID(.note), noteable: target, projectID: projectID,
            discussionID: discussionID ?? Self.hex(40), kind: kind, authorID: userID, body: read.remainder,
            isInternal: isInternal || thread?.isInternal == true, position: placed ?? thread?.position,
            originalPosition: placed ?? thread?.originalPosition, createdAt: date, updatedAt: date, suggestions: suggestions)
        notes[note.id] = note
        touch(target)
        finishTodos(of: target, for: userID)
        addMentionTodos(in: note.body, target, by: userID, projectID: projectID, noteID: note.id)
        emitNote(note, action: "create")
        try await run(read.actions, on: target, by: userID, source: "note")
        return .stored(notes[note.id] ?? note)
    }

    /// Edits a comment. The event that follows names the author, whoever edited; only `updated_by_id` tells.
    func editNote(_ id: Int, body: String, by userID: Int) async throws -> NoteOutcome {
        guard var note = notes[id] else { throw Refusal.notFound }
        let read = QuickActions(reading: body)
        guard !read.remainder.isEmpty else {
            guard !read.actions.isEmpty else {
                throw Refusal.badRequest("400 Bad request - Note {:note=>[\"can't be blank\"]}")
            }
            try await run(read.actions, on: note.noteable, by: userID, source: "note edit")
            notes[id] = nil
            return .onlyCommands(read.actions)
        }
        let hasChanged = note.body != read.remainder
        if hasChanged {
            note.body = read.remainder
            note.editCount += 1
            note.updatedAt = now()
            note.updatedByID = userID
            notes[id] = note
            addMentionTodos(in: note.body, note.noteable, by: note.authorID, projectID: note.projectID, noteID: id)
            emitNote(note, action: "update")
        }
        try await run(read.actions, on: note.noteable, by: userID, source: "note edit")
        return .stored(notes[id] ?? note)
    }

    func systemNote(_ text: String, _ target: Noteable, by userID: Int) {
        guard let projectID = projectID(of: target) else { return }
        let date = now()
        let note = Note(
            id: nextID(.note), noteable: target, projectID: projectID, discussionID: Self.hex(40), kind: nil,
            authorID: userID, body: text, isSystem: true, createdAt: date, updatedAt: date)
        notes[note.id] = note
    }

    func notes(on target: Noteable) -> [Note] {
        notes.values.filter { $0.noteable == target }.sorted { $0.id < $1.id }
    }

    func projectID(of target: Noteable) -> Int? {
        switch target.kind {
        case .issue: issues[target.id]?.projectID
        case .mergeRequest: mergeRequests[target.id]?.projectID
        }
    }

    private func touch(_ target: Noteable) {
        switch target.kind {
        case .issue: issues[target.id]?.updatedAt = now()
        case .mergeRequest: mergeRequests[target.id]?.updatedAt = now()
        }
    }

    private func checkLock(_ target: Noteable, _ userID: Int) throws {
        guard target.kind == .issue, let issue = issues[target.id], issue.isLocked,
            let project = projects[issue.projectID], level(of: userID, in: project) == .none
        else { return }
        throw Refusal.forbidden
    }

    static func hex(_ count: Int) -> String {
        var text = ""
        while text.count < count { text.append(String(UInt64.random(in: 1 << 60 ... .max), radix: 16)) }
        return String(text.prefix(count))
    }
}
