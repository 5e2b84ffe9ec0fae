extension GitLabWorld {
    /// Whether somebody may read or push over git, and how GitLab says no.
    struct GitAccess: Sendable {
        enum Verdict: Sendable {
            /// `rules` are the environment of the pre-receive check.
            case allowed(projectID: Int, userID: Int?, rules: [String: String])
            case refused
        }
        let verdict: Verdict
        let status: Int
        let message: String
        let username: String?
    }

    func gitAccess(to path: String, token: String?, service: GitHTTP.Path.Service) -> GitAccess {
        func refused(_ status: Int, _ message: String, _ username: String? = nil) -> GitAccess {
            GitAccess(verdict: .refused, status: status, message: message, username: username)
        }
        let denied = refused(
            401,
            "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or "
                + "you're required to use a token instead of a password.\n")
        let missing = "The project you were looking for could not be found or you don't have permission to view it.\n"
        var actor: GitLabCall.Actor?
        if let token {
            guard let found = try? self.actor(forToken: token) else { return denied }
            actor = found
        }
        let name = username(actor?.userID)
        guard let project = project(at: path), canRead(project, actor?.userID) else {
            // Strangers are asked who they are before they learn whether there is something.
            return actor == nil ? denied : refused(404, missing, name)
        }
        if let actor {
            let enough: Set<String> =
                service == .uploadPack
                ? ["api", "read_repository", "write_repository"] : ["api", "write_repository"]
            guard !actor.scopes.isDisjoint(with: enough) else {
                return refused(403, "Access denied\n", name)
            }
        }
        let role = level(of: actor?.userID, in: project)
        if service == .uploadPack {
            let isOpen = project.visibility != .private
            guard isOpen || role >= .reporter else {
                return refused(403, "You are not allowed to download code from this project.\n", name)
            }
            return allowed(project, actor?.userID, name, rules: [:])
        }
        guard let actor else { return denied }
        if project.isArchived {
            return refused(403, "You can't push code to a read-only GitLab project. This project is archived.\n", name)
        }
        guard role >= .developer else { return refused(403, "You are not allowed to push code to this project.\n", name) }
        let closed = project.protections.filter { $0.pushLevel == .none || role < $0.pushLevel }.map(\.name)
        let noForce = project.protections.filter { !$0.allowsForcePush }.map(\.name)
        var rules = [
            ReceiveHook.protectedVariable: closed.joined(separator: "\n"),
            ReceiveHook.protectedForceVariable: noForce.joined(separator: "\n"),
        ]
        if let sentence = declinedPushes[project.id] { rules[ReceiveHook.declinedVariable] = sentence }
        return allowed(project, actor.userID, name, rules: rules)
    }

    private func allowed(_ project: Project, _ userID: Int?, _ name: String?, rules: [String: String]) -> GitAccess {
        GitAccess(
            verdict: .allowed(projectID: project.id, userID: userID, rules: rules), status: 200, message: "", username: name)
    }
}
