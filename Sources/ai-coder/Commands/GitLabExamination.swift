import Foundation
import GitLabAPI
import Pipeline
import Workspaces

/// What `doctor` asks GitLab: token, identity, webhooks and their deliveries, protected branches, push rules.
struct GitLabExamination {
    let settings: Settings
    let gitLab: GitLabAccess?
    let findings: Findings

    func perform() async throws {
        guard let gitLab else {
            return findings.hint("GitLab", "GITLAB_API_TOKEN is not set; without it nothing can be done in GitLab")
        }
        do {
            let user = try await gitLab.client.currentUser()
            findings.good("GitLab", "\(gitLab.client.address), as @\(user.username)")
            try await token(gitLab.client)
            for path in settings.gitLab.projects { try await look(at: path, gitLab.client, bot: user) }
            if settings.gitLab.projects.isEmpty {
                findings.hint("GitLab", "PROJECTS is not set, so no single project is looked at")
            }
        } catch let failure as GitLabFailure {
            findings.bad("GitLab", failure.message)
        }
    }

    private func token(_ client: GitLabClient) async throws {
        guard let token = try await client.currentToken() else { return }
        if token.scopes.contains("api") {
            findings.good("token", "scopes \(token.scopes.joined(separator: ", "))")
        } else {
            findings.bad("token", "has no scope api, which comments and merge requests need; make a token with api and write_repository")
        }
        guard let end = token.expiresAt?.date else { return }
        let days = Int(end.timeIntervalSinceNow / 86400)
        if days < 14 {
            findings.bad("token", "expires in \(days) days; rotate it in time")
        } else {
            findings.good("token", "expires in \(days) days")
        }
    }

    /// Projects of a group that are looked at.
    private static let mostOfGroup = 20

    private func look(at path: String, _ client: GitLabClient, bot: GitLabUser) async throws {
        do {
            return try await examine(try await client.project(.path(path)), called: path, client, bot: bot)
        } catch let failure as GitLabFailure where failure.reason == .notFound {
            // Perhaps a group: their paths look the same.
        }
        do {
            let projects = try await client.projects(inGroup: path, limit: Self.mostOfGroup)
            findings.good(path, "a group; \(projects.isEmpty ? "the bot sees no project in it" : "\(projects.count) of its projects are looked at")")
            for project in projects { try await examine(project, called: project.path, client, bot: bot, inGroup: path) }
        } catch let failure as GitLabFailure where failure.reason == .notFound {
            findings.bad(path, "is neither a project nor a group that the bot can see; make the bot a member, or correct PROJECTS")
        }
    }

    private func examine(
        _ project: GitLabProject, called path: String, _ client: GitLabClient, bot: GitLabUser, inGroup group: String? = nil
    ) async throws {
        let level = try await client.member(userID: bot.id, ofProject: project.id)?.accessLevel ?? 0
        if level >= 30 {
            findings.good(path, "the bot's access level is \(level)")
        } else {
            findings.bad(path, "the bot's access level is \(level); make it Developer (30)")
        }
        let branch = "ai/1-example"
        let wide = try await client.protectedBranches(projectID: project.id).filter { $0.covers(branch) }
        if let rule = wide.first { findings.bad(path, "the protected branch rule \(rule.name) covers the bot's ai/ branches") }
        if let rules = try await client.pushRules(projectID: project.id) {
            let message = CommitMessage("Change an example", taskID: "01EXAMPLE", requestedBy: "@\(bot.username)").text
            for objection in rules.objections(branch: branch, message: message, email: settings.git.email) {
                if objection.isCertain { findings.bad(path, objection.text) } else { findings.hint(path, objection.text) }
            }
        }
        let parent = project.path.split(separator: "/").dropLast().joined(separator: "/")
        try await hooks(path, .project(.id(project.id)), client, otherwise: group ?? (parent.isEmpty ? nil : parent))
    }

    /// - Parameter group: whose webhook may tell of the project too.
    private func hooks(_ path: String, _ owner: HookOwner, _ client: GitLabClient, otherwise group: String?) async throws {
        guard let own = try await readableHooks(of: owner, client) else {
            return findings.hint(path, "webhooks can only be looked at with the role Maintainer")
        }
        if let hook = own.first(where: isOurs) { return try await examine(hook, path, of: owner, client) }
        // Groups have webhooks in paid editions only, for Owners to look at.
        if let group, let hook = try await readableHooks(of: .group(group), client)?.first(where: isOurs) {
            return try await examine(hook, "\(path), by its group \(group)", of: .group(group), client)
        }
        findings.bad(path, "has no webhook to this service; `ai-coder webhooks install \(path)` makes it")
    }

    private func readableHooks(of owner: HookOwner, _ client: GitLabClient) async throws -> [GitLabHook]? {
        do {
            return try await client.hooks(of: owner)
        } catch {
            guard error.reason == .forbidden || error.reason == .notFound else { throw error }
            return nil
        }
    }

    private func isOurs(_ hook: GitLabHook) -> Bool {
        guard let url = settings.service.publicURL else { return hook.url.hasSuffix("/webhooks/gitlab") }
        return hook.url == url + "/webhooks/gitlab"
    }

    private func examine(_ hook: GitLabHook, _ path: String, of owner: HookOwner, _ client: GitLabClient) async throws {
        let place =
            switch owner {
            case .group(let group): group
            case .project: path
            }
        let missing = GitLabHookEvents.needed.subtracting(hook.events).map(\.rawValue).sorted()
        if missing.isEmpty {
            findings.good(path, "webhook \(hook.id) sends what is needed")
        } else {
            findings.bad(path, "webhook \(hook.id) does not send \(missing.joined(separator: ", ")); `ai-coder webhooks install \(place)` mends it")
        }
        if let status = hook.alertStatus, status != "executable" {
            findings.bad(path, "GitLab has switched the webhook off (\(status)); mend the cause and send a test from its settings")
        }
        // Newest first: what failed once and goes well now is no trouble any more.
        let recent = try await client.deliveries(ofHook: hook.id, of: owner, limit: 20)
        if let trouble = recent.first?.trouble {
            findings.bad(path, "the last delivery failed: \(trouble)")
        } else if let trouble = recent.lazy.compactMap(\.trouble).first {
            findings.hint(path, "an earlier delivery failed and later ones went well: \(trouble)")
        }
    }
}
