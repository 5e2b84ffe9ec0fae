import Domain
import Foundation
import GitLabAPI
import Secrets
import Workspaces

/// The desk of tasks that name a repository by its address: the command line and the API.
struct CommandLineDesk: Desk {
    let run: TaskRun

    private var task: CodingTask { run.task }

    func gather() async throws -> Assignment {
        guard let url = task.repositoryURL else {
            throw TaskFailure(.configuration, "The task names no repository; give its address as repo_url.")
        }
        var assignment = Assignment(
            repositoryURL: url, repositoryName: Self.name(of: url), ref: task.branch,
            destination: .ownBranch("ai/\(task.id)"), intent: task.intent)
        // The operator speaks here, so a protected file may be named.
        assignment.mayNameProtectedFiles = task.origin == .commandLine
        return assignment
    }

    /// The configured token opens GITLAB_URL and nothing else; a token that came with the task opens that task's repository.
    func credential(for repositoryURL: String) throws -> GitCredential? {
        let remote = try RemoteURL(repositoryURL)
        if remote.transport == .ssh {
            return run.parts.sshKey.map { .sshKey(file: $0.key, knownHosts: $0.knownHosts) }
        }
        guard remote.isHTTP else { return nil }
        if let given = run.parts.credentials.secrets(of: task.id)?.gitLabToken {
            return .password(username: "oauth2", given)
        }
        guard let gitLab = run.parts.gitLab, remote.isWithin(gitLab.client.address.base) else { return nil }
        return .password(username: "oauth2", gitLab.token)
    }

    func confirmRights() async throws {}

    func open(plan: Plan, in checkout: Checkout) async throws -> String? { nil }

    func propose(_ plan: Plan, because reason: String?, round: Int) async throws -> Bool { false }

    func ask(_ question: String, round: Int) async throws -> Bool { false }

    func answer(_ text: String, about checkout: Checkout) async throws {}

    func nothingToDo(_ reason: String) async throws {
        try await run.note(.notice, "Nothing was changed: \(reason)")
    }

    func complete(_ evidence: Evidence) async throws {
        let wish = task.mergeRequest == .auto ? run.parts.settings.mergeRequest : task.mergeRequest
        guard wish != .never else { return }
        do {
            guard let client = try gitLabClient() else {
                guard wish == .always else { return }
                throw TaskFailure(
                    .configuration,
                    "A merge request was asked for, but the repository is not on the GitLab of GITLAB_URL, or there is no token: set GITLAB_API_TOKEN, or give gitlab_api_token with the task. The work is on the branch \(evidence.branch)."
                )
            }
            try await publish(evidence, with: client)
        } catch let failure as GitLabFailure where wish == .auto {
            try await run.note(.warning, "The branch is pushed, but no merge request was opened: \(failure.message)")
        }
    }

    private func publish(_ evidence: Evidence, with client: GitLabClient) async throws {
        guard let url = task.repositoryURL, let path = try projectPath(url, client) else { return }
        let project = try await client.project(.path(path))
        let target = task.branch ?? project.defaultBranch
        guard let target, project.acceptsMergeRequests else {
            return try await run.note(.warning, "The project has no branch to merge into or takes no merge requests; the work is on \(evidence.branch).")
        }
        let merge = MergeRequestText(run: run, evidence: evidence)
        let made = try await run.steps.step("merge_request") {
            let made = try await client.createMergeRequest(
                NewMergeRequest(
                    sourceBranch: evidence.branch, targetBranch: target, title: merge.title, description: merge.description),
                projectID: project.id)
            return TaskResult.MergeRequest(
                iid: made.mergeRequest.iid, webURL: made.mergeRequest.webURL, isDraft: evidence.staysDraft)
        }
        run.journal.learn { $0.mergeRequest = made }
    }

    /// The GitLab that the repository is on, when its API may be called with a token that is meant for it.
    private func gitLabClient() throws -> GitLabClient? {
        guard let url = task.repositoryURL else { return nil }
        let remote = try RemoteURL(url)
        if let given = run.parts.credentials.secrets(of: task.id)?.gitLabToken {
            return run.parts.taskGitLab?.client(for: remote, token: given)
        }
        guard let gitLab = run.parts.gitLab else { return nil }
        let isThere = remote.isHTTP ? remote.isWithin(gitLab.client.address.base) : remote.transport == .ssh && remote.host == gitLab.client.address.host
        return isThere ? gitLab.client : nil
    }

    private func projectPath(_ url: String, _ client: GitLabClient) throws -> String? {
        let remote = try RemoteURL(url)
        var path = remote.path.split(separator: "/").joined(separator: "/")
        let root = client.address.path.split(separator: "/").joined(separator: "/")
        if remote.isHTTP, !root.isEmpty, path.hasPrefix(root + "/") { path = String(path.dropFirst(root.count + 1)) }
        if path.hasSuffix(".git") { path = String(path.dropLast(4)) }
        return path.isEmpty ? nil : path
    }

    private static func name(of url: String) -> String {
        let last = url.split(whereSeparator: { $0 == "/" || $0 == ":" }).suffix(2).joined(separator: "/")
        return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
    }
}
