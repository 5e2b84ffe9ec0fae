import Foundation

/// What an edit of a merge request changes; nil leaves alone.
package struct MergeRequestChange: Sendable {
    package var title: String?
    package var description: String?
    package var targetBranch: String?
    package var assigneeIDs: [Int]?
    package var reviewerIDs: [Int]?
    package var labels: [String]?
    package var state: GitLabWorld.MergeRequest.State?
    package var removesSourceBranch: Bool?
    package var squashes: Bool?
    package init() {}

    static func withoutDraftMark(_ title: String) -> String {
        for mark in ["draft:", "[draft]", "(draft)"] where title.lowercased().hasPrefix(mark) {
            return String(title.dropFirst(mark.count).drop { $0 == " " })
        }
        return title
    }
}

extension GitLabWorld {
    func update(mergeRequest id: Int, _ change: MergeRequestChange, by userID: Int) throws {
        guard let before = mergeRequests[id] else { throw Refusal.notFound }
        let target = Noteable.mergeRequest(id)
        var after = before
        var changes: [String: JSON] = [:]
        func note(_ name: String, _ old: JSON, _ new: JSON) { changes[name] = ["previous": old, "current": new] }
        if let title = change.title, title != before.title {
            guard !title.isEmpty else { throw Refusal.field(400, "title", "can't be blank") }
            after.title = title
            note("title", .string(before.title), .string(title))
            if before.isDraft != after.isDraft {
                note("draft", .bool(before.isDraft), .bool(after.isDraft))
                systemNote(after.isDraft ? "marked this merge request as **draft**" : "marked this merge request as **ready**", target, by: userID)
            }
        }
        if let description = change.description, description != before.description {
            after.description = description
            note("description", .string(before.description), .string(description))
        }
        if let branch = change.targetBranch, branch != before.targetBranch {
            after.targetBranch = branch
            note("target_branch", .string(before.targetBranch), .string(branch))
        }
        if let ids = change.assigneeIDs {
            let kept = Array(ids.filter { users[$0] != nil }.suffix(1))
            if kept != before.assigneeIDs {
                after.assigneeIDs = kept
                note("assignees", .list(before.assigneeIDs.map(hookUser)), .list(kept.map(hookUser)))
                for gained in kept where !before.assigneeIDs.contains(gained) {
                    addTodo("assigned", target, for: gained, by: userID, body: before.title, in: before.projectID)
                }
            }
        }
        if let ids = change.reviewerIDs {
            let kept = Array(ids.filter { users[$0] != nil }.suffix(1))
            if kept != before.reviewers.map(\.userID) {
                after.reviewers = kept.map { id in before.reviewers.first { $0.userID == id } ?? Reviewer(userID: id) }
                note("reviewers", .list(before.reviewers.map(hookReviewer)), .list(after.reviewers.map(hookReviewer)))
                for gained in kept where !before.reviewers.contains(where: { $0.userID == gained }) {
                    addTodo("review_requested", target, for: gained, by: userID, body: before.title, in: before.projectID)
                    systemNote("requested review from @\(users[gained]?.username ?? "")", target, by: userID)
                }
            }
        }
        if let labels = change.labels, labels != before.labels {
            ensureLabels(labels, in: before.projectID)
            after.labels = labels
            note("labels", hookLabels(before.labels, in: before.projectID), hookLabels(labels, in: before.projectID))
        }
        if let flag = change.removesSourceBranch { after.removesSourceBranch = flag }
        if let flag = change.squashes { after.squashes = flag }
        var action = "update"
        if let state = change.state, state != before.state, before.state != .merged {
            after.state = state
            after.closedAt = state == .closed ? now() : nil
            action = state == .closed ? "close" : "reopen"
            note("state_id", state == .closed ? 1 : 2, state == .closed ? 2 : 1)
            systemNote(state == .closed ? "closed" : "reopened", target, by: userID)
            if state == .closed { finishTodos(of: target) }
        }
        after.updatedAt = now()
        after.updatedByID = userID
        mergeRequests[id] = after
        guard !changes.isEmpty else { return }
        note("updated_at", .hookTime(before.updatedAt), .hookTime(after.updatedAt))
        emitMergeRequest(after, action: action, changes: changes, by: userID)
    }

    /// Asks a reviewer once more: the lists stay the same, and only `re_requested` tells.
    func reRequestReview(mergeRequest id: Int, from reviewerID: Int, by userID: Int) throws {
        guard let index = mergeRequests[id]?.reviewers.firstIndex(where: { $0.userID == reviewerID }),
            let before = mergeRequests[id]
        else { throw Refusal.notFound }
        mergeRequests[id]?.reviewers[index].state = "unreviewed"
        mergeRequests[id]?.reviewers[index].isReRequested = true
        guard let after = mergeRequests[id] else { return }
        addTodo("review_requested", .mergeRequest(id), for: reviewerID, by: userID, body: after.title, in: after.projectID)
        let changes: [String: JSON] = [
            "reviewers": [
                "previous": .list(before.reviewers.map(hookReviewer)), "current": .list(after.reviewers.map(hookReviewer)),
            ]
        ]
        emitMergeRequest(after, action: "update", changes: changes, by: userID)
        mergeRequests[id]?.reviewers[index].isReRequested = false
    }

    func approve(_ id: Int, by userID: Int) {
        guard let found = mergeRequests[id], !found.approvedByIDs.contains(userID) else { return }
        mergeRequests[id]?.approvedByIDs.append(userID)
        systemNote("approved this merge request", .mergeRequest(id), by: userID)
        if let after = mergeRequests[id] { emitMergeRequest(after, action: "approved", changes: [:], by: userID) }
    }

    func unapprove(_ id: Int, by userID: Int) {
        guard mergeRequests[id]?.approvedByIDs.contains(userID) == true else { return }
        mergeRequests[id]?.approvedByIDs.removeAll { $0 == userID }
        if let after = mergeRequests[id] { emitMergeRequest(after, action: "unapproved", changes: [:], by: userID) }
    }
}
