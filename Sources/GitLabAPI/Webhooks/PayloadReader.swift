/// Turns the members of a body into a `WebhookPayload`.
struct PayloadReader {
    let root: JSONObject
    let eventHeader: String?

    func read() throws(PayloadFailure) -> WebhookPayload {
        let attributes = try root.object("object_attributes") ?? JSONObject(text: root.text, members: [:])
        let kind = root.string("object_kind") ?? root.string("event_name") ?? "unknown"
        let eventType = root.string("event_type")
        let issue = try root.object("issue")
        let claimed = try claimedProjects(kind: kind, attributes)
        let event = try event(kind: kind, attributes)
        var payload = WebhookPayload(
            kind: kind, eventType: eventType, event: event, actor: try actor(), project: try project(),
            claimedProjectIDs: claimed, isConfidential: false, meaning: nil)
        payload.isConfidential =
            eventHeader?.lowercased().hasPrefix("confidential") == true
            || eventType?.hasPrefix("confidential_") == true
            || attributes.bool("internal") == true || attributes.bool("confidential") == true
            || issue?.bool("confidential") == true
        payload.meaning = payload.makeMeaning(updatedAt: attributes.string("updated_at"))
        return payload
    }

    private func event(kind: String, _ attributes: JSONObject) throws(PayloadFailure) -> WebhookEvent {
        switch kind {
        case "note": try note(attributes)
        case "issue", "work_item": try issueEvent(kind: kind, attributes)
        case "merge_request": try mergeRequestEvent(attributes)
        case "pipeline": try pipeline(attributes)
        case "build", "job": try job()
        case "push": push()
        case "emoji": try emoji(attributes)
        case "access_token", "expiring_access_token":
            .tokenExpiring(
                TokenExpiringEvent(
                    tokenID: attributes.integer("id"), tokenName: attributes.string("name"),
                    userID: attributes.integer("user_id"), expiresAt: attributes.time("expires_at"),
                    groupPath: try root.object("group")?.string("full_path")))
        default: .other(kind: kind)
        }
    }

    // MARK: Events

    private func note(_ attributes: JSONObject) throws(PayloadFailure) -> WebhookEvent {
        guard let id = attributes.integer("id") else { return .incomplete(kind: "note", missing: "object_attributes.id") }
        guard let text = attributes.string("note") else {
            return .incomplete(kind: "note", missing: "object_attributes.note")
        }
        let subject: NoteEvent.Subject
        switch attributes.string("noteable_type") {
        case "Issue"?:
            guard let issue = try root.object("issue").flatMap(Self.issue) else {
                return .incomplete(kind: "note", missing: "issue.iid")
            }
            subject = .issue(issue)
        case "MergeRequest"?:
            guard let object = try root.object("merge_request"), let facts = try Self.mergeRequest(object) else {
                return .incomplete(kind: "note", missing: "merge_request.iid")
            }
            subject = .mergeRequest(facts)
        case "Commit"?: subject = .commit(sha: attributes.string("commit_id"))
        case "Snippet"?: subject = .snippet
        case let other: subject = .other(other ?? "unknown")
        }
        return .note(
            NoteEvent(
                id: id, text: text, action: attributes.string("action").map(WebhookAction.init) ?? .create,
                authorID: attributes.integer("author_id"), updatedByID: attributes.integer("updated_by_id"),
                isSystem: attributes.bool("system") ?? false, type: attributes.string("type"),
                discussionID: attributes.string("discussion_id"), createdAt: attributes.time("created_at"),
                updatedAt: attributes.time("updated_at"), isInternal: attributes.bool("internal") ?? false,
                subject: subject, position: try attributes.object("position").flatMap(Self.position)))
    }

    private func issueEvent(kind: String, _ attributes: JSONObject) throws(PayloadFailure) -> WebhookEvent {
        guard let issue = try Self.issue(attributes) else {
            return .incomplete(kind: kind, missing: "object_attributes.iid")
        }
        let changes = try root.object("changes")
        return .issue(
            IssueEvent(
                issue: issue, action: attributes.string("action").map(WebhookAction.init),
                assignees: try Self.users(root["assignees"]), assigneesChange: try Self.people(changes?["assignees"]),
                labelsChange: try Self.labels(changes?["labels"])))
    }

    private func mergeRequestEvent(_ attributes: JSONObject) throws(PayloadFailure) -> WebhookEvent {
        guard let facts = try Self.mergeRequest(attributes) else {
            return .incomplete(kind: "merge_request", missing: "object_attributes.iid")
        }
        let changes = try root.object("changes")
        return .mergeRequest(
            MergeRequestEvent(
                mergeRequest: facts, action: attributes.string("action").map(WebhookAction.init),
                oldHeadSHA: attributes.string("oldrev"), isSystem: attributes.bool("system") ?? false,
                reviewers: try Self.users(root["reviewers"]), reviewersChange: try Self.people(changes?["reviewers"]),
                assigneesChange: try Self.people(changes?["assignees"]),
                labelsChange: try Self.labels(changes?["labels"])))
    }

