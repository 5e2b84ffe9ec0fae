import Foundation

extension RouteTable {
    mutating func addProjectRoutes() {
        add("GET", "projects") { world, call in try await world.listProjects(call) }
        add("GET", "projects/{id}") { world, call in
            .ok(await world.shape(try await world.project(call), for: call.actor?.userID))
        }
        add("PUT", "projects/{id}") { world, call in try await world.editProject(call) }
        add("POST", "projects/{id}/fork") { world, call in try await world.forkProject(call) }
        add("GET", "projects/{id}/languages") { world, call in
            _ = try await world.project(call)
            return .ok(["Shell": .decimal(100)])
        }
        // Push rules are a paid feature: a free server knows no such path.
        add("GET", "projects/{id}/push_rule") { world, call in
            _ = try await world.project(call)
            throw Refusal.error(404, "404 Not Found")
        }
        add("GET", "projects/{id}/templates/{type}") { world, call in try await world.listTemplates(call) }
        add("GET", "projects/{id}/templates/{type}/{name}") { world, call in try await world.showTemplate(call) }
    }
}

extension GitLabWorld {
    func listProjects(_ call: GitLabCall) throws -> GitLabReply {
        let userID = call.actor?.userID
        var found = projects.values.filter { canRead($0, userID) }
        if call.bool("membership") == true, let userID { found = found.filter { membership(of: userID, in: $0) != nil } }
        if let level = call.int("min_access_level") {
            found = found.filter { self.level(of: userID, in: $0) >= AccessLevel(level) }
        }
        if let archived = call.bool("archived") { found = found.filter { $0.isArchived == archived } }
        if let search = call.text("search")?.lowercased() { found = found.filter { $0.name.lowercased().contains(search) } }
        return try Paging(call).reply(found.sorted { $0.id > $1.id }.map { shape($0, for: userID) }, to: call)
    }

    func editProject(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call, needs: .maintainer)
        for (name, value) in call.body {
            switch name {
            case "description": projects[project.id]?.description = value.text
            case "name": projects[project.id]?.name = value.text ?? project.name
            case "visibility": projects[project.id]?.visibility = value.text.flatMap(Visibility.init) ?? project.visibility
            case "default_branch": projects[project.id]?.defaultBranch = value.text
            default: projects[project.id]?.settings[name] = value
            }
        }
        return .ok(shape(projects[project.id] ?? project, for: call.actor?.userID))
    }

    func forkProject(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        let user = try user(of: call)
        let fork = try await fork(project.id, by: user.id)
        return .created(shape(fork, for: user.id))
    }

    private func templateFolder(_ type: String?) -> String? {
        switch type {
        case "merge_requests": ".gitlab/merge_request_templates"
        case "issues": ".gitlab/issue_templates"
        default: nil
        }
    }

    func listTemplates(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        guard let folder = templateFolder(call.text("type")) else { return .ok([]) }
        let repository = repository(of: project.id)
        guard let head = await repository.commit("refs/heads/\(project.defaultBranch ?? "main")") else { return .ok([]) }
        let entries = (try? await repository.entries(of: head, path: folder)) ?? []
        let names = entries.map { String($0.path.dropFirst(folder.count + 1)) }.filter { $0.hasSuffix(".md") }
            .map { String($0.dropLast(3)) }
        return try Paging(call).reply(names.map { ["key": .string($0), "name": .string($0)] }, to: call)
    }

    func showTemplate(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call)
        let repository = repository(of: project.id)
        guard let folder = templateFolder(call.text("type")), let name = call.text("name"),
            let head = await repository.commit("refs/heads/\(project.defaultBranch ?? "main")"),
            let entry = try await repository.entry(at: "\(folder)/\(name).md", of: head)
        else { throw Refusal.notFound("Template") }
        let text = String(decoding: try await repository.blob(entry.hash), as: UTF8.self)
        return .ok(["name": .string(name), "content": .string(text)])
    }
}
