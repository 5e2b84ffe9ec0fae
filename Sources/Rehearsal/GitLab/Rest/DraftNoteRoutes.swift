import Foundation

extension RouteTable {
    mutating func addDraftNoteRoutes() {
        let base = "projects/{id}/merge_requests/{merge_request_iid}/draft_notes"
        add("GET", base) { world, call in try await world.listDrafts(call) }
        add("POST", base) { world, call in try await world.postDraft(call) }
        add("POST", base + "/bulk_publish") { world, call in try await world.publishDrafts(call) }
        add("GET", base + "/{draft_note_id}") { world, call in .ok(await world.shape(try await world.draft(call))) }
        add("PUT", base + "/{draft_note_id}") { world, call in try await world.editDraft(call) }
        add("PUT", base + "/{draft_note_id}/publish") { world, call in try await world.publishDraft(call) }
        add("DELETE", base + "/{draft_note_id}") { world, call in try await world.deleteDraft(call) }
    }
}

extension GitLabWorld {
    func shape(_ draft: DraftNote) -> JSON {
        [
            "id": .integer(draft.id), "author_id": .integer(draft.authorID), "merge_request_id": .integer(draft.mergeRequestID),
            "resolve_discussion": .bool(draft.resolvesDiscussion), "discussion_id": .text(draft.discussionID),
            "note": .string(draft.body), "commit_id": .null, "line_code": .text(draft.position?.lineCode),
            "position": draft.position?.json ?? .null,
        ]
    }

    /// Drafts belong to who wrote them: nobody else sees them.
    func draft(_ call: GitLabCall) throws -> DraftNote {
        let found = try mergeRequest(call)
        let user = try user(of: call)
        guard let id = call.int("draft_note_id"), let draft = draftNotes[id], draft.mergeRequestID == found.id,
            draft.authorID == user.id
        else { throw Refusal.notFound }
        return draft
    }

    private func drafts(of found: MergeRequest, _ userID: Int) -> [DraftNote] {
        draftNotes.values.filter { $0.mergeRequestID == found.id && $0.authorID == userID }.sorted { $0.id < $1.id }
    }

    func listDrafts(_ call: GitLabCall) throws -> GitLabReply {
        let found = try mergeRequest(call)
        return try Paging(call).reply(drafts(of: found, try user(of: call).id).map { shape($0) }, to: call)
    }

    func postDraft(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        let user = try user(of: call)
        try checkCanComment(.mergeRequest(found.id), user.id, isInternal: false)
        let text = try call.required("note")
        var position = try call["position"].flatMap { $0.isNull ? nil : $0 }.map { try DiffPosition(reading: $0) }
        if let wanted = position { position?.lineCode = try await place(wanted, on: found.id).code }
        let draft = DraftNote(
            id: nextID(.draftNote), mergeRequestID: found.id, authorID: user.id, body: text, position: position,
            discussionID: call.text("in_reply_to_discussion_id"), resolvesDiscussion: call.bool("resolve_discussion") ?? false)
        draftNotes[draft.id] = draft
        return .created(shape(draft))
    }

    func editDraft(_ call: GitLabCall) throws -> GitLabReply {
        let draft = try draft(call)
        if let text = call.text("note") { draftNotes[draft.id]?.body = text }
        return .ok(shape(draftNotes[draft.id] ?? draft))
    }

    func deleteDraft(_ call: GitLabCall) throws -> GitLabReply {
        draftNotes[try draft(call).id] = nil
        return .noContent
    }

    private func publish(_ draft: DraftNote) async throws {
        draftNotes[draft.id] = nil
        _ = try await createNote(
            on: .mergeRequest(draft.mergeRequestID), by: draft.authorID, body: draft.body, discussionID: draft.discussionID,
            startsThread: draft.discussionID == nil, position: draft.position)
        if draft.resolvesDiscussion, let id = draft.discussionID {
            try resolve(id, .mergeRequest(draft.mergeRequestID), true, by: draft.authorID)
        }
    }

    func publishDraft(_ call: GitLabCall) async throws -> GitLabReply {
        try await publish(try draft(call))
        return .noContent
    }

    func publishDrafts(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        let user = try user(of: call)
        for draft in drafts(of: found, user.id) { try await publish(draft) }
        if let text = call.text("note"), !text.isEmpty {
            _ = try await createNote(
                on: .mergeRequest(found.id), by: user.id, body: text, isInternal: call.bool("internal") ?? false)
        }
        if let state = call.text("reviewer_state") {
            guard ["requested_changes", "reviewed"].contains(state) else { throw Refusal.invalid("reviewer_state") }
            if let index = mergeRequests[found.id]?.reviewers.firstIndex(where: { $0.userID == user.id }) {
                mergeRequests[found.id]?.reviewers[index].state = state
            }
        }
        return .noContent
    }
}