    private func pipeline(_ attributes: JSONObject) throws(PayloadFailure) -> WebhookEvent {
        guard let id = attributes.integer("id"), let status = attributes.string("status") else {
            return .incomplete(kind: "pipeline", missing: "object_attributes.id or status")
        }
        var jobs: [PipelineEvent.Job] = []
        for view in root.array("builds") ?? [] {
            guard let build = try view.object(), let id = build.integer("id") else { continue }
            jobs.append(
                PipelineEvent.Job(
                    id: id, name: build.string("name") ?? "", stage: build.string("stage"),
                    status: build.string("status"), failureReason: build.string("failure_reason"),
                    mayFail: build.bool("allow_failure") ?? false))
        }
        return .pipeline(
            PipelineEvent(
                id: id, ref: attributes.string("ref"), isTag: attributes.bool("tag") ?? false,
                sha: attributes.string("sha"), source: attributes.string("source"), status: status,
                mergeRequest: try root.object("merge_request").flatMap(Self.pipelineMergeRequest), jobs: jobs,
                parentPipelineID: try root.object("source_pipeline")?.integer("pipeline_id"),
                createdAt: attributes.time("created_at"), finishedAt: attributes.time("finished_at")))
    }

    private func job() throws(PayloadFailure) -> WebhookEvent {
        guard let id = root.integer("build_id") else { return .incomplete(kind: "build", missing: "build_id") }
        return .job(
            JobEvent(
                id: id, name: root.string("build_name"), stage: root.string("build_stage"),
                status: root.string("build_status"), failureReason: root.string("build_failure_reason"),
                // What is called the commit's there is the pipeline's.
                pipelineID: root.integer("pipeline_id"), pipelineStatus: try root.object("commit")?.string("status"),
                sha: root.string("sha"), ref: root.string("ref"),
                mayFail: root.bool("build_allow_failure") ?? false, retries: root.integer("retries_count")))
    }

    private func push() -> WebhookEvent {
        guard let ref = root.string("ref") else { return .incomplete(kind: "push", missing: "ref") }
        return .push(
            PushEvent(
                ref: ref, before: root.string("before"), after: root.string("after"),
                commitCount: root.integer("total_commits_count")))
    }

    private func emoji(_ attributes: JSONObject) throws(PayloadFailure) -> WebhookEvent {
        guard let name = attributes.string("name") else {
            return .incomplete(kind: "emoji", missing: "object_attributes.name")
        }
        let note = try root.object("note")
        return .emoji(
            EmojiEvent(
                id: attributes.integer("id"), name: name,
                action: (root.string("event_type") ?? attributes.string("action")).map(WebhookAction.init),
                userID: attributes.integer("user_id"), awardableType: attributes.string("awardable_type"),
                awardableID: attributes.integer("awardable_id"), noteID: note?.integer("id"),
                noteAuthorID: note?.integer("author_id"), issueIID: try root.object("issue")?.integer("iid"),
                mergeRequestIID: try root.object("merge_request")?.integer("iid")))
    }

    // MARK: Parts

    private func actor() throws(PayloadFailure) -> WebhookUser? {
        if let user = try root.object("user") { return Self.user(user) }
        guard root.integer("user_id") != nil || root.string("user_username") != nil else { return nil }
        return WebhookUser(
            id: root.integer("user_id"), username: root.string("user_username"), name: root.string("user_name"))
    }

    private func project() throws(PayloadFailure) -> WebhookProject? {
        guard let project = try root.object("project") else { return nil }
        return WebhookProject(
            id: project.integer("id"), path: project.string("path_with_namespace"), name: project.string("name"),
            defaultBranch: project.string("default_branch"), visibilityLevel: project.integer("visibility_level"))
    }

    /// A merge request's event belongs to the target project, where the merge request is.
    private func claimedProjects(kind: String, _ attributes: JSONObject) throws(PayloadFailure) -> Set<Int64> {
        var ids: [Int64?] = [
            try root.object("project")?.integer("id"), root.integer("project_id"), attributes.integer("project_id"),
        ]
        if kind == "merge_request" { ids.append(attributes.integer("target_project_id")) }
        if kind == "note", attributes.string("noteable_type") == "MergeRequest" {
            ids.append(try root.object("merge_request")?.integer("target_project_id"))
        }
        if kind == "note", attributes.string("noteable_type") == "Issue" {
            ids.append(try root.object("issue")?.integer("project_id"))
        }
        return Set(ids.compactMap(\.self))
    }
}
