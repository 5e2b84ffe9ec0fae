/// A merge request was opened, changed, pushed to, merged or closed.
package struct MergeRequestEvent: Sendable, Hashable {
    package var mergeRequest: MergeRequestFacts
    package var action: WebhookAction?
    /// The head before a push to the source branch; nil when nothing was pushed.
    package var oldHeadSHA: String?
    /// GitLab did it itself, such as taking approvals back after a push.
    package var isSystem: Bool
    package var reviewers: [WebhookUser]
    package var reviewersChange: WebhookPeopleChange?
    package var assigneesChange: WebhookPeopleChange?
    package var labelsChange: WebhookLabelsChange?

    /// Whether that user was asked for a review by this event: newly, again, or when the merge request was opened.
    package func requestsReview(id: Int64, username: String) -> Bool {
        if let change = reviewersChange {
            return change.adds(id: id, username: username) || change.reRequests(id: id, username: username)
        }
        guard action == .open else { return false }
        return mergeRequest.reviewerIDs.contains(id) || reviewers.contains { $0.isSame(asID: id, username: username) }
    }

    package func withdrawsReviewRequest(id: Int64, username: String) -> Bool {
        reviewersChange?.removes(id: id, username: username) ?? false
    }

    package func adds(label: String) -> Bool {
        if let labelsChange { return labelsChange.adds(label) }
        return action == .open && mergeRequest.labels.contains(label)
    }
}

/// A merge request as payloads describe it; the same in its own events and in those of its notes.
package struct MergeRequestFacts: Sendable, Hashable {
    package var id: Int64?
    package var iid: Int64
    package var title: String
    package var description: String
    /// `opened`, `closed`, `merged` or `locked`.
    package var state: String?
    package var sourceBranch: String?
    package var targetBranch: String?
    package var sourceProjectID: Int64?
    package var targetProjectID: Int64?
    package var isDraft: Bool
    package var headSHA: String?
    package var authorID: Int64?
    package var updatedByID: Int64?
    package var assigneeIDs: [Int64]
    package var reviewerIDs: [Int64]
    package var labels: [String]
    package var createdAt: GitLabTime?
    package var updatedAt: GitLabTime?

    /// The source branch is not in the target project; unknown counts as a fork.
    package var isFromFork: Bool { sourceProjectID == nil || sourceProjectID != targetProjectID }
}
