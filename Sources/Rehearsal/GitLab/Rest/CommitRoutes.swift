extension RouteTable {
    mutating func addCommitRoutes() {
        let base = "projects/{id}/repository/commits"
        add("GET", base) { world, call in try await world.listCommits(call) }
        add("POST", base) { world, call in try await world.postCommit(call) }
        add("GET", base + "/{sha}") { world, call in try await world.showCommit(call) }
        add("GET", base + "/{sha}/diff") { world, call in try await world.showCommitDiff(call) }
        add("GET", base + "/{sha}/statuses") { world, call in try await world.listStatuses(call) }
        add("GET", base + "/{sha}/merge_requests") { world, call in
            let project = try await world.project(call)
            let sha = try call.required("sha")
            let found = await world.mergeRequests.values.filter { $0.projectID == project.id && $0.versions.contains { $0.head == sha } }
            return try await world.list(Array(found), call)
        }
        add("POST", "projects/{id}/statuses/{sha}") { world, call in try await world.postStatus(call) }
    }
}

extension GitLabWorld {
    private func commit(_ call: GitLabCall) async throws -> (project: Project, record: CommitRecord) {
        let project = try project(call)
        let repository = repository(of: project.id)
        guard let id = await repository.commit(try call.required("sha")), let record = try await repository.record(of: id) else {
            throw Refusal.notFound("Commit")
        }
        return (project, record)
    }

    func listCommits(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        let repository = repository(of: project.id)
        guard let commit = await repository.commit(call.text("ref_name") ?? "refs/heads/\(project.defaultBranch ?? "main")") else {
            throw Refusal.notFound("Commit")
        }
        let paths = call.text("path").map { ["--", $0] } ?? ["--"]
        let url = projectURL(project)
        return try Paging(call).reply(try await repository.log([commit] + paths).map { $0.json(webURL: url) }, to: call)
    }

    func showCommit(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try await commit(call)
        return .ok(
            found.record.json(webURL: projectURL(found.project)).with([
                "stats": ["additions": 0, "deletions": 0, "total": 0], "status": .null,
                "project_id": .integer(found.project.id), "last_pipeline": .null,
            ]))
    }

    func showCommitDiff(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try await commit(call)
        let base = found.record.parents.first ?? "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        let files = try await repository(of: found.project.id).diff(base, found.record.id)
        return try Paging(call).reply(files.map { $0.json(unified: call.bool("unidiff") ?? false) }, to: call)
    }

    func postCommit(_ call: GitLabCall) async throws -> GitLabReply {
        let branch = try call.required("branch")
        let message = try call.required("commit_message")
        guard let list = call["actions"]?.list, !list.isEmpty else { throw Refusal.missing("actions") }
        let actions = try list.map { item in
            guard let kind = item["action"]?.text.flatMap(FileAction.Kind.init), let path = item["file_path"]?.text else {
                throw Refusal.invalid("actions[action]")
            }
            return FileAction(
                kind, path, content: Self.content(item), previousPath: item["previous_path"]?.text,
                isExecutable: item["execute_filemode"]?.bool)
        }
        let made = try await commit(call, actions, branch: branch, start: call.text("start_branch"), message: message)
        let project = try project(call)
        guard let record = try await repository(of: project.id).record(of: made) else { throw Refusal.notFound("Commit") }
        return .created(record.json(webURL: projectURL(project)))
    }

    func shape(_ status: CommitStatus) -> JSON {
        [
            "id": .integer(status.id), "sha": .string(status.sha), "ref": .text(status.ref), "status": .string(status.state),
            "name": .string(status.name), "target_url": .text(status.targetURL), "description": .text(status.description),
            "created_at": .time(status.createdAt), "started_at": .null, "finished_at": .null, "allow_failure": false,
            "coverage": .null, "pipeline_id": .null, "author": basicUser(status.authorID),
        ]
    }

    func listStatuses(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try await commit(call)
        let items = statuses.values.filter { $0.projectID == found.project.id && $0.sha == found.record.id }
        return try Paging(call).reply(items.sorted { $0.id < $1.id }.map { shape($0) }, to: call)
    }

    func postStatus(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call, needs: .developer)
        let user = try user(of: call)
        let state = try call.required("state")
        guard ["pending", "running", "success", "failed", "canceled", "skipped"].contains(state) else { throw Refusal.invalid("state") }
        guard let sha = await repository(of: project.id).commit(try call.required("sha")) else { throw Refusal.notFound("Commit") }
        let name = call.text("name") ?? call.text("context") ?? "default"
        if let old = statuses.values.first(where: { $0.projectID == project.id && $0.sha == sha && $0.name == name }) {
            guard old.state != state else {
                throw Refusal.badRequest(
                    "Cannot transition status via :\(state == "running" ? "run" : state) from :\(old.state) (Reason(s): Status cannot transition via \"\(state)\")"
                )
            }
            statuses[old.id]?.state = state
            return .created(shape(statuses[old.id] ?? old))
        }
        let status = CommitStatus(
            id: nextID(.status), projectID: project.id, sha: sha, state: state, name: name, ref: call.text("ref"),
            targetURL: call.text("target_url"), description: call.text("description"), authorID: user.id, createdAt: now())
        statuses[status.id] = status
        return .created(shape(status))
    }
}
