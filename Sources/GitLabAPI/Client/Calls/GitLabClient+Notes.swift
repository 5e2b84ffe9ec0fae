internal import Transport

extension GitLabClient {
    /// The comments, oldest first.
    package func notes(
        on target: NoteTarget, limit: Int = 1_000, newestFirst: Bool = false
    ) async throws(GitLabFailure) -> [GitLabNote] {
        try await list(
            GitLabCall(
                .get, target.path + ["notes"],
                query: [("order_by", "created_at"), ("sort", newestFirst ? "desc" : "asc")], to: "list the comments"),
            limit: limit)
    }

    package func note(id: Int64, on target: NoteTarget) async throws(GitLabFailure) -> GitLabNote? {
        try await valueIfThere(GitLabCall(.get, target.path + ["notes", .number(id)], to: "read the comment"))
    }

    /// Not repeated unless GitLab has certainly not acted: look for the marker of an earlier try first.
    package func createNote(
        on target: NoteTarget, _ text: OutgoingText, isInternal: Bool = false
    ) async throws(GitLabFailure) -> GitLabNote {
        var body: [String: JSONField] = ["body": .text(text.text)]
        if isInternal { body["internal"] = .flag(true) }
        return try await stored(GitLabCall(.post, target.path + ["notes"], body: body, to: "comment"))
    }

    package func updateNote(
        id: Int64, on target: NoteTarget, _ text: OutgoingText
    ) async throws(GitLabFailure) -> GitLabNote {
        try await stored(
            GitLabCall(
                .put, target.path + ["notes", .number(id)], body: ["body": .text(text.text)], to: "edit its comment"))
    }

    package func deleteNote(id: Int64, on target: NoteTarget) async throws(GitLabFailure) {
        try await delete(GitLabCall(.delete, target.path + ["notes", .number(id)], to: "delete its comment"))
    }

    /// The threads; none where the server has none to list.
    package func discussions(on target: NoteTarget, limit: Int = 1_000) async throws(GitLabFailure) -> [GitLabDiscussion] {
        do {
            return try await list(GitLabCall(.get, target.path + ["discussions"], to: "list the threads"), limit: limit)
        } catch {
            guard error.reason == .notFound else { throw error }
            return []
        }
    }

    package func discussion(id: String, on target: NoteTarget) async throws(GitLabFailure) -> GitLabDiscussion? {
        try await valueIfThere(GitLabCall(.get, target.path + ["discussions", .name(id)], to: "read the thread"))
    }

    /// Replies in a thread; a reply in an internal thread is internal by itself.
    package func reply(
        to discussionID: String, on target: NoteTarget, _ text: OutgoingText
    ) async throws(GitLabFailure) -> GitLabNote {
        try await stored(
            GitLabCall(
                .post, target.path + ["discussions", .name(discussionID), "notes"], body: ["body": .text(text.text)],
                to: "reply in the thread"))
    }

    /// Starts a thread, on the diff when a position is given.
    package func startDiscussion(
        on target: NoteTarget, _ text: OutgoingText, position: GitLabDiffPosition? = nil
    ) async throws(GitLabFailure) -> GitLabDiscussion {
        var body: [String: JSONField] = ["body": .text(text.text)]
        if let position { body["position"] = .object(position.fields) }
        return try await value(GitLabCall(.post, target.path + ["discussions"], body: body, to: "start a thread"))
    }

    package func resolve(
        discussion id: String, on target: NoteTarget, _ isResolved: Bool = true
    ) async throws(GitLabFailure) {
        _ = try await reply(
            to: GitLabCall(
                .put, target.path + ["discussions", .name(id)], body: ["resolved": .flag(isResolved)],
                to: "resolve the thread"))
    }

    /// Reacts with an emoji (`eyes`, without colons) to the issue or merge request itself, or to one of its comments.
    /// Having done so before is success.
    package func award(_ name: String, on target: NoteTarget, note: Int64? = nil) async throws(GitLabFailure) {
        let path = note.map { target.path + ["notes", .number($0), "award_emoji"] } ?? target.path + ["award_emoji"]
        do {
            _ = try await reply(
                to: GitLabCall(.post, path, body: ["name": .text(name)], to: "react", isRepeatable: true))
        } catch {
            guard error.detail.lowercased().contains("already been taken") else { throw error }
        }
    }

    package func awards(on target: NoteTarget, note: Int64? = nil) async throws(GitLabFailure) -> [GitLabAward] {
        let path = note.map { target.path + ["notes", .number($0), "award_emoji"] } ?? target.path + ["award_emoji"]
        return try await list(GitLabCall(.get, path, to: "list the reactions"), limit: 500)
    }

    func delete(_ call: GitLabCall) async throws(GitLabFailure) {
        do {
            _ = try await reply(to: call)
        } catch {
            // It is gone, which is what was wanted.
            guard error.reason == .notFound else { throw error }
        }
    }

    /// 202 is what GitLab answers when it took the whole text for quick actions: nothing was stored.
    private func stored(_ call: GitLabCall) async throws(GitLabFailure) -> GitLabNote {
        let reply = try await reply(to: call)
        guard reply.status != 202 else {
            throw GitLabFailure(
                .validation, "GitLab took the comment for a quick action and did not store it.", status: 202,
                call: call.description)
        }
        return try decode(reply, call)
    }
}
