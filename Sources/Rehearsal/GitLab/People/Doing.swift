import Foundation

/// What people do: talk, assign, ask for review, merge, push.
extension GitLabWorld {
    @discardableResult
    package func openIssue(
        in project: String, by username: String, title: String, description: String = "", assignees: [String] = [],
        labels: [String] = [], isConfidential: Bool = false
    ) async throws -> Issue {
        try await createIssue(
            in: try known(project).id, title: title, description: description, by: try person(username).id,
            assigneeIDs: try assignees.map { try person($0).id }, labels: labels, isConfidential: isConfidential)
    }

    /// A thread that a person can talk on.
    package enum Place: Sendable {
        case issue(String, Int)
        case mergeRequest(String, Int)
    }

    package func noteable(at place: Place) throws -> Noteable {
        switch place {
        case .issue(let project, let iid): .issue(try knownIssue(project, iid).id)
        case .mergeRequest(let project, let iid): .mergeRequest(try knownMergeRequest(project, iid).id)
        }
    }

    /// Comments; nil when the text was only slash commands. `replyingTo` is a discussion's id.
    @discardableResult
    package func comment(
        _ body: String, on place: Place, by username: String, isInternal: Bool = false, replyingTo discussionID: String? = nil,
        asThread: Bool = false
    ) async throws -> Note? {
        let outcome = try await createNote(
            on: try noteable(at: place), by: try person(username).id, body: body, isInternal: isInternal,
            discussionID: discussionID, startsThread: asThread)
        if case .stored(let note) = outcome { return note }
        return nil
    }

    /// Comments on a line of a merge request's newest diff.
    @discardableResult
    package func commentOnLine(
        _ body: String, inMergeRequest iid: Int, of project: String, path: String, newLine: Int? = nil, oldLine: Int? = nil,
        by username: String
    ) async throws -> Note? {
        let found = try knownMergeRequest(project, iid)
        guard let version = found.versions.last else { throw Refusal.notFound }
        let position = DiffPosition(
            baseSHA: version.base, startSHA: version.start, headSHA: version.head, oldPath: path, newPath: path,
            oldLine: oldLine, newLine: newLine)
        let outcome = try await createNote(
            on: .mergeRequest(found.id), by: try person(username).id, body: body, startsThread: true, position: position)
        if case .stored(let note) = outcome { return note }
        return nil
    }

    /// Resolves the thread of a comment, or opens it again.
    package func resolve(_ isResolved: Bool = true, threadOf note: Int, by username: String) throws {
        guard let found = notes[note] else { throw Refusal.notFound("Note") }
        try resolve(found.discussionID, found.noteable, isResolved, by: try person(username).id)
    }

    package func edit(note id: Int, to body: String, by username: String) async throws {
        _ = try await editNote(id, body: body, by: try person(username).id)
    }

    package func assign(issue iid: Int, of project: String, to usernames: [String], by username: String) throws {
        var change = IssueChange()
        change.assigneeIDs = try usernames.map { try person($0).id }
        try update(issue: try knownIssue(project, iid).id, change, by: try person(username).id)
    }

    package func label(issue iid: Int, of project: String, _ labels: [String], by username: String) throws {
        var change = IssueChange()
        change.labels = labels
        try update(issue: try knownIssue(project, iid).id, change, by: try person(username).id)
    }

    package func rewrite(issue iid: Int, of project: String, description: String, by username: String) throws {
        var change = IssueChange()
        change.description = description
        try update(issue: try knownIssue(project, iid).id, change, by: try person(username).id)
    }

    package func setClosed(_ isClosed: Bool, issue iid: Int, of project: String, by username: String) throws {
        var change = IssueChange()
        change.isClosed = isClosed
        try update(issue: try knownIssue(project, iid).id, change, by: try person(username).id)
    }

    package func setConfidential(_ isConfidential: Bool, issue iid: Int, of project: String, by username: String) throws {
        var change = IssueChange()
        change.isConfidential = isConfidential
        try update(issue: try knownIssue(project, iid).id, change, by: try person(username).id)
    }

    @discardableResult
    package func openMergeRequest(
        in project: String, from source: String, to target: String = "main", title: String, description: String = "",
        by username: String, reviewers: [String] = [], sourceProject: String? = nil
    ) async throws -> MergeRequest {
        var new = NewMergeRequest(
            sourceProjectID: try known(sourceProject ?? project).id, targetProjectID: try known(project).id,
            sourceBranch: source, targetBranch: target, title: title)
        new.description = description
        new.reviewerIDs = try reviewers.map { try person($0).id }
        return try await createMergeRequest(new, by: try person(username).id)
    }

