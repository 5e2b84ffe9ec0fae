import Foundation

extension RouteTable {
    mutating func addDiscussionRoutes() {
        for (kind, path) in [(GitLabWorld.Noteable.Kind.issue, "issues"), (.mergeRequest, "merge_requests")] {
            let base = "projects/{id}/\(path)/{noteable_id}/discussions"
            add("GET", base) { world, call in try await world.listDiscussions(call, kind) }
            add("POST", base) { world, call in try await world.postDiscussion(call, kind) }
            add("GET", base + "/{discussion_id}") { world, call in try await world.showDiscussion(call, kind) }
            add("PUT", base + "/{discussion_id}") { world, call in try await world.resolveDiscussion(call, kind) }
            add("POST", base + "/{discussion_id}/notes") { world, call in try await world.postReply(call, kind) }
            add("GET", base + "/{discussion_id}/notes/{note_id}") { world, call in
                .ok(await world.shape(try await world.note(call, kind), for: call.actor?.userID))
            }
            add("PUT", base + "/{discussion_id}/notes/{note_id}") { world, call in try await world.putThreadNote(call, kind) }
            add("DELETE", base + "/{discussion_id}/notes/{note_id}") { world, call in try await world.deleteNote(call, kind) }
        }
        add("PUT", "suggestions/{id}/apply") { world, call in try await world.applySuggestion(call) }
    }
}

extension GitLabWorld {
    private func shape(discussion id: String, _ found: [Note], _ userID: Int?) -> JSON {
        ["id": .string(id), "individual_note": .bool(found.first?.kind == nil), "notes": .list(found.map { shape($0, for: userID) })]
    }

    private func thread(_ call: GitLabCall, _ target: Noteable) throws -> (id: String, notes: [Note]) {
        let id = call.pathParameters["discussion_id"] ?? ""
        let found = notes(on: target).filter { $0.discussionID == id && canSee($0, call.actor?.userID) }
        guard !found.isEmpty else { throw Refusal.notFound("Discussion") }
        return (id, found)
    }

    func listDiscussions(_ call: GitLabCall, _ kind: Noteable.Kind) throws -> GitLabReply {
        let target = try noteable(call, kind)
        var order: [String] = []
        var byID: [String: [Note]] = [:]
        for note in notes(on: target) where canSee(note, call.actor?.userID) {
            if byID[note.discussionID] == nil { order.append(note.discussionID) }
            byID[note.discussionID, default: []].append(note)
        }
        let items = order.map { shape(discussion: $0, byID[$0] ?? [], call.actor?.userID) }
        return try Paging(call).reply(items, to: call)
    }

    func showDiscussion(_ call: GitLabCall, _ kind: Noteable.Kind) throws -> GitLabReply {
        let found = try thread(call, try noteable(call, kind))
        return .ok(shape(discussion: found.id, found.notes, call.actor?.userID))
    }

    func postDiscussion(_ call: GitLabCall, _ kind: Noteable.Kind) async throws -> GitLabReply {
        let target = try noteable(call, kind)
        let user = try user(of: call)
        let isInternal = call.bool("internal") ?? false
        try checkCanComment(target, user.id, isInternal: isInternal)
        let position = try call["position"].flatMap { $0.isNull ? nil : $0 }.map { try DiffPosition(reading: $0) }
        let outcome = try await createNote(
            on: target, by: user.id, body: try call.required("body"), isInternal: isInternal, startsThread: true,
            position: position)
        guard case .stored(let note) = outcome else { return reply(to: outcome, created: true, for: user.id) }
        return .created(shape(discussion: note.discussionID, [note], user.id))
    }

    func postReply(_ call: GitLabCall, _ kind: Noteable.Kind) async throws -> GitLabReply {
        let target = try noteable(call, kind)
        let user = try user(of: call)
        let found = try thread(call, target)
        try checkCanComment(target, user.id, isInternal: false)
        let outcome = try await createNote(
            on: target, by: user.id, body: try call.required("body"), discussionID: found.id)
        return reply(to: outcome, created: true, for: user.id)
    }

    func putThreadNote(_ call: GitLabCall, _ kind: Noteable.Kind) async throws -> GitLabReply {
        let note = try note(call, kind)
        let user = try user(of: call)
        if let resolved = call.bool("resolved") {
            try resolve(note.discussionID, note.noteable, resolved, by: user.id)
            return .ok(shape(notes[note.id] ?? note, for: user.id))
        }
        try checkCanEdit(note, user.id)
        return reply(
            to: try await editNote(note.id, body: try call.required("body"), by: user.id), created: false, for: user.id)
    }

    func resolveDiscussion(_ call: GitLabCall, _ kind: Noteable.Kind) throws -> GitLabReply {
        let target = try noteable(call, kind)
        let user = try user(of: call)
        let found = try thread(call, target)
        guard let resolved = call.bool("resolved") else { throw Refusal.missing("resolved") }
        try resolve(found.id, target, resolved, by: user.id)
        return .ok(shape(discussion: found.id, try thread(call, target).notes, user.id))
    }

    /// Threads are resolved by Developers and by the merge request's author.
    func resolve(_ discussionID: String, _ target: Noteable, _ resolved: Bool, by userID: Int) throws {
        guard let id = projectID(of: target), let project = projects[id] else { throw Refusal.notFound }
        let isAuthor = target.kind == .mergeRequest && mergeRequests[target.id]?.authorID == userID
        guard isAuthor || level(of: userID, in: project) >= .developer else { throw Refusal.forbidden }
        for note in notes(on: target) where note.discussionID == discussionID && note.isResolvable {
            notes[note.id]?.isResolved = resolved
            notes[note.id]?.resolvedByID = resolved ? userID : nil
        }
    }

    func applySuggestion(_ call: GitLabCall) async throws -> GitLabReply {
        let user = try user(of: call)
        guard let id = call.int("id"),
            let note = notes.values.first(where: { $0.suggestions.contains { $0.id == id } }),
            let index = note.suggestions.firstIndex(where: { $0.id == id }), let position = note.position,
            let found = mergeRequests[note.noteable.id], let project = projects[found.sourceProjectID]
        else { throw Refusal.notFound("Suggestion") }
        guard level(of: user.id, in: project) >= .developer else { throw Refusal.forbidden }
        let suggestion = note.suggestions[index]
        guard suggestion.isApplicable, !suggestion.isApplied, found.versions.last?.head == position.headSHA else {
            throw Refusal.badRequest("A suggestion is not applicable.")
        }
        let repository = repository(of: project.id)
        guard let entry = try await repository.entry(at: position.newPath, of: position.headSHA) else { throw Refusal.notFound }
        let text = String(decoding: try await repository.blob(entry.hash), as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let replacement = suggestion.to.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        lines.replaceSubrange((suggestion.fromLine - 1)..<min(lines.count, suggestion.toLine), with: replacement)
        let commit = try await repository.commit(
            [FileAction(.update, position.newPath, content: Array(lines.joined(separator: "\n").utf8))],
            on: position.headSHA, message: call.text("commit_message") ?? "Apply 1 suggestion(s) to 1 file(s)",
            identity: (user.name, user.email))
        try await repository.update("refs/heads/\(found.sourceBranch)", to: commit)
        notes[note.id]?.suggestions[index].isApplied = true
        try resolve(note.discussionID, note.noteable, true, by: user.id)
        try await refsChanged(in: project.id, by: user.id)
        return .ok(["id": .integer(id), "applied": true, "appliable": false])
    }
}
