package import Foundation

/// Driving the stand-in in its own words: accounts, projects and their members.
extension GitLabWorld {
    @discardableResult
    package func createUser(_ username: String, name: String? = nil, isBot: Bool = false, isAdmin: Bool = false) -> User {
        if let known = user(named: username) { return known }
        let user = User(
            id: nextID(.user), username: username, name: name ?? username, email: "\(username)@example.com", isBot: isBot,
            isAdmin: isAdmin, createdAt: now())
        users[user.id] = user
        return user
    }

    package func setState(_ state: String, ofUser username: String) {
        if let id = user(named: username)?.id { users[id]?.state = state }
    }

    func makeToken(for userID: Int, name: String, scopes: Set<String>, expiresAt: Date?, secret: String? = nil) -> Token {
        let token = Token(
            id: nextID(.token), userID: userID, name: name, secret: secret ?? "glpat-" + Self.hex(20), scopes: scopes,
            expiresAt: expiresAt, createdAt: now())
        tokens[token.secret] = token
        return token
    }

    /// A token of that person; expires in 30 days unless told otherwise.
    package func createToken(
        for username: String, scopes: Set<String> = ["api", "read_repository", "write_repository"], expiresAt: Date? = nil,
        secret: String? = nil
    ) throws -> String {
        let owner = try person(username)
        let expiry = expiresAt ?? Date().addingTimeInterval(30 * 86_400)
        return makeToken(for: owner.id, name: "token", scopes: scopes, expiresAt: expiry, secret: secret).secret
    }

    package func expireToken(_ secret: String) { tokens[secret]?.expiresAt = Date(timeIntervalSince1970: 0) }
    package func revokeToken(_ secret: String) { tokens[secret]?.isRevoked = true }
    package func setScopes(_ scopes: Set<String>, ofToken secret: String) { tokens[secret]?.scopes = scopes }

    @discardableResult
    package func createGroup(_ fullPath: String, visibility: Visibility = .private) -> Group {
        if let known = groups.values.first(where: { $0.fullPath == fullPath }) { return known }
        let parts = fullPath.split(separator: "/").map(String.init)
        let parent = parts.count > 1 ? createGroup(parts.dropLast().joined(separator: "/"), visibility: visibility) : nil
        let group = Group(
            id: nextID(.group), name: parts.last ?? fullPath, fullPath: fullPath, parentID: parent?.id, visibility: visibility)
        groups[group.id] = group
        return group
    }

    package func setMember(
        _ username: String, ofGroup fullPath: String, _ level: AccessLevel, expiresAt: Date? = nil
    ) throws {
        let group = createGroup(fullPath)
        let id = try person(username).id
        groups[group.id]?.members[id] = Member(userID: id, level: level, expiresAt: expiresAt, createdAt: now())
    }

    package func setMember(
        _ username: String, of project: String, _ level: AccessLevel, expiresAt: Date? = nil, state: String = "active"
    ) throws {
        let id = try person(username).id
        let projectID = try known(project).id
        projects[projectID]?.members[id] = Member(
            userID: id, level: level, expiresAt: expiresAt, state: state, createdAt: now())
    }

    package func removeMember(_ username: String, of project: String) throws {
        projects[try known(project).id]?.members[try person(username).id] = nil
    }

    func person(_ username: String) throws -> User {
        guard let user = user(named: username) else { throw Refusal.message(404, "There is no user \(username).") }
        return user
    }

    func known(_ project: String) throws -> Project {
        guard let found = self.project(at: project) else { throw Refusal.message(404, "There is no project \(project).") }
        return found
    }

    func knownIssue(_ project: String, _ iid: Int) throws -> Issue {
        let id = try known(project).id
        guard let issue = issues.values.first(where: { $0.projectID == id && $0.iid == iid }) else {
            throw Refusal.message(404, "There is no issue \(iid) in \(project).")
        }
        return issue
    }

    func knownMergeRequest(_ project: String, _ iid: Int) throws -> MergeRequest {
        let id = try known(project).id
        guard let found = mergeRequests.values.first(where: { $0.projectID == id && $0.iid == iid }) else {
            throw Refusal.message(404, "There is no merge request \(iid) in \(project).")
        }
        return found
    }
}
