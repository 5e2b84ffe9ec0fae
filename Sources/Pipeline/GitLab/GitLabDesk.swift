import Domain
import Foundation
import GitLabAPI
import Workspaces

/// The desk of a task that was asked for in GitLab: on an issue it makes a branch and a merge request, on a merge request
/// it works on the source branch and answers in the thread.
struct GitLabDesk: Desk {
    let run: TaskRun
    let origin: GitLabOrigin
    let gitLab: GitLabAccess
    let project: GitLabProject
    let subject: Subject
    let accessLevel: Int
    /// Stands above what is told at the end.
    var prelude: Markdown?

    enum Subject: Sendable {
        case issue(GitLabIssue)
        case mergeRequest(GitLabMergeRequest)
    }

    var client: GitLabClient { gitLab.client }
    var settings: PipelineSettings { run.parts.settings }

    var target: NoteTarget {
        switch origin.subject {
        case .issue(let iid): .issue(projectID: origin.projectID, iid: iid)
        case .mergeRequest(let iid): .mergeRequest(projectID: origin.projectID, iid: iid)
        }
    }

    /// Looks everything up again that decides a right: the delivery was only a hint.
    static func open(run: TaskRun, origin: GitLabOrigin, gitLab: GitLabAccess) async throws -> GitLabDesk {
        let check = AccessCheck(gitLab: gitLab, now: run.parts.now())
        let project = try await gitLab.client.project(id: origin.projectID)
        let verdict = try await check.check(origin.requester, inProject: origin.projectID)
        try await run.audit("start", verdict)
        guard case .allowed(let level) = verdict else {
            // Whoever merely pushes has asked for nothing.
            guard origin.trigger != .push else {
                throw TaskFailure(
                    .cancelled, "@\(origin.requester.username) may not give commands to the bot in \(project.path), so this push was not reviewed.")
            }
            let refusal = Refusal(gitLab: gitLab, origin: origin, project: project, reason: verdict.refusal ?? "")
            try await refusal.sayOnce()
            throw refusal.failure
        }
        if let author = origin.wordsOf, author.id != origin.requester.id {
            let verdict = try await check.check(author, inProject: origin.projectID)
            try await run.audit("words_of:\(author.username)", verdict)
            guard verdict.isAllowed else {
                throw TaskFailure(
                    .authentication, "The request is @\(author.username)'s, who may not give commands to the bot in \(project.path). Ask in words of your own.")
            }
        }
        try await TriggerCheck(run: run, origin: origin, gitLab: gitLab).confirm()
        guard !project.isArchived else {
            throw TaskFailure(.configuration, "The project is archived, so nothing can be pushed to it. Unarchive it and ask again.")
        }
        let subject: Subject
        switch origin.subject {
        case .issue(let iid):
            let issue = try await gitLab.client.issue(projectID: origin.projectID, iid: iid)
            guard issue.state == "opened" else {
                throw TaskFailure(.cancelled, "The issue was closed meanwhile, so nothing was done.")
            }
            if origin.trigger == .assignment {
                let bot = try await gitLab.bot()
                let hasChanged = (issue.updatedAt?.date ?? .distantPast) > origin.at
                guard !hasChanged || issue.assignees.contains(where: { $0.id == bot.id }) else {
                    throw TaskFailure(.cancelled, "The issue was taken off the bot again meanwhile, so nothing was done.")
                }
            }
            subject = .issue(issue)
        case .mergeRequest(let iid):
            subject = .mergeRequest(try await gitLab.client.mergeRequest(projectID: origin.projectID, iid: iid))
        }
        let desk = GitLabDesk(
            run: run, origin: origin, gitLab: gitLab, project: project, subject: subject, accessLevel: level)
        try await desk.checkSubject()
        return desk
    }

    /// What was said in private stays where it is equally hidden.
    var isHidden: Bool {
        if case .issue(let issue) = subject, issue.isConfidential { return true }
        return origin.isConfidential
    }

