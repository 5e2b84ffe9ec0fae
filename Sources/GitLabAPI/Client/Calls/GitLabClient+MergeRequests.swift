internal import Transport

/// What a new merge request is made of.
package struct NewMergeRequest: Sendable {
    package var sourceBranch: String
    package var targetBranch: String
    package var title: OutgoingTitle
    package var description: OutgoingText
    package var labels: [String]
    package var assigneeIDs: [Int64]
    package var reviewerIDs: [Int64]
    package var removesSourceBranch: Bool?

    package init(
        sourceBranch: String, targetBranch: String, title: OutgoingTitle, description: OutgoingText,
        labels: [String] = [], assigneeIDs: [Int64] = [], reviewerIDs: [Int64] = [], removesSourceBranch: Bool? = nil
    ) {
        self.sourceBranch = sourceBranch
        self.targetBranch = targetBranch
        self.title = title
        self.description = description
        self.labels = labels
        self.assigneeIDs = assigneeIDs
        self.reviewerIDs = reviewerIDs
        self.removesSourceBranch = removesSourceBranch
    }
}

/// What shall be different; nil leaves a thing as it is.
package struct MergeRequestChanges: Sendable {
    package var title: OutgoingTitle?
    package var description: OutgoingText?
    package var addLabels: [String] = []
    package var removeLabels: [String] = []
    package var assigneeIDs: [Int64]?
    package var reviewerIDs: [Int64]?
    /// Closes the bot's own merge request.
    package var closes = false

    package init(title: OutgoingTitle? = nil, description: OutgoingText? = nil) {
        self.title = title
        self.description = description
    }
}

extension GitLabClient {
    package func mergeRequest(projectID: Int64, iid: Int64) async throws(GitLabFailure) -> GitLabMergeRequest {
        try await value(
            GitLabCall(
                .get, ["projects", .number(projectID), "merge_requests", .number(iid)], to: "read the merge request"))
    }

