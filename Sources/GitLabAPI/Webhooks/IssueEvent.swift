/// An issue (or task, incident, epic) was opened, closed, reopened or changed.
package struct IssueEvent: Sendable, Hashable {
    package var issue: IssueFacts
    /// Nil in some updates that GitLab makes itself.
    package var action: WebhookAction?
    package var assignees: [WebhookUser]
    package var assigneesChange: WebhookPeopleChange?
    package var labelsChange: WebhookLabelsChange?

    /// Whether this event put the issue into that user's hands, also when it was opened so.
    package func assigns(id: Int64, username: String) -> Bool {
        if let assigneesChange { return assigneesChange.adds(id: id, username: username) }
        guard action == .open else { return false }
        return issue.assigneeIDs.contains(id) || assignees.contains { $0.isSame(asID: id, username: username) }
    }

    package func unassigns(id: Int64, username: String) -> Bool {
        assigneesChange?.removes(id: id, username: username) ?? false
    }

    /// Whether this event put the label on, also when the issue was opened with it.
    package func adds(label: String) -> Bool {
        if let labelsChange { return labelsChange.adds(label) }
        return action == .open && issue.labels.contains(label)
    }
}

/// An issue as payloads describe it; the same in its own events and in those of its notes.
package struct IssueFacts: Sendable, Hashable {
    package var id: Int64?
    package var iid: Int64
    package var projectID: Int64?
    package var title: String
    package var description: String
    /// `opened` or `closed`.
    package var state: String?
    package var isConfidential: Bool
    package var authorID: Int64?
    package var updatedByID: Int64?
    package var assigneeIDs: [Int64]
    package var labels: [String]
    /// `Issue`, `Task`, `Incident`, `Epic`, ... since 17.2.
    package var typeName: String?
    package var createdAt: GitLabTime?
    package var updatedAt: GitLabTime?
}
