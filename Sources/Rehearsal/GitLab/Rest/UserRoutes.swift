extension RouteTable {
    mutating func addUserRoutes() {
        add("GET", "user") { world, call in .ok(await world.ownUser(try await world.user(of: call))) }
        add("GET", "users/{id}") { world, call in
            _ = try await world.user(of: call)
            guard let id = call.int("id"), let user = await world.users[id] else { throw Refusal.notFound("User") }
            return .ok(await world.publicUser(user))
        }
        add("GET", "users") { world, call in
            _ = try await world.user(of: call)
            return try await world.listUsers(call)
        }
        add("GET", "groups/{id}") { world, call in .ok(try await world.showGroup(call)) }
        add("GET", "groups/{id}/projects") { world, call in try await world.listGroupProjects(call) }
        add("GET", "groups/{id}/members/all/{user_id}") { world, call in try await world.showGroupMember(call) }
        add("GET", "groups/{id}/members/{user_id}") { world, call in try await world.showGroupMember(call) }
    }
}

extension GitLabWorld {
    func listUsers(_ call: GitLabCall) throws -> GitLabReply {
        var found = users.values.sorted { $0.id < $1.id }
        if let username = call.text("username") {
            found = found.filter { $0.username.lowercased() == username.lowercased() }
        }
        if let search = call.text("search")?.lowercased() {
            found = found.filter { $0.username.lowercased().contains(search) || $0.name.lowercased().contains(search) }
        }
        return try Paging(call).reply(found.map { basicUser($0.id) }, to: call)
    }

    func group(_ call: GitLabCall, needs needed: AccessLevel = .none) throws -> Group {
        let reference = call.pathParameters["id"] ?? ""
        let found = Int(reference).flatMap { groups[$0] } ?? groups.values.first { $0.fullPath == reference }
        let userID = call.actor?.userID
        guard let group = found else { throw Refusal.notFound("Group") }
        let role = level(of: userID, in: group)
        guard group.visibility == .public || role > .none || group.visibility == .internal && userID != nil else {
            throw Refusal.notFound("Group")
        }
        guard role >= needed else { throw Refusal.forbidden }
        return group
    }

    func level(of userID: Int?, in group: Group) -> AccessLevel {
        guard let userID, let user = users[userID] else { return .none }
        if user.isAdmin { return .owner }
        return member(userID, of: group)?.level ?? .none
    }

    private func member(_ userID: Int, of group: Group) -> Member? {
        var found: [Member] = []
        var current: Group? = group
        while let one = current {
            if let member = one.members[userID] { found.append(member) }
            current = one.parentID.flatMap { groups[$0] }
        }
        return found.max { $0.level < $1.level }
    }

    func showGroup(_ call: GitLabCall) throws -> JSON {
        let group = try group(call)
        return [
            "id": .integer(group.id), "name": .string(group.name), "path": .string(group.name),
            "full_path": .string(group.fullPath), "full_name": .string(group.fullPath), "description": "",
            "visibility": .string(group.visibility.rawValue), "parent_id": .int(group.parentID),
            "web_url": .string("\(baseURL)/groups/\(group.fullPath)"),
        ]
    }

    func listGroupProjects(_ call: GitLabCall) throws -> GitLabReply {
        let group = try group(call)
        let includesBelow = call.bool("include_subgroups") ?? false
        let found = projects.values.filter { project in
            guard canRead(project, call.actor?.userID) else { return false }
            return project.namespaceID == group.id
                || includesBelow && project.namespacePath.hasPrefix(group.fullPath + "/")
        }
        return try Paging(call).reply(
            found.sorted { $0.id > $1.id }.map { shape($0, for: call.actor?.userID) }, to: call)
    }

    func showGroupMember(_ call: GitLabCall) throws -> GitLabReply {
        let group = try group(call)
        guard let id = call.int("user_id"), let member = member(id, of: group) else { throw Refusal.notFound }
        return .ok(shape(member))
    }
}
