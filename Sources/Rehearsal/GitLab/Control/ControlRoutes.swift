import Foundation

/// The people of `People/`, over HTTP: what tests of a whole process use. Every request is a POST of a JSON object (GET for
/// looking), below `/__rehearsal/`.
extension RouteTable {
    static func control() -> RouteTable {
        var table = RouteTable()
        table.addAccountControls()
        table.addDoingControls()
        table.addFaultControls()
        table.addLookingControls()
        return table
    }

    private mutating func addAccountControls() {
        add("POST", "users") { world, call in
            let user = await world.createUser(
                try call.required("username"), name: call.text("name"), isBot: call.bool("bot") ?? false,
                isAdmin: call.bool("admin") ?? false)
            var shape = await world.publicUser(user)
            if call.bool("token") ?? true {
                let token = try await world.createToken(
                    for: user.username, scopes: Set(call.words("scopes") ?? ["api", "read_repository", "write_repository"]),
                    secret: call.text("token_secret"))
                shape = shape.with(["token": .string(token)])
            }
            if let state = call.text("state") { await world.setState(state, ofUser: user.username) }
            return .created(shape)
        }
        add("POST", "tokens/expire") { world, call in
            await world.expireToken(try call.required("token"))
            return .noContent
        }
        add("POST", "tokens/revoke") { world, call in
            await world.revokeToken(try call.required("token"))
            return .noContent
        }
        add("POST", "projects") { world, call in
            let path = try call.required("path")
            let by = try call.required("by")
            let visibility = call.text("visibility").flatMap(GitLabWorld.Visibility.init) ?? .private
            let project: GitLabWorld.Project
            if let directory = call.text("directory") {
                project = try await world.createProject(path, by: by, directory: directory, visibility: visibility)
            } else {
                let files = call["files"]?.object?.compactMapValues(\.text) ?? [:]
                project = try await world.createProject(path, by: by, files: files, visibility: visibility)
            }
            return .created(await world.shape(project))
        }
        add("POST", "projects/fork") { world, call in
            .created(await world.shape(try await world.fork(try call.required("project"), by: try call.required("by"))))
        }
        add("POST", "projects/settings") { world, call in
            let project = try call.required("project")
            if let flag = call.bool("archived") { try await world.archive(project, flag) }
            if let flag = call.bool("starts_pipelines") { try await world.setStartsPipelines(flag, in: project) }
            if let word = call.text("visibility").flatMap(GitLabWorld.Visibility.init) {
                try await world.setVisibility(word, of: project)
            }
            if let pattern = call.text("protect") {
                let level = call.text("push_level").flatMap { GitLabWorld.AccessLevel(named: $0) } ?? .maintainer
                try await world.protect(pattern, in: project, push: level)
            }
            if call.has("decline_pushes") { try await world.declinePushes(to: project, call.text("decline_pushes")) }
            for (name, value) in call["settings"]?.object ?? [:] { try await world.setSetting(name, value, of: project) }
            return .noContent
        }
        add("POST", "members") { world, call in
            let level = GitLabWorld.AccessLevel(named: try call.required("level")) ?? .developer
            let expiry = call.text("expires_at").flatMap(Stamp.instant)
            if let group = call.text("group") {
                try await world.setMember(try call.required("user"), ofGroup: group, level, expiresAt: expiry)
            } else {
                try await world.setMember(
                    try call.required("user"), of: try call.required("project"), level, expiresAt: expiry,
                    state: call.text("state") ?? "active")
            }
            return .noContent
        }
        add("POST", "members/remove") { world, call in
            try await world.removeMember(try call.required("user"), of: try call.required("project"))
            return .noContent
        }
        add("POST", "hooks") { world, call in
            let hook = try await world.installHook(
                in: try call.required("project"), url: try call.required("url"), token: call.text("token"),
                signingToken: call.text("signing_token"))
            return .created(await world.shape(hook))
        }
    }

    private static func place(_ call: GitLabCall) throws -> GitLabWorld.Place {
        let project = try call.required("project")
        if let iid = call.int("issue") { return .issue(project, iid) }
        return .mergeRequest(project, try call.requiredInt("merge_request"))
    }

