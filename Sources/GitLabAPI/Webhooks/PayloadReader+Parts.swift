/// The parts that several kinds of event have in common.
extension PayloadReader {
    static func user(_ object: JSONObject) -> WebhookUser {
        WebhookUser(
            id: object.integer("id"), username: object.string("username"), name: object.string("name"),
            isReRequested: object.bool("re_requested") ?? false)
    }

    static func users(_ view: JSONView?) throws(PayloadFailure) -> [WebhookUser] {
        var users: [WebhookUser] = []
        for element in view?.array() ?? [] {
            if let object = try element.object() { users.append(user(object)) }
        }
        return users
    }

    /// Both forms that GitLab's texts show: `{"previous": [], "current": []}` and `[[], []]`.
    static func people(_ view: JSONView?) throws(PayloadFailure) -> WebhookPeopleChange? {
        guard let (previous, current) = try change(view) else { return nil }
        return WebhookPeopleChange(previous: try users(previous), current: try users(current))
    }

    static func labels(_ view: JSONView?) throws(PayloadFailure) -> WebhookLabelsChange? {
        guard let (previous, current) = try change(view) else { return nil }
        return WebhookLabelsChange(previous: try titles(previous), current: try titles(current))
    }

    static func issue(_ object: JSONObject) throws(PayloadFailure) -> IssueFacts? {
        guard let iid = object.integer("iid") else { return nil }
        return IssueFacts(
            id: object.integer("id"), iid: iid, projectID: object.integer("project_id"),
            title: object.string("title") ?? "", description: object.string("description") ?? "",
            state: state(object), isConfidential: object.bool("confidential") ?? false,
            authorID: object.integer("author_id"), updatedByID: object.integer("updated_by_id"),
            assigneeIDs: object.integers("assignee_ids"), labels: try titles(object["labels"]),
            typeName: object.string("type"), createdAt: object.time("created_at"), updatedAt: object.time("updated_at"))
    }

    static func mergeRequest(_ object: JSONObject) throws(PayloadFailure) -> MergeRequestFacts? {
        guard let iid = object.integer("iid") else { return nil }
        return MergeRequestFacts(
            id: object.integer("id"), iid: iid, title: object.string("title") ?? "",
            description: object.string("description") ?? "", state: state(object),
            sourceBranch: object.string("source_branch"), targetBranch: object.string("target_branch"),
            sourceProjectID: object.integer("source_project_id"), targetProjectID: object.integer("target_project_id"),
            isDraft: object.bool("draft") ?? object.bool("work_in_progress") ?? false,
            headSHA: try object.object("last_commit")?.string("id"), authorID: object.integer("author_id"),
            updatedByID: object.integer("updated_by_id"), assigneeIDs: object.integers("assignee_ids"),
            reviewerIDs: object.integers("reviewer_ids"), labels: try titles(object["labels"]),
            createdAt: object.time("created_at"), updatedAt: object.time("updated_at"))
    }

    static func pipelineMergeRequest(_ object: JSONObject) -> PipelineEvent.MergeRequest? {
        guard let iid = object.integer("iid") else { return nil }
        return PipelineEvent.MergeRequest(
            iid: iid, sourceBranch: object.string("source_branch"), targetBranch: object.string("target_branch"),
            sourceProjectID: object.integer("source_project_id"), targetProjectID: object.integer("target_project_id"),
            state: object.string("state"))
    }

    /// Nil for an object whose every value is null, which GitLab sends for comments that stand on no line.
    static func position(_ object: JSONObject) throws(PayloadFailure) -> WebhookDiffPosition? {
        guard object.string("new_path") != nil || object.string("old_path") != nil else { return nil }
        let range = try object.object("line_range")
        return WebhookDiffPosition(
            baseSHA: object.string("base_sha"), startSHA: object.string("start_sha"),
            headSHA: object.string("head_sha"), oldPath: object.string("old_path"), newPath: object.string("new_path"),
            type: object.string("position_type"), line: line(object),
            firstLine: try range?.object("start").map(line), lastLine: try range?.object("end").map(line))
    }

    private static func line(_ object: JSONObject) -> WebhookDiffPosition.Line {
        WebhookDiffPosition.Line(
            old: object.integer("old_line").flatMap(Int.init(exactly:)),
            new: object.integer("new_line").flatMap(Int.init(exactly:)))
    }

    private static func titles(_ view: JSONView?) throws(PayloadFailure) -> [String] {
        var titles: [String] = []
        for element in view?.array() ?? [] {
            if let title = try element.object()?.string("title") { titles.append(title) }
        }
        return titles
    }

    private static func change(_ view: JSONView?) throws(PayloadFailure) -> (JSONView?, JSONView?)? {
        guard let view else { return nil }
        if let object = try view.object() { return (object["previous"], object["current"]) }
        guard let pair = view.array(), pair.count == 2 else { return nil }
        return (pair[0], pair[1])
    }

    private static func state(_ object: JSONObject) -> String? {
        if let state = object.string("state") { return state }
        return switch object.integer("state_id") {
        case 1?: "opened"
        case 2?: "closed"
        case 3?: "merged"
        case 4?: "locked"
        default: nil
        }
    }
}
