extension RouteTable {
    mutating func addBranchRoutes() {
        let base = "projects/{id}/repository/branches"
        add("GET", base) { world, call in try await world.listBranches(call) }
        add("POST", base) { world, call in try await world.createBranch(call) }
        add("GET", base + "/{branch}") { world, call in try await world.showBranch(call) }
        add("DELETE", base + "/{branch}") { world, call in try await world.deleteBranch(call) }
        add("GET", "projects/{id}/protected_branches") { world, call in
            let project = try await world.project(call, needs: .developer)
            return try await Paging(call).reply(world.shapes(project.protections), to: call)
        }
        add("POST", "projects/{id}/protected_branches") { world, call in try await world.protectBranch(call) }
        add("GET", "projects/{id}/protected_branches/{name}") { world, call in
            let project = try await world.project(call, needs: .developer)
            guard let rule = project.protections.first(where: { $0.name == call.text("name") }) else { throw Refusal.notFound }
            return .ok(await world.shapes([rule]).first ?? .null)
        }
        add("DELETE", "projects/{id}/protected_branches/{name}") { world, call in try await world.unprotectBranch(call) }
    }
}

extension GitLabWorld {
    func shapes(_ rules: [Protection]) -> [JSON] {
        rules.map { rule in
            func access(_ level: AccessLevel) -> JSON {
                [
                    [
                        "id": .integer(rule.id), "access_level": .integer(level.rawValue),
                        "access_level_description": .string(level == .none ? "No one" : "Maintainers"),
                    ]
                ]
            }
            return [
                "id": .integer(rule.id), "name": .string(rule.name), "push_access_levels": access(rule.pushLevel),
                "merge_access_levels": access(rule.mergeLevel), "allow_force_push": .bool(rule.allowsForcePush),
            ]
        }
    }

    func canPush(_ branch: String, _ project: Project, _ userID: Int?) -> Bool {
        let role = level(of: userID, in: project)
        guard role >= .developer, !project.isArchived else { return false }
        return project.protections.filter { $0.covers(branch) }.allSatisfy { $0.pushLevel > .none && role >= $0.pushLevel }
    }

    private func shape(branch: String, _ commit: String, _ project: Project, _ userID: Int?) async -> JSON {
        let record = try? await repository(of: project.id).record(of: commit)
        let rules = project.protections.filter { $0.covers(branch) }
        let isMerged =
            branch != project.defaultBranch
            && mergeRequests.values.contains {
                $0.sourceProjectID == project.id && $0.sourceBranch == branch && $0.state == .merged
            }
        return [
            "name": .string(branch), "commit": record?.json(webURL: projectURL(project)) ?? ["id": .string(commit)],
            "merged": .bool(isMerged), "protected": .bool(!rules.isEmpty), "developers_can_push": .bool(rules.contains { $0.pushLevel == .developer }),
            "developers_can_merge": .bool(rules.contains { $0.mergeLevel == .developer }),
            "can_push": .bool(canPush(branch, project, userID)), "default": .bool(branch == project.defaultBranch),
            "web_url": .string("\(projectURL(project))/-/tree/\(branch)"),
        ]
    }

    func listBranches(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        let refs = try await repository(of: project.id).branches()
        var items: [JSON] = []
        for (ref, commit) in refs.sorted(by: { $0.key < $1.key }) where ref.hasPrefix("refs/heads/") {
            let name = String(ref.dropFirst("refs/heads/".count))
            if let search = call.text("search") {
                let matches = search.hasPrefix("^") ? name.hasPrefix(search.dropFirst()) : name.contains(search)
                guard matches else { continue }
            }
            items.append(await shape(branch: name, commit, project, call.actor?.userID))
        }
        return try Paging(call).reply(items, to: call)
    }

    func showBranch(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        let name = try call.required("branch")
        guard let commit = await repository(of: project.id).commit("refs/heads/\(name)") else {
            throw Refusal.notFound("Branch")
        }
        return .ok(await shape(branch: name, commit, project, call.actor?.userID))
    }

    func createBranch(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call, needs: .developer)
        let user = try user(of: call)
        let name = try call.required("branch")
        let repository = repository(of: project.id)
        guard let commit = await repository.commit(try call.required("ref")) else {
            throw Refusal.badRequest("Invalid reference name: \(call.text("ref") ?? "")")
        }
        guard await repository.commit("refs/heads/\(name)") == nil else { throw Refusal.badRequest("Branch already exists") }
        guard (try? await repository.run(["check-ref-format", "--branch", name])) != nil else {
            throw Refusal.badRequest("Branch name is invalid")
        }
        try await repository.update("refs/heads/\(name)", to: commit)
        try await refsChanged(in: project.id, by: user.id)
        return .created(await shape(branch: name, commit, project, user.id))
    }

    func deleteBranch(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call, needs: .developer)
        let user = try user(of: call)
        let name = try call.required("branch")
        let repository = repository(of: project.id)
        guard await repository.commit("refs/heads/\(name)") != nil else { throw Refusal.notFound("Branch") }
        if name == project.defaultBranch { throw Refusal.message(405, "Cannot remove HEAD branch") }
        if project.protections.contains(where: { $0.covers(name) }) {
            throw Refusal.message(405, "Protected branch can not be removed")
        }
        try await repository.delete("refs/heads/\(name)")
        try await refsChanged(in: project.id, by: user.id)
        return .noContent
    }

    func protectBranch(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call, needs: .maintainer)
        let name = try call.required("name")
        guard !project.protections.contains(where: { $0.name == name }) else {
            throw Refusal.message(409, "Protected branch '\(name)' already exists")
        }
        let rule = Protection(
            id: nextID(.protection), name: name, pushLevel: AccessLevel(call.int("push_access_level") ?? 40),
            mergeLevel: AccessLevel(call.int("merge_access_level") ?? 40),
            allowsForcePush: call.bool("allow_force_push") ?? false)
        projects[project.id]?.protections.append(rule)
        return .created(shapes([rule]).first ?? .null)
    }

    func unprotectBranch(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call, needs: .maintainer)
        guard let index = project.protections.firstIndex(where: { $0.name == call.text("name") }) else { throw Refusal.notFound }
        projects[project.id]?.protections.remove(at: index)
        return .noContent
    }
}
