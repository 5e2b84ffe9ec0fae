extension RouteTable {
    mutating func addDiffRoutes() {
        let one = "projects/{id}/merge_requests/{merge_request_iid}"
        add("GET", one + "/versions") { world, call in try await world.listVersions(call) }
        add("GET", one + "/versions/{version_id}") { world, call in try await world.showVersion(call) }
        add("GET", one + "/diffs") { world, call in try await world.listDiffs(call) }
        add("GET", one + "/raw_diffs") { world, call in try await world.rawDiffs(call) }
        add("GET", one + "/changes") { world, call in try await world.showChanges(call) }
        add("GET", one + "/commits") { world, call in try await world.listMergeRequestCommits(call) }
    }
}

extension GitLabWorld {
    func listVersions(_ call: GitLabCall) throws -> GitLabReply {
        let found = try mergeRequest(call)
        let items = found.preparedAt == nil ? [] : found.versions.reversed().map { shape($0, of: found) }
        return try Paging(call).reply(items, to: call)
    }

    func showVersion(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        guard let id = call.int("version_id"), let version = found.versions.first(where: { $0.id == id }) else {
            throw Refusal.notFound
        }
        let files = try await repository(of: found.projectID).diff(version.base, version.head)
        return .ok(shape(version, of: found).with(["commits": [], "diffs": .list(files.map { $0.json(unified: false) })]))
    }

    private func files(_ found: MergeRequest) async throws -> [FileDiff] {
        guard found.preparedAt != nil, let version = found.versions.last else { return [] }
        return try await repository(of: found.projectID).diff(version.base, version.head)
    }

    func listDiffs(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        let unified = call.bool("unidiff") ?? false
        return try Paging(call).reply(try await files(found).map { $0.json(unified: unified) }, to: call)
    }

    func rawDiffs(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        guard let version = found.versions.last else { return .text("") }
        return .text(try await repository(of: found.projectID).text(["diff", version.base, version.head]))
    }

    func showChanges(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        let changes = try await files(found).map { $0.json(unified: false) }
        let view = await shape(found, for: call.actor?.userID)
        return .ok(view.with(["changes": .list(changes), "overflow": false]))
    }

    func listMergeRequestCommits(_ call: GitLabCall) async throws -> GitLabReply {
        let found = try mergeRequest(call)
        guard let version = found.versions.last, let project = projects[found.projectID] else { return .ok([]) }
        let url = projectURL(project)
        let commits = try await repository(of: found.projectID).log(["\(version.base)..\(version.head)"])
        return try Paging(call).reply(commits.map { $0.json(webURL: url) }, to: call)
    }
}
