import Foundation

extension RouteTable {
    mutating func addMemberRoutes() {
        add("GET", "projects/{id}/members") { world, call in try await world.listMembers(call, isAll: false) }
        add("GET", "projects/{id}/members/all") { world, call in try await world.listMembers(call, isAll: true) }
        add("GET", "projects/{id}/members/{user_id}") { world, call in try await world.showMember(call, isAll: false) }
        add("GET", "projects/{id}/members/all/{user_id}") { world, call in try await world.showMember(call, isAll: true) }
        add("POST", "projects/{id}/members") { world, call in try await world.addMember(call) }
        add("GET", "projects/{id}/users") { world, call in
            let project = try await world.project(call)
            return try await world.listProjectUsers(project, call)
        }
    }
}

extension GitLabWorld {
    private func allMembers(of project: Project) -> [Member] {
        var ids = Set(project.members.keys)
        var group = project.namespaceID.flatMap { groups[$0] }
        while let current = group {
            ids.formUnion(current.members.keys)
            group = current.parentID.flatMap { groups[$0] }
        }
        return ids.sorted().compactMap { membership(of: $0, in: project) }
    }

    func listMembers(_ call: GitLabCall, isAll: Bool) throws -> GitLabReply {
        let project = try project(call)
        let found = isAll ? allMembers(of: project) : project.members.values.sorted { $0.userID < $1.userID }
        return try Paging(call).reply(found.map { shape($0) }, to: call)
    }

    func listProjectUsers(_ project: Project, _ call: GitLabCall) throws -> GitLabReply {
        try Paging(call).reply(allMembers(of: project).map { basicUser($0.userID) }, to: call)
    }

    /// `members/all` knows inherited members and leaves expired ones out; the plain path sees direct members only.
    func showMember(_ call: GitLabCall, isAll: Bool) throws -> GitLabReply {
        let project = try project(call)
        guard let id = call.int("user_id"), users[id]?.state == "active",
            let member = isAll ? anyMembership(of: id, in: project) : project.members[id]
        else { throw Refusal.notFound }
        return .ok(shape(member))
    }

    /// Memberships awaiting approval are shown with their state; it is for the reader to look.
    private func anyMembership(of userID: Int, in project: Project) -> Member? {
        membership(of: userID, in: project) ?? project.members[userID].flatMap { $0.state == "active" ? nil : $0 }
    }

    func addMember(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call, needs: .maintainer)
        let id = try call.requiredInt("user_id")
        let level = try call.requiredInt("access_level")
        guard users[id] != nil else { throw Refusal.notFound("User") }
        guard project.members[id] == nil else { throw Refusal.message(409, "Member already exists") }
        let member = Member(
            userID: id, level: AccessLevel(level), expiresAt: call.text("expires_at").flatMap(Stamp.date(fromDay:)),
            createdAt: now())
        projects[project.id]?.members[id] = member
        return .created(shape(member))
    }
}
