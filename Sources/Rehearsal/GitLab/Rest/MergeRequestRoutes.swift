import Foundation

extension RouteTable {
    mutating func addMergeRequestRoutes() {
        let base = "projects/{id}/merge_requests"
        add("GET", base) { world, call in try await world.listMergeRequests(call) }
        add("POST", base) { world, call in try await world.openMergeRequest(call) }
        let one = base + "/{merge_request_iid}"
        add("GET", one) { world, call in try await world.showMergeRequest(call) }
        add("PUT", one) { world, call in try await world.editMergeRequest(call) }
        add("PUT", one + "/merge") { world, call in try await world.acceptMergeRequest(call) }
        add("POST", one + "/approve") { world, call in try await world.approveByCall(call) }
        add("POST", one + "/unapprove") { world, call in try await world.unapproveByCall(call) }
        add("GET", one + "/approvals") { world, call in try await world.showApprovals(call) }
        add("GET", one + "/reviewers") { world, call in try await world.listReviewers(call) }
        add("GET", one + "/closes_issues") { world, call in
            let found = try await world.mergeRequest(call)
            return try await world.listIssues(await world.issuesClosed(by: found), call)
        }
        add("GET", one + "/related_issues") { world, call in
            let found = try await world.mergeRequest(call)
            return try await world.listIssues(await world.issuesClosed(by: found), call)
        }
        add("GET", one + "/participants") { world, call in
            let found = try await world.mergeRequest(call)
            return .ok(.list([await world.basicUser(found.authorID)]))
        }
    }
}

extension GitLabWorld {
    func listIssues(_ found: [Issue], _ call: GitLabCall) throws -> GitLabReply {
        try Paging(call).reply(found.filter { canSee($0, call.actor?.userID) }.map { shape($0) }, to: call)
    }

    func listMergeRequests(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call)
        var found = mergeRequests.values.filter { $0.projectID == project.id }
        if let state = call.text("state"), state != "all" { found = found.filter { $0.state.rawValue == state } }
        if let branch = call.text("source_branch") { found = found.filter { $0.sourceBranch == branch } }
        if let branch = call.text("target_branch") { found = found.filter { $0.targetBranch == branch } }
        if let author = call.int("author_id") { found = found.filter { $0.authorID == author } }
        if let reviewer = call.int("reviewer_id") { found = found.filter { $0.reviewers.contains { $0.userID == reviewer } } }
        if let labels = call.words("labels") { found = found.filter { Set(labels).isSubset(of: $0.labels) } }
        if let iids = call.ints("iids") { found = found.filter { iids.contains($0.iid) } }
        if let search = call.text("search")?.lowercased() {
            found = found.filter { ($0.title + " " + $0.description).lowercased().contains(search) }
        }
        if let after = call.text("updated_after").flatMap(Stamp.instant) { found = found.filter { $0.updatedAt >= after } }
        found.sort { call.text("sort") == "asc" ? $0.id < $1.id : $0.id > $1.id }
        return try list(Array(found), call)
    }

    func openMergeRequest(_ call: GitLabCall) async throws -> GitLabReply {
        let source = try project(call)
        let user = try user(of: call)
        let targetID = call.int("target_project_id") ?? source.id
        guard let target = projects[targetID], canRead(target, user.id) else { throw Refusal.notFound("Project") }
        guard level(of: user.id, in: source) >= .developer, !target.isArchived else { throw Refusal.forbidden }
        var new = NewMergeRequest(
            sourceProjectID: source.id, targetProjectID: targetID, sourceBranch: try call.required("source_branch"),
            targetBranch: try call.required("target_branch"), title: try call.required("title"))
        new.description = call.text("description") ?? ""
        new.assigneeIDs = call.ints("assignee_ids") ?? call.ints("assignee_id") ?? []
        new.reviewerIDs = call.ints("reviewer_ids") ?? []
        new.labels = call.words("labels") ?? []
        new.removesSourceBranch = call.bool("remove_source_branch") ?? false
        new.squashes = call.bool("squash") ?? false
        new.allowsCollaboration = call.bool("allow_collaboration") ?? false
        let made = try await createMergeRequest(new, by: user.id)
        return .created(await shape(made, for: user.id))
    }

    func showMergeRequest(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        let reply = GitLabReply.ok(await shape(found, for: call.actor?.userID))
        markRead(found.id)
        return reply
    }

    func editMergeRequest(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        let user = try user(of: call)
        guard let project = projects[found.projectID],
            level(of: user.id, in: project) >= .developer || found.authorID == user.id
        else { throw Refusal.forbidden }
        var change = MergeRequestChange()
        change.title = call.text("title")
        var actions: [QuickActions.Action] = []
        if let description = call.text("description") {
            let read = QuickActions(reading: description)
            change.description = read.remainder
            actions = read.actions
        }
        change.targetBranch = call.text("target_branch")
        change.assigneeIDs = call.ints("assignee_ids")
        change.reviewerIDs = call.ints("reviewer_ids")
        change.labels = Self.labels(call, now: found.labels)
        change.removesSourceBranch = call.bool("remove_source_branch")
        change.squashes = call.bool("squash")
        switch call.text("state_event") {
        case "close": change.state = .closed
        case "reopen": change.state = .opened
        case nil: break
        default: throw Refusal.invalid("state_event")
        }
        try update(mergeRequest: found.id, change, by: user.id)
        try await run(actions, on: .mergeRequest(found.id), by: user.id, source: "description")
        return .ok(await shape(mergeRequests[found.id] ?? found, for: user.id))
    }

    func acceptMergeRequest(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        let user = try user(of: call)
        let merged = try await merge(
            found.id, by: user.id, squash: call.bool("squash"), removesSource: call.bool("should_remove_source_branch"),
            sha: call.text("sha"))
        return .ok(await shape(merged, for: user.id))
    }

    func approveByCall(_ call: GitLabCall) throws -> GitLabReply {
        let found = try mergeRequest(call, needs: .developer)
        approve(found.id, by: try user(of: call).id)
        return GitLabReply(201, .json(approvals(found.id)))
    }

    func unapproveByCall(_ call: GitLabCall) throws -> GitLabReply {
        let found = try mergeRequest(call, needs: .developer)
        unapprove(found.id, by: try user(of: call).id)
        return GitLabReply(201, .json(approvals(found.id)))
    }

    func showApprovals(_ call: GitLabCall) throws -> GitLabReply { .ok(approvals(try mergeRequest(call).id)) }

    private func approvals(_ id: Int) -> JSON {
        let by = mergeRequests[id]?.approvedByIDs ?? []
        return [
            "user_has_approved": .bool(!by.isEmpty), "user_can_approve": true, "approved": .bool(!by.isEmpty),
            "approved_by": .list(by.map { ["user": basicUser($0)] }),
        ]
    }

    func listReviewers(_ call: GitLabCall) throws -> GitLabReply {
        let found = try mergeRequest(call)
        let items: [JSON] = found.reviewers.map {
            ["user": basicUser($0.userID), "state": .string($0.state), "created_at": .time(found.createdAt)]
        }
        return .ok(.list(items))
    }
}