    package func requestReview(mergeRequest iid: Int, of project: String, from reviewers: [String], by username: String) throws {
        let found = try knownMergeRequest(project, iid)
        let ids = try reviewers.map { try person($0).id }
        let userID = try person(username).id
        if let again = ids.first(where: { id in found.reviewers.contains { $0.userID == id } }) {
            return try reRequestReview(mergeRequest: found.id, from: again, by: userID)
        }
        var change = MergeRequestChange()
        change.reviewerIDs = ids
        try update(mergeRequest: found.id, change, by: userID)
    }

    package func change(mergeRequest iid: Int, of project: String, _ change: MergeRequestChange, by username: String) throws {
        try update(mergeRequest: try knownMergeRequest(project, iid).id, change, by: try person(username).id)
    }

    package func close(mergeRequest iid: Int, of project: String, by username: String) throws {
        var change = MergeRequestChange()
        change.state = .closed
        try update(mergeRequest: try knownMergeRequest(project, iid).id, change, by: try person(username).id)
    }

    @discardableResult
    package func merge(mergeRequest iid: Int, of project: String, by username: String) async throws -> MergeRequest {
        try await merge(
            try knownMergeRequest(project, iid).id, by: try person(username).id, squash: nil, removesSource: nil, sha: nil)
    }

    /// Pushes a commit as a person, on a branch that may be new (`from` names where it starts).
    @discardableResult
    package func push(
        _ files: [String: String], deleting: [String] = [], to branch: String, from start: String? = nil, in project: String,
        message: String = "Change files", by username: String
    ) async throws -> String {
        let actions =
            files.sorted { $0.key < $1.key }.map { FileAction(.update, $0.key, content: Array($0.value.utf8)) }
            + deleting.map { FileAction(.delete, $0) }
        return try await commit(
            actions, to: branch, from: start, in: try known(project).id, message: message, by: try person(username).id)
    }

    func commit(
        _ actions: [FileAction], to branch: String, from start: String?, in projectID: Int, message: String, by userID: Int
    ) async throws -> String {
        guard let user = users[userID] else { throw Refusal.unauthorized }
        let repository = repository(of: projectID)
        var parent = await repository.commit("refs/heads/\(branch)")
        if parent == nil, let project = projects[projectID] {
            parent = await repository.commit("refs/heads/\(start ?? project.defaultBranch ?? "main")")
        }
        let commit = try await repository.commit(actions, on: parent, message: message, identity: (user.name, user.email))
        try await repository.update("refs/heads/\(branch)", to: commit)
        try await refsChanged(in: projectID, by: userID)
        return commit
    }

    package func deleteBranch(_ branch: String, of project: String, by username: String) async throws {
        let id = try known(project).id
        try await repository(of: id).delete("refs/heads/\(branch)")
        try await refsChanged(in: id, by: try person(username).id)
    }

    /// Starts a pipeline on a branch's head and ends it at once; `failing` maps job names to their logs, `reasons` to GitLab's words for
    /// what went wrong, and `children` the names of bridges to pipelines that have ended.
    @discardableResult
    package func runPipeline(
        on branch: String, of project: String, failing: [String: String] = [:], reasons: [String: String] = [:],
        children: [String: Pipeline] = [:], by username: String
    ) async throws -> Pipeline? {
        let id = try known(project).id
        guard let sha = await repository(of: id).commit("refs/heads/\(branch)") else { throw Refusal.notFound("Branch") }
        var jobs = failing.keys.sorted().map { (name: $0, stage: "test") }
        if jobs.isEmpty { jobs = [("test", "test")] }
        let pipeline = startPipeline(in: id, ref: branch, sha: sha, by: try person(username).id, jobs: jobs)
        pipelines[pipeline.id]?.children = children.mapValues(\.id)
        finishPipeline(pipeline.id, failing: failing, reasons: reasons)
        return pipelines[pipeline.id]
    }

    @discardableResult
    package func award(_ name: String, note id: Int, by username: String) throws -> Award {
        let award = Award(id: nextID(.award), name: name, userID: try person(username).id, target: .note(id), createdAt: now())
        awards[award.id] = award
        emitAward(award, action: "award")
        return award
    }

    /// From now on no delivery of the project's is sent.
    package func removeHooks(of project: String) throws {
        let id = try known(project).id
        hooks = hooks.filter { $0.value.owner != .project(id) }
    }

    /// Installs a webhook without going through the API.
    @discardableResult
    package func installHook(
        in project: String, url: String, token: String? = nil, signingToken: String? = nil,
        switches: Set<String> = [
            "note_events", "confidential_note_events", "issues_events", "confidential_issues_events", "merge_requests_events",
            "pipeline_events", "push_events", "emoji_events",
        ]
    ) throws -> Hook {
        let hook = Hook(
            id: nextID(.hook), owner: .project(try known(project).id), url: url, token: token, signingToken: signingToken,
            switches: switches, createdAt: now())
        hooks[hook.id] = hook
        return hook
    }
}