    private func checkSubject() async throws {
        guard !isHidden || project.isPrivate else {
            throw TaskFailure(
                .configuration,
                "Confidential issues and internal notes are not worked on in a project that others can see: branch, commits and merge request would be visible to them."
            )
        }
        guard case .mergeRequest(let merge) = subject, [.change, .plan, .fix].contains(run.task.kind) else { return }
        guard merge.isOpen else {
            throw TaskFailure(.code, "The merge request is \(merge.state), so its branch is not changed any more.")
        }
        guard !merge.isFromFork else {
            throw TaskFailure(
                .code, "The merge request comes from a fork, whose branch the bot does not push to. Ask its author, or open a branch in this project.")
        }
        let branch = try await client.branch(merge.sourceBranch, projectID: origin.projectID)
        let isThere = if branch != nil { true } else { try await isInRepository(merge.sourceBranch) }
        guard isThere else {
            throw TaskFailure(.code, "The source branch \(merge.sourceBranch) no longer exists.")
        }
        guard branch?.isProtected != true, branch?.isDefault != true, merge.sourceBranch != project.defaultBranch else {
            throw TaskFailure(
                .code, "The source branch \(merge.sourceBranch) is protected, and the bot never pushes to such a branch.")
        }
    }

    /// A server that closes this part of its API still has the branch, and itself refuses a push to a protected one.
    private func isInRepository(_ branch: String) async throws -> Bool {
        let url = "\(client.address.base)/\(project.path).git"
        return try await run.parts.git.remoteBranch(branch, at: url, credential: credential(for: url)) != nil
    }

    func credential(for repositoryURL: String) throws -> GitCredential? {
        let remote = try RemoteURL(repositoryURL)
        guard remote.isHTTP, remote.isWithin(client.address.base) else {
            throw TaskFailure(.configuration, "The repository is not on \(client.address), so the token is not sent to it.")
        }
        return .password(username: "oauth2", gitLab.token)
    }

    /// Asked again just before each push: a role may have been taken away, a branch moved, an issue closed.
    func confirmRights() async throws {
        let verdict = try await AccessCheck(gitLab: gitLab, now: run.parts.now())
            .check(origin.requester, inProject: origin.projectID)
        try await run.audit("push", verdict)
        guard verdict.isAllowed else {
            throw TaskFailure(
                .authentication, "@\(origin.requester.username) lost the right to command the bot while the task ran, so nothing was pushed.")
        }
        if isHidden { try await confirmIsPrivate() }
        switch subject {
        case .issue(let before): try await confirmIsOpen(before)
        case .mergeRequest(let before):
            let merge = try await client.mergeRequest(projectID: origin.projectID, iid: before.iid)
            guard merge.isOpen, merge.sourceBranch == before.sourceBranch else {
                throw TaskFailure(.code, "The merge request was \(merge.state) while the task ran, so nothing was pushed.")
            }
            try await confirmHead(of: merge)
        }
    }

    private func confirmIsPrivate() async throws {
        guard try await client.project(id: origin.projectID).isPrivate else {
            throw TaskFailure(.configuration, "The project was opened to others while the task ran, which is confidential, so nothing was pushed.")
        }
    }

    /// The delivery that would have told may have been lost.
    private func confirmIsOpen(_ before: GitLabIssue) async throws {
        let issue = try await client.issue(projectID: origin.projectID, iid: before.iid)
        guard issue.state == "opened" else {
            throw TaskFailure(.cancelled, "The issue was closed while the task ran, so nothing was pushed.")
        }
        guard isHidden || !issue.isConfidential else {
            throw TaskFailure(.cancelled, "The issue was made confidential while the task ran, so nothing was pushed. Ask again there.")
        }
        guard let made = run.journal.result.mergeRequest else { return }
        let merge = try await client.mergeRequest(projectID: origin.projectID, iid: made.iid)
        guard merge.isOpen else {
            throw TaskFailure(.cancelled, "The merge request was \(merge.state) while the task ran, so nothing was pushed.")
        }
    }
}

extension TaskRun {
    func audit(_ action: String, _ verdict: AccessCheck.Verdict) async throws {
        guard let origin = task.gitLab else { return }
        let (decision, detail): (String, String) =
            switch verdict {
            case .allowed(let level): ("allowed", "access level \(level)")
            case .refused(let reason): ("refused", reason)
            }
        try await steps.audit(
            AuditRecord(actor: "@\(origin.requester.username)", action: action, decision: decision, detail: detail))
    }
}
