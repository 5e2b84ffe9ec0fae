extension GitLabClient {
    package func issue(projectID: Int64, iid: Int64) async throws(GitLabFailure) -> GitLabIssue {
        try await value(
            GitLabCall(.get, ["projects", .number(projectID), "issues", .number(iid)], to: "read the issue"))
    }

    /// Adds and takes off labels, and leaves all others alone.
    package func changeLabels(
        ofIssue iid: Int64, projectID: Int64, add: [String] = [], remove: [String] = []
    ) async throws(GitLabFailure) {
        var body: [String: JSONField] = [:]
        if !add.isEmpty { body["add_labels"] = .text(add.joined(separator: ",")) }
        if !remove.isEmpty { body["remove_labels"] = .text(remove.joined(separator: ",")) }
        guard !body.isEmpty else { return }
        _ = try await reply(
            to: GitLabCall(
                .put, ["projects", .number(projectID), "issues", .number(iid)], body: body, to: "label the issue"))
    }

    /// Merge requests that mention the issue or are linked with it; none where the server does not tell.
    package func mergeRequests(relatedToIssue iid: Int64, projectID: Int64) async throws(GitLabFailure)
        -> [GitLabMergeRequest]
    {
        do {
            return try await list(
                GitLabCall(
                    .get, ["projects", .number(projectID), "issues", .number(iid), "related_merge_requests"],
                    to: "list the issue's merge requests"), perPage: nil, limit: 500)
        } catch {
            guard error.reason == .notFound || error.reason == .forbidden else { throw error }
            return []
        }
    }

    /// Merge requests that close the issue when merged.
    package func mergeRequests(closingIssue iid: Int64, projectID: Int64) async throws(GitLabFailure)
        -> [GitLabMergeRequest]
    {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "issues", .number(iid), "closed_by"],
                to: "list the issue's merge requests"), perPage: nil, limit: 500)
    }
}
