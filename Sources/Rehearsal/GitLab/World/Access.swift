import Foundation

extension GitLabWorld {
    /// Who a credential belongs to. Throws as GitLab answers: 401 for unknown, expired and revoked tokens, 403 for blocked users.
    func actor(forToken secret: String) throws -> GitLabCall.Actor {
        guard var token = tokens[secret] else { throw Refusal.unauthorized }
        if token.isRevoked { throw Refusal.revokedToken }
        if let expiry = token.expiresAt, expiry <= Date() { throw Refusal.expiredToken }
        guard let user = users[token.userID] else { throw Refusal.unauthorized }
        guard user.state == "active" else {
            throw Refusal.message(403, "403 Forbidden - Your account has been blocked.")
        }
        token.lastUsedAt = Date()
        tokens[secret] = token
        return GitLabCall.Actor(userID: token.userID, tokenID: token.id, scopes: token.scopes)
    }

    func user(of call: GitLabCall) throws -> User {
        guard let actor = call.actor, let user = users[actor.userID] else { throw Refusal.unauthorized }
        return user
    }

    /// The effective membership: direct or through a group above, the highest level of those in force.
    func membership(of userID: Int, in project: Project) -> Member? {
        var found = [project.members[userID]]
        var group = project.namespaceID.flatMap { groups[$0] }
        while let current = group {
            found.append(current.members[userID])
            group = current.parentID.flatMap { groups[$0] }
        }
        let now = Date()
        return found.compactMap { $0 }.filter { $0.counts(at: now) }.max { $0.level < $1.level }
    }

    func level(of userID: Int?, in project: Project) -> AccessLevel {
        guard let userID, let user = users[userID] else { return .none }
        if user.isAdmin { return .owner }
        return membership(of: userID, in: project)?.level ?? .none
    }

    func canRead(_ project: Project, _ userID: Int?) -> Bool {
        switch project.visibility {
        case .public: true
        case .internal: userID != nil
        case .private: level(of: userID, in: project) > .none
        }
    }

    func project(at reference: String) -> Project? {
        if let id = Int(reference) { return projects[id] }
        let wanted = reference.lowercased()
        return projects.values.first { $0.fullPath.lowercased() == wanted }
    }

    /// The project of a call, if the caller may see it, and may do what needs `needed`. No access reads as "not found".
    func project(_ call: GitLabCall, needs needed: AccessLevel = .none) throws -> Project {
        guard let project = project(at: call.pathParameters["id"] ?? ""), canRead(project, call.actor?.userID) else {
            throw Refusal.notFound("Project")
        }
        if call.method != "GET" && call.method != "HEAD" {
            guard call.actor != nil else { throw Refusal.unauthorized }
        }
        if needed > .none {
            guard call.actor != nil else { throw Refusal.unauthorized }
            guard level(of: call.actor?.userID, in: project) >= needed else { throw Refusal.forbidden }
        }
        return project
    }

    func canSee(_ issue: Issue, _ userID: Int?) -> Bool {
        guard let project = projects[issue.projectID], canRead(project, userID) else { return false }
        guard issue.isConfidential else { return true }
        guard let userID else { return false }
        return issue.authorID == userID || issue.assigneeIDs.contains(userID) || level(of: userID, in: project) >= .planner
    }

    func canSee(_ note: Note, _ userID: Int?) -> Bool {
        guard note.isInternal else { return true }
        guard let userID, let project = projects[note.projectID] else { return false }
        return note.authorID == userID || level(of: userID, in: project) >= .planner
    }

    func issue(_ call: GitLabCall, needs needed: AccessLevel = .none, named name: String = "issue_iid") throws -> Issue {
        let project = try project(call, needs: needed)
        let iid = call.pathParameters[name].flatMap(Int.init)
        guard let issue = issues.values.first(where: { $0.projectID == project.id && $0.iid == iid }),
            canSee(issue, call.actor?.userID)
        else { throw Refusal.notFound }
        return issue
    }

    func mergeRequest(
        _ call: GitLabCall, needs needed: AccessLevel = .none, named name: String = "merge_request_iid"
    ) throws -> MergeRequest {
        let project = try project(call, needs: needed)
        let iid = call.pathParameters[name].flatMap(Int.init)
        guard let found = mergeRequests.values.first(where: { $0.projectID == project.id && $0.iid == iid }) else {
            throw Refusal.notFound
        }
        return found
    }

    func projectURL(_ project: Project) -> String { "\(baseURL)/\(project.fullPath)" }

    func user(named username: String) -> User? {
        let wanted = username.lowercased()
        return users.values.first { $0.username.lowercased() == wanted }
    }
}
