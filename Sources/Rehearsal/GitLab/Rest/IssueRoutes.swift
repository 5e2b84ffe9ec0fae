import Foundation

extension RouteTable {
    mutating func addIssueRoutes() {
        add("GET", "projects/{id}/issues") { world, call in try await world.listIssues(call) }
        add("POST", "projects/{id}/issues") { world, call in try await world.openIssue(call) }
        add("GET", "projects/{id}/issues/{issue_iid}") { world, call in
            .ok(await world.shape(try await world.issue(call)))
        }
        add("PUT", "projects/{id}/issues/{issue_iid}") { world, call in try await world.editIssue(call) }
        add("GET", "projects/{id}/issues/{issue_iid}/related_merge_requests") { world, call in
            let issue = try await world.issue(call)
            return try await world.list(await world.mergeRequestsMentioning(issue), call)
        }
        add("GET", "projects/{id}/issues/{issue_iid}/closed_by") { world, call in
            let issue = try await world.issue(call)
            return try await world.list(await world.mergeRequestsClosing(issue), call)
        }
        add("GET", "projects/{id}/issues/{issue_iid}/links") { world, call in
            _ = try await world.issue(call)
            return .ok([])
        }
    }
}

extension GitLabWorld {
    func list(_ found: [MergeRequest], _ call: GitLabCall) throws -> GitLabReply {
        try Paging(call).reply(found.map { basicShape($0) }, to: call)
    }

    func listIssues(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call)
        var found = issues.values.filter { $0.projectID == project.id && canSee($0, call.actor?.userID) }
        if let state = call.text("state"), state != "all" { found = found.filter { $0.isClosed == (state == "closed") } }
        if let labels = call.words("labels") { found = found.filter { Set(labels).isSubset(of: $0.labels) } }
        if let assignee = call.int("assignee_id") { found = found.filter { $0.assigneeIDs.contains(assignee) } }
        if let iids = call.ints("iids") { found = found.filter { iids.contains($0.iid) } }
        if let after = call.text("updated_after").flatMap(Stamp.instant) { found = found.filter { $0.updatedAt >= after } }
        if let search = call.text("search")?.lowercased() {
            found = found.filter { ($0.title + " " + $0.description).lowercased().contains(search) }
        }
        return try Paging(call).reply(found.sorted { $0.id > $1.id }.map { shape($0) }, to: call)
    }

    func openIssue(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        let user = try user(of: call)
        let issue = try await createIssue(
            in: project.id, title: try call.required("title"), description: call.text("description") ?? "", by: user.id,
            assigneeIDs: call.ints("assignee_ids") ?? call.ints("assignee_id") ?? [], labels: call.words("labels") ?? [],
            isConfidential: call.bool("confidential") ?? false)
        return .created(shape(issue))
    }

    func editIssue(_ call: GitLabCall) async throws -> GitLabReply {
        let issue = try issue(call)
        let user = try user(of: call)
        guard let project = projects[issue.projectID],
            level(of: user.id, in: project) >= .planner || issue.authorID == user.id
        else { throw Refusal.forbidden }
        var change = IssueChange()
        change.title = call.text("title")
        var actions: [QuickActions.Action] = []
        if let description = call.text("description") {
            let read = QuickActions(reading: description)
            change.description = read.remainder
            actions = read.actions
        }
        change.assigneeIDs = call.ints("assignee_ids").map { $0.filter { $0 != 0 } }
        change.labels = Self.labels(call, now: issue.labels)
        change.isConfidential = call.bool("confidential")
        change.isLocked = call.bool("discussion_locked")
        switch call.text("state_event") {
        case "close": change.isClosed = true
        case "reopen": change.isClosed = false
        case nil: break
        default: throw Refusal.invalid("state_event")
        }
        try update(issue: issue.id, change, by: user.id)
        try await run(actions, on: .issue(issue.id), by: user.id, source: "description")
        return .ok(shape(issues[issue.id] ?? issue))
    }

    static func labels(_ call: GitLabCall, now: [String]) -> [String]? {
        var labels = call.words("labels")
        if let added = call.words("add_labels") {
            let current = labels ?? now
            labels = current + added.filter { !current.contains($0) }
        }
        if let removed = call.words("remove_labels") { labels = (labels ?? now).filter { !removed.contains($0) } }
        return labels
    }
}