    /// Merge requests from that branch of the same project, newest first. `state`: `opened`, `closed`, `merged`, `all`.
    package func mergeRequests(
        projectID: Int64, sourceBranch: String, state: String = "opened"
    ) async throws(GitLabFailure) -> [GitLabMergeRequest] {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "merge_requests"],
                query: [("source_branch", sourceBranch), ("source_project_id", "\(projectID)"), ("state", state)],
                to: "list merge requests"), limit: 100)
    }

    /// The bot's own open ones in that project.
    package func mergeRequests(projectID: Int64, authorID: Int64, state: String = "opened") async throws(GitLabFailure)
        -> [GitLabMergeRequest]
    {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "merge_requests"],
                query: [("author_id", "\(authorID)"), ("scope", "all"), ("state", state)], to: "list merge requests"),
            limit: 1_000)
    }

    /// Opens a merge request, or gives the open one that the branch has already; `isNew` tells which.
    package func createMergeRequest(
        _ new: NewMergeRequest, projectID: Int64
    ) async throws(GitLabFailure) -> (mergeRequest: GitLabMergeRequest, isNew: Bool) {
        var body: [String: JSONField] = [
            "source_branch": .text(new.sourceBranch), "target_branch": .text(new.targetBranch),
            "title": .text(new.title.text), "description": .text(new.description.text),
        ]
        if !new.labels.isEmpty { body["labels"] = .text(new.labels.joined(separator: ",")) }
        if !new.assigneeIDs.isEmpty { body["assignee_ids"] = .list(new.assigneeIDs.map(JSONField.number)) }
        if !new.reviewerIDs.isEmpty { body["reviewer_ids"] = .list(new.reviewerIDs.map(JSONField.number)) }
        body["remove_source_branch"] = JSONField(new.removesSourceBranch)
        // GitLab refuses a second one for the same branch, so that repeating is safe.
        let call = GitLabCall(
            .post, ["projects", .number(projectID), "merge_requests"], body: body, to: "open a merge request",
            isRepeatable: true)
        do {
            return (try await value(call), true)
        } catch {
            guard error.reason == .conflict, !error.isTransient else { throw error }
            if let iid = Self.existingMergeRequest(in: error.detail) {
                return (try await mergeRequest(projectID: projectID, iid: iid), false)
            }
            let open = try await mergeRequests(projectID: projectID, sourceBranch: new.sourceBranch)
            guard let found = open.first(where: { $0.targetBranch == new.targetBranch }) else { throw error }
            return (found, false)
        }
    }

    /// What the source branch has and the target branch has not, newest first.
    package func commits(
        ofMergeRequest iid: Int64, projectID: Int64, limit: Int = 500
    ) async throws(GitLabFailure) -> [GitLabCommit] {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "merge_requests", .number(iid), "commits"],
                to: "list the merge request's commits"), perPage: min(limit, 100), limit: limit)
    }

    package func updateMergeRequest(
        projectID: Int64, iid: Int64, _ changes: MergeRequestChanges
    ) async throws(GitLabFailure) -> GitLabMergeRequest {
        var body: [String: JSONField] = [:]
        body["title"] = JSONField(changes.title?.text)
        body["description"] = JSONField(changes.description?.text)
        if !changes.addLabels.isEmpty { body["add_labels"] = .text(changes.addLabels.joined(separator: ",")) }
        if !changes.removeLabels.isEmpty { body["remove_labels"] = .text(changes.removeLabels.joined(separator: ",")) }
        if let ids = changes.assigneeIDs { body["assignee_ids"] = .list(ids.map(JSONField.number)) }
        if let ids = changes.reviewerIDs { body["reviewer_ids"] = .list(ids.map(JSONField.number)) }
        if changes.closes { body["state_event"] = .text("close") }
        guard !body.isEmpty else { return try await mergeRequest(projectID: projectID, iid: iid) }
        return try await value(
            GitLabCall(
                .put, ["projects", .number(projectID), "merge_requests", .number(iid)], body: body,
                to: "change the merge request"))
    }

    /// Waits until GitLab has worked out the diff of a new or just pushed merge request, with growing pauses.
    ///
    /// - Parameter head: the commit that must have arrived.
    /// - Returns: what GitLab last said, prepared or not: `diffRefs` tells.
    package func preparedMergeRequest(
        projectID: Int64, iid: Int64, head: String? = nil, within limit: Duration = .seconds(60)
    ) async throws(GitLabFailure) -> GitLabMergeRequest {
        let start = retry.clock.elapsed()
        var pause = Duration.milliseconds(200)
        while true {
            let current = try await mergeRequest(projectID: projectID, iid: iid)
            let isAtHead = head == nil || (current.headSHA == head && current.diffRefs?.headSHA == head)
            if current.isPrepared, isAtHead { return current }
            guard retry.clock.elapsed() - start + pause <= limit else { return current }
            do {
                try await retry.clock.sleep(pause)
            } catch {
                throw GitLabFailure(.cancelled, "The request was cancelled.")
            }
            pause = min(pause * 2, .seconds(5))
        }
    }

    package func diffVersions(projectID: Int64, iid: Int64) async throws(GitLabFailure) -> [GitLabDiffVersion] {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "merge_requests", .number(iid), "versions"],
                to: "list the versions of the diff"), limit: 500)
    }

    /// The changed files. GitLab leaves out texts that are too large; the clone has them all.
    package func diffs(projectID: Int64, iid: Int64, limit: Int = 1_000) async throws(GitLabFailure) -> [GitLabFileDiff] {
        let path: [PathPart] = ["projects", .number(projectID), "merge_requests", .number(iid)]
        do {
            return try await list(GitLabCall(.get, path + ["diffs"], to: "read the diff"), limit: limit)
        } catch {
            // Before 15.7 there is only the older call, which lists all at once.
            guard error.reason == .notFound else { throw error }
            let changes: Changes = try await value(GitLabCall(.get, path + ["changes"], to: "read the diff"))
            return Array(changes.files.prefix(limit))
        }
    }

    package func issues(closedByMergeRequest iid: Int64, projectID: Int64) async throws(GitLabFailure) -> [GitLabIssue] {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "merge_requests", .number(iid), "closes_issues"],
                to: "list the issues that the merge request closes"), limit: 200)
    }

    package func pipelines(ofMergeRequest iid: Int64, projectID: Int64) async throws(GitLabFailure) -> [GitLabPipeline] {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "merge_requests", .number(iid), "pipelines"],
                to: "list the merge request's pipelines"), perPage: nil, limit: 100)
    }

    /// `Another open merge request already exists for this source branch: !17`
    private static func existingMergeRequest(in detail: String) -> Int64? {
        guard detail.lowercased().contains("already exists"), let mark = detail.lastIndex(of: "!") else { return nil }
        return Int64(detail[detail.index(after: mark)...].prefix { $0.isNumber })
    }

    private struct Changes: Decodable {
        let files: [GitLabFileDiff]
        init(from decoder: any Decoder) throws { files = try Fields(decoder).list("changes") }
    }
}

extension GitLabMergeRequest {
    /// The diff is worked out. `prepared_at` says so; servers that don't know it show the commits when ready.
    package var isPrepared: Bool {
        preparedAt != nil || (diffRefs != nil && detailedMergeStatus != "preparing")
    }
}
