/// A review is written as draft notes and published at once, so that people get one notification.
extension GitLabClient {
    package enum ReviewState: String, Sendable { case requestedChanges = "requested_changes", reviewed }

    /// The bot's own unpublished comments: left over when a run ended halfway.
    package func draftNotes(projectID: Int64, mergeRequest iid: Int64) async throws(GitLabFailure) -> [GitLabDraftNote] {
        try await list(GitLabCall(.get, Self.path(projectID, iid), to: "list its draft comments"), perPage: nil, limit: 1_000)
    }

    package func createDraftNote(
        projectID: Int64, mergeRequest iid: Int64, _ text: OutgoingText, position: GitLabDiffPosition? = nil,
        replyTo discussionID: String? = nil, resolves: Bool? = nil
    ) async throws(GitLabFailure) -> GitLabDraftNote {
        var body: [String: JSONField] = ["note": .text(text.text)]
        if let position { body["position"] = .object(position.fields) }
        body["in_reply_to_discussion_id"] = JSONField(discussionID)
        body["resolve_discussion"] = JSONField(resolves)
        return try await value(GitLabCall(.post, Self.path(projectID, iid), body: body, to: "write a review comment"))
    }

    package func deleteDraftNote(id: Int64, projectID: Int64, mergeRequest iid: Int64) async throws(GitLabFailure) {
        try await delete(
            GitLabCall(.delete, Self.path(projectID, iid) + [.number(id)], to: "delete its draft comment"))
    }

    package func publishDraftNote(id: Int64, projectID: Int64, mergeRequest iid: Int64) async throws(GitLabFailure) {
        _ = try await reply(
            to: GitLabCall(
                .put, Self.path(projectID, iid) + [.number(id), "publish"], to: "publish a review comment",
                isRepeatable: false))
    }

    /// Publishes all draft notes. Summary and state are for the newest versions; older ones ignore them, so that the
    /// summary has to be looked for afterwards.
    package func publishDraftNotes(
        projectID: Int64, mergeRequest iid: Int64, summary: OutgoingText? = nil, state: ReviewState? = nil
    ) async throws(GitLabFailure) {
        var body: [String: JSONField] = [:]
        body["note"] = JSONField(summary?.text)
        body["reviewer_state"] = JSONField(state?.rawValue)
        _ = try await reply(
            to: GitLabCall(
                .post, Self.path(projectID, iid) + ["bulk_publish"], body: body, to: "publish its review"))
    }

    private static func path(_ projectID: Int64, _ iid: Int64) -> [PathPart] {
        ["projects", .number(projectID), "merge_requests", .number(iid), "draft_notes"]
    }
}
