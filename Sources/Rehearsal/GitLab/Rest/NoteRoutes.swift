import Foundation

extension RouteTable {
    mutating func addNoteRoutes() {
        for (kind, path) in [(GitLabWorld.Noteable.Kind.issue, "issues"), (.mergeRequest, "merge_requests")] {
            let base = "projects/{id}/\(path)/{noteable_id}/notes"
            add("GET", base) { world, call in try await world.listNotes(call, kind) }
            add("POST", base) { world, call in try await world.postNote(call, kind) }
            add("GET", base + "/{note_id}") { world, call in
                .ok(await world.shape(try await world.note(call, kind), for: call.actor?.userID))
            }
            add("PUT", base + "/{note_id}") { world, call in try await world.putNote(call, kind) }
            add("DELETE", base + "/{note_id}") { world, call in try await world.deleteNote(call, kind) }
        }
    }
}

extension GitLabWorld {
    func noteable(_ call: GitLabCall, _ kind: Noteable.Kind, named name: String = "noteable_id") throws -> Noteable {
        switch kind {
        case .issue: .issue(try issue(call, named: name).id)
        case .mergeRequest: .mergeRequest(try mergeRequest(call, named: name).id)
        }
    }

    func note(_ call: GitLabCall, _ kind: Noteable.Kind, named name: String = "noteable_id") throws -> Note {
        let target = try noteable(call, kind, named: name)
        guard let id = call.pathParameters["note_id"].flatMap(Int.init), let note = notes[id], note.noteable == target,
            canSee(note, call.actor?.userID)
        else { throw Refusal.notFound("Note") }
        return note
    }

    func listNotes(_ call: GitLabCall, _ kind: Noteable.Kind) throws -> GitLabReply {
        let target = try noteable(call, kind)
        var found = notes(on: target).filter { canSee($0, call.actor?.userID) }
        switch call.text("activity_filter") {
        case "only_comments": found = found.filter { !$0.isSystem }
        case "only_activity": found = found.filter(\.isSystem)
        default: break
        }
        if call.text("order_by") == "updated_at" { found.sort { $0.updatedAt < $1.updatedAt } }
        if call.text("sort") != "asc" { found.reverse() }
        return try Paging(call).reply(found.map { shape($0, for: call.actor?.userID) }, to: call)
    }

    /// The answer to a comment: 201 with the note, or 202 when nothing but commands was in it.
    func reply(to outcome: NoteOutcome, created: Bool, for userID: Int?) -> GitLabReply {
        switch outcome {
        case .stored(let note): created ? .created(shape(note, for: userID)) : .ok(shape(note, for: userID))
        case .onlyCommands(let actions):
            GitLabReply(
                202,
                .json([
                    "commands_changes": .object(Dictionary(actions.map { ($0.name, .string($0.argument)) }) { $1 }),
                    "summary": .list(actions.map { .string("Applied /\($0.name)") }),
                ]))
        }
    }

    func checkCanComment(_ target: Noteable, _ userID: Int, isInternal: Bool) throws {
        guard let id = projectID(of: target), let project = projects[id] else { throw Refusal.notFound }
        guard !project.isArchived else { throw Refusal.forbidden }
        if isInternal, level(of: userID, in: project) < .planner { throw Refusal.forbidden }
    }

    func postNote(_ call: GitLabCall, _ kind: Noteable.Kind) async throws -> GitLabReply {
        let target = try noteable(call, kind)
        let user = try user(of: call)
        let isInternal = call.bool("internal") ?? call.bool("confidential") ?? false
        try checkCanComment(target, user.id, isInternal: isInternal)
        let outcome = try await createNote(on: target, by: user.id, body: try call.required("body"), isInternal: isInternal)
        return reply(to: outcome, created: true, for: user.id)
    }

    func checkCanEdit(_ note: Note, _ userID: Int) throws {
        guard let project = projects[note.projectID], !note.isSystem,
            note.authorID == userID || level(of: userID, in: project) >= .maintainer
        else { throw Refusal.forbidden }
    }

    func putNote(_ call: GitLabCall, _ kind: Noteable.Kind) async throws -> GitLabReply {
        let note = try note(call, kind)
        let user = try user(of: call)
        try checkCanEdit(note, user.id)
        let outcome = try await editNote(note.id, body: try call.required("body"), by: user.id)
        return reply(to: outcome, created: false, for: user.id)
    }

    func deleteNote(_ call: GitLabCall, _ kind: Noteable.Kind) throws -> GitLabReply {
        let note = try note(call, kind)
        try checkCanEdit(note, try user(of: call).id)
        notes[note.id] = nil
        return .noContent
    }
}