    private mutating func addDoingControls() {
        add("POST", "issues") { world, call in
            let issue = try await world.openIssue(
                in: try call.required("project"), by: try call.required("by"), title: try call.required("title"),
                description: call.text("description") ?? "", assignees: call.words("assignees") ?? [],
                labels: call.words("labels") ?? [], isConfidential: call.bool("confidential") ?? false)
            return .created(await world.shape(issue))
        }
        add("POST", "comments") { world, call in
            let by = try call.required("by")
            let body = try call.required("body")
            let note: GitLabWorld.Note?
            if let path = call.text("path") {
                note = try await world.commentOnLine(
                    body, inMergeRequest: try call.requiredInt("merge_request"), of: try call.required("project"), path: path,
                    newLine: call.int("new_line"), oldLine: call.int("old_line"), by: by)
            } else {
                note = try await world.comment(
                    body, on: try Self.place(call), by: by, isInternal: call.bool("internal") ?? false,
                    replyingTo: call.text("discussion"), asThread: call.bool("thread") ?? false)
            }
            guard let note else { return GitLabReply(202, .json([:])) }
            return .created(await world.shape(note).with(["discussion_id": .string(note.discussionID)]))
        }
        add("POST", "comments/edit") { world, call in
            try await world.edit(note: try call.requiredInt("note"), to: try call.required("body"), by: try call.required("by"))
            return .noContent
        }
        add("POST", "assign") { world, call in
            try await world.assign(
                issue: try call.requiredInt("issue"), of: try call.required("project"), to: call.words("to") ?? [],
                by: try call.required("by"))
            return .noContent
        }
        add("POST", "label") { world, call in
            try await world.label(
                issue: try call.requiredInt("issue"), of: try call.required("project"), call.words("labels") ?? [],
                by: try call.required("by"))
            return .noContent
        }
        add("POST", "merge_requests") { world, call in
            let made = try await world.openMergeRequest(
                in: try call.required("project"), from: try call.required("source_branch"),
                to: call.text("target_branch") ?? "main", title: try call.required("title"),
                description: call.text("description") ?? "", by: try call.required("by"),
                reviewers: call.words("reviewers") ?? [], sourceProject: call.text("source_project"))
            return .created(await world.basicShape(made))
        }
        add("POST", "review_requests") { world, call in
            try await world.requestReview(
                mergeRequest: try call.requiredInt("merge_request"), of: try call.required("project"),
                from: call.words("from") ?? [], by: try call.required("by"))
            return .noContent
        }
        add("POST", "close") { world, call in
            let by = try call.required("by")
            switch try Self.place(call) {
            case .issue(let project, let iid): try await world.setClosed(true, issue: iid, of: project, by: by)
            case .mergeRequest(let project, let iid): try await world.close(mergeRequest: iid, of: project, by: by)
            }
            return .noContent
        }
        add("POST", "merge") { world, call in
            let merged = try await world.merge(
                mergeRequest: try call.requiredInt("merge_request"), of: try call.required("project"),
                by: try call.required("by"))
            return .ok(await world.basicShape(merged))
        }
        add("POST", "push") { world, call in
            let commit = try await world.push(
                call["files"]?.object?.compactMapValues(\.text) ?? [:], deleting: call.words("delete") ?? [],
                to: try call.required("branch"), from: call.text("from"), in: try call.required("project"),
                message: call.text("message") ?? "Change files", by: try call.required("by"))
            return .created(["commit": .string(commit)])
        }
        add("POST", "branches/delete") { world, call in
            try await world.deleteBranch(
                try call.required("branch"), of: try call.required("project"), by: try call.required("by"))
            return .noContent
        }
        add("POST", "pipelines") { world, call in
            let pipeline = try await world.runPipeline(
                on: try call.required("branch"), of: try call.required("project"),
                failing: call["failing"]?.object?.compactMapValues(\.text) ?? [:], by: try call.required("by"))
            guard let pipeline else { throw Refusal.notFound }
            return .created(await world.shape(pipeline))
        }
    }

    private mutating func addFaultControls() {
        add("POST", "faults") { world, call in
            let kind: FaultRule.Kind
            if let status = call.int("status") {
                kind = .status(
                    status, body: call.text("body") ?? "{\"message\":\"\(status)\"}",
                    headers: call["headers"]?.object?.compactMapValues(\.text) ?? [:])
            } else if let milliseconds = call.int("delay_ms") {
                kind = .delay(.milliseconds(milliseconds))
            } else if let bytes = call.int("cut_after") {
                kind = .cut(afterBytes: bytes)
            } else if call.bool("drop_afterwards") == true {
                kind = .dropAfterwards
            } else {
                kind = .drop
            }
            let rule = FaultRule(
                kind, method: call.text("method"), path: try call.required("path"), after: call.int("after") ?? 0,
                times: call.int("times"))
            await world.add(rule)
            return .noContent
        }
        add("DELETE", "faults") { world, _ in
            await world.clearFaults()
            return .noContent
        }
        add("POST", "wait_quiet") { world, _ in
            await world.untilQuiet()
            return .noContent
        }
    }
}
