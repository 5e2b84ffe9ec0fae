import Foundation

/// What an edit of an issue changes; nil leaves alone.
package struct IssueChange: Sendable {
    package var title: String?
    package var description: String?
    package var assigneeIDs: [Int]?
    package var labels: [String]?
    package var isConfidential: Bool?
    package var isLocked: Bool?
    package var isClosed: Bool?
    package init() {}
}

extension GitLabWorld {
    func createIssue(
        in projectID: Int, title: String, description: String, by userID: Int, assigneeIDs: [Int] = [],
        labels: [String] = [], isConfidential: Bool = false
    ) async throws -> Issue {
        guard var project = projects[projectID] else { throw Refusal.notFound("Project") }
        guard !title.isEmpty else { throw Refusal.field(400, "title", "can't be blank") }
        let read = QuickActions(reading: description)
        let date = now()
        // Free editions keep one assignee and drop the rest silently.
        let kept = Array(assigneeIDs.filter { users[$0] != nil }.prefix(1))
        let issue = Issue(
            id: nextID(.issue), iid: project.nextIssueIID, projectID: projectID, title: title, description: read.remainder,
            authorID: userID, assigneeIDs: kept, labels: labels, isConfidential: isConfidential, createdAt: date,
            updatedAt: date)
        project.nextIssueIID += 1
        projects[projectID] = project
        ensureLabels(labels, in: projectID)
        issues[issue.id] = issue
        for assignee in kept { addTodo("assigned", .issue(issue.id), for: assignee, by: userID, body: issue.title, in: projectID) }
        addMentionTodos(in: issue.description, .issue(issue.id), by: userID, projectID: projectID, noteID: nil)
        var changes: [String: JSON] = ["title": ["previous": .null, "current": .string(title)]]
        if !kept.isEmpty {
            changes["assignees"] = ["previous": [], "current": .list(kept.map(hookUser))]
        }
        emitIssue(issue, action: "open", changes: changes, by: userID)
        try await run(read.actions, on: .issue(issue.id), by: userID, source: "description")
        return issues[issue.id] ?? issue
    }

    func update(issue id: Int, _ change: IssueChange, by userID: Int) throws {
        guard let before = issues[id] else { throw Refusal.notFound }
        var after = before
        var changes: [String: JSON] = [:]
        if let title = change.title, title != before.title {
            guard !title.isEmpty else { throw Refusal.field(400, "title", "can't be blank") }
            after.title = title
            changes["title"] = ["previous": .string(before.title), "current": .string(title)]
            systemNote("changed title from **\(before.title)** to **\(title)**", .issue(id), by: userID)
        }
        if let description = change.description, description != before.description {
            after.description = description
            changes["description"] = ["previous": .string(before.description), "current": .string(description)]
            let ticks = Checklist.ticks(from: before.description, to: description)
            // As GitLab does: where a box was ticked, nothing else is told.
            for text in ticks.isEmpty ? ["changed the description"] : ticks { systemNote(text, .issue(id), by: userID) }
        }
        if let ids = change.assigneeIDs {
            let kept = Array(ids.filter { users[$0] != nil }.suffix(1))
            if kept != before.assigneeIDs {
                after.assigneeIDs = kept
                changes["assignees"] = [
                    "previous": .list(before.assigneeIDs.map(hookUser)), "current": .list(kept.map(hookUser)),
                ]
                for gained in kept where !before.assigneeIDs.contains(gained) {
                    addTodo("assigned", .issue(id), for: gained, by: userID, body: before.title, in: before.projectID)
                    systemNote("assigned to @\(users[gained]?.username ?? "")", .issue(id), by: userID)
                }
                for lost in before.assigneeIDs where !kept.contains(lost) {
                    systemNote("unassigned @\(users[lost]?.username ?? "")", .issue(id), by: userID)
                }
            }
        }
        if let labels = change.labels, labels != before.labels {
            ensureLabels(labels, in: before.projectID)
            after.labels = labels
            changes["labels"] = [
                "previous": hookLabels(before.labels, in: before.projectID),
                "current": hookLabels(labels, in: before.projectID),
            ]
            systemNote("changed the labels", .issue(id), by: userID)
        }
        if let flag = change.isConfidential, flag != before.isConfidential {
            after.isConfidential = flag
            changes["confidential"] = ["previous": .bool(!flag), "current": .bool(flag)]
        }
        if let flag = change.isLocked, flag != before.isLocked {
            after.isLocked = flag
            changes["discussion_locked"] = ["previous": .bool(!flag), "current": .bool(flag)]
        }
        var action = "update"
        if let isClosed = change.isClosed, isClosed != before.isClosed {
            after.isClosed = isClosed
            after.closedAt = isClosed ? now() : nil
            after.closedByID = isClosed ? userID : nil
            action = isClosed ? "close" : "reopen"
            changes["state_id"] = ["previous": isClosed ? 1 : 2, "current": isClosed ? 2 : 1]
            systemNote(isClosed ? "closed" : "reopened", .issue(id), by: userID)
            if isClosed { finishTodos(of: .issue(id)) }
        }
        guard !changes.isEmpty else { return }
        after.updatedAt = now()
        after.updatedByID = userID
        changes["updated_at"] = ["previous": .hookTime(before.updatedAt), "current": .hookTime(after.updatedAt)]
        issues[id] = after
        emitIssue(after, action: action, changes: changes, by: userID)
    }

    func ensureLabels(_ names: [String], in projectID: Int) {
        for name in names where projects[projectID]?.labels.contains(where: { $0.name == name }) == false {
            let label = Label(id: nextID(.label), name: name, color: "#6699cc", createdAt: now())
            projects[projectID]?.labels.append(label)
        }
    }
}
