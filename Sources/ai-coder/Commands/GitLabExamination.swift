import Foundation
import GitLabAPI
import Pipeline

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
            for path in settings.gitLab.projects { try await project(path, gitLab.client, bot: user) }
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

    private func project(_ path: String, _ client: GitLabClient, bot: GitLabUser) async throws {
        let project: GitLabProject
        do {
            project = try await client.project(.path(path))
        } catch {
            guard error.reason == .notFound else { throw error }
            return findings.hint(path, "is a group, or the bot is no member of it")
        }
        let level = try await client.member(userID: bot.id, ofProject: project.id)?.accessLevel ?? 0
        if level >= 30 {
            findings.good(path, "the bot's access level is \(level)")
        } else {
            findings.bad(path, "the bot's access level is \(level); make it Developer (30)")
        }
        let wide = try await client.protectedBranches(projectID: project.id).filter { $0.covers("ai/1-example") }
        if let rule = wide.first { findings.bad(path, "the protected branch rule \(rule.name) covers the bot's ai/ branches") }
        if let rules = try await client.pushRules(projectID: project.id), rules.rejectsUnsigned {
            findings.bad(path, "push rules refuse unsigned commits, and the bot does not sign")
        }
        try await hooks(path, project.id, client)
    }

    private func hooks(_ path: String, _ id: Int64, _ client: GitLabClient) async throws {
        let hooks: [GitLabHook]
        do {
            hooks = try await client.hooks(of: .project(.id(id)))
        } catch {
            guard error.reason == .forbidden || error.reason == .notFound else { throw error }
            return findings.hint(path, "webhooks can only be looked at with the role Maintainer")
        }
        let url = settings.service.publicURL.map { $0 + "/webhooks/gitlab" }
        guard let hook = hooks.first(where: { url == nil ? $0.url.hasSuffix("/webhooks/gitlab") : $0.url == url }) else {
            return findings.bad(path, "has no webhook to this service; `ai-coder webhooks install \(path)` makes it")
        }
        let missing = GitLabHookEvents.needed.subtracting(hook.events).map(\.rawValue).sorted()
        if missing.isEmpty {
            findings.good(path, "webhook \(hook.id) sends what is needed")
        } else {
            findings.bad(path, "webhook \(hook.id) does not send \(missing.joined(separator: ", ")); `ai-coder webhooks install \(path)` mends it")
        }
        if let status = hook.alertStatus, status != "executable" {
            findings.bad(path, "GitLab has switched the webhook off (\(status)); mend the cause and send a test from its settings")
        }
        let last = try await client.deliveries(ofHook: hook.id, of: .project(.id(id)), onlyFailed: true, limit: 20)
        if let failed = last.first {
            findings.bad(
                path,
                "a recent delivery failed (\(failed.responseStatus ?? "no answer")); a private address must be allowed in Admin > Settings > Network > Outbound requests"
            )
        }
    }
}
