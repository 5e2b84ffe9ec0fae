import Foundation

/// What a new merge request is made of.
struct NewMergeRequest: Sendable {
    var sourceProjectID: Int
    var targetProjectID: Int
    var sourceBranch: String
    var targetBranch: String
    var title: String
    var description = ""
    var assigneeIDs: [Int] = []
    var reviewerIDs: [Int] = []
    var labels: [String] = []
    var removesSourceBranch = false
    var squashes = false
    var allowsCollaboration = false
}

extension GitLabWorld {
    func createMergeRequest(_ new: NewMergeRequest, by userID: Int) async throws -> MergeRequest {
        guard let source = projects[new.sourceProjectID], let target = projects[new.targetProjectID] else {
            throw Refusal.notFound("Project")
        }
        guard !new.title.isEmpty else { throw Refusal.field(400, "title", "can't be blank") }
        if source.id == target.id, new.sourceBranch == new.targetBranch {
            throw Refusal.message(422, "You can't use same project/branch for source and target")
        }
        guard source.id == target.id || source.forkedFrom == target.id || target.forkedFrom == source.id else {
            throw Refusal.message(422, "Source project is not a fork of the target project")
        }
        if let open = mergeRequests.values.first(where: {
            $0.state == .opened && $0.sourceProjectID == source.id && $0.sourceBranch == new.sourceBranch
                && $0.projectID == target.id && $0.targetBranch == new.targetBranch
        }) {
            throw Refusal(
                409, ["message": [.string("Another open merge request already exists for this source branch: !\(open.iid)")]])
        }
        guard let head = await repository(of: source.id).commit("refs/heads/\(new.sourceBranch)") else {
            throw Refusal(400, ["message": .object(["source_branch": ["does not exist"]])])
        }
        guard let start = await repository(of: target.id).commit("refs/heads/\(new.targetBranch)") else {
            throw Refusal(400, ["message": .object(["target_branch": ["does not exist"]])])
        }
        let repository = repository(of: target.id)
        if source.id != target.id {
            try await repository.run(
                ["fetch", "--quiet", "--no-tags", self.repository(of: source.id).path, "refs/heads/\(new.sourceBranch)"])
        }
        let base = await repository.mergeBase(start, head) ?? start
        guard let iid = projects[target.id]?.nextMergeRequestIID else { throw Refusal.notFound("Project") }
        projects[target.id]?.nextMergeRequestIID = iid + 1
        let read = QuickActions(reading: new.description)
        let date = now()
        ensureLabels(new.labels, in: target.id)
        let kept = Array(new.assigneeIDs.filter { users[$0] != nil }.prefix(1))
        let reviewers = Array(new.reviewerIDs.filter { users[$0] != nil }.prefix(1))
        let made = MergeRequest(
            id: nextID(.mergeRequest), iid: iid, projectID: target.id, sourceProjectID: source.id,
            sourceBranch: new.sourceBranch, targetBranch: new.targetBranch, title: new.title, description: read.remainder,
            authorID: userID, assigneeIDs: kept, reviewers: reviewers.map { Reviewer(userID: $0) }, labels: new.labels,
            removesSourceBranch: new.removesSourceBranch, squashes: new.squashes,
            allowsCollaboration: new.allowsCollaboration, createdAt: date, updatedAt: date,
            versions: [Version(id: nextID(.version), base: base, start: start, head: head, createdAt: date)],
            readsUntilPrepared: options.readsUntilPrepared,
            preparedAt: options.readsUntilPrepared == 0 ? date : nil)
        mergeRequests[made.id] = made
        await remember(head, in: target.id)
        try await repository.update("refs/merge-requests/\(iid)/head", to: head)
        for assignee in kept { addTodo("assigned", .mergeRequest(made.id), for: assignee, by: userID, body: made.title, in: target.id) }
        for reviewer in reviewers {
            addTodo("review_requested", .mergeRequest(made.id), for: reviewer, by: userID, body: made.title, in: target.id)
        }
        addMentionTodos(in: made.description, .mergeRequest(made.id), by: userID, projectID: target.id, noteID: nil)
        var changes: [String: JSON] = ["merge_status": ["previous": "preparing", "current": "checking"]]
        if !reviewers.isEmpty {
            changes["reviewers"] = ["previous": [], "current": .list(made.reviewers.map(hookReviewer))]
        }
        emitMergeRequest(made, action: "open", changes: changes, by: userID)
        try await run(read.actions, on: .mergeRequest(made.id), by: userID, source: "description")
        return mergeRequests[made.id] ?? made
    }
}
