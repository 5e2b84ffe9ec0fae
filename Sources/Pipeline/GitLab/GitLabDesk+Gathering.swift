import Agent
import Domain
import Foundation
import GitLabAPI

extension GitLabDesk {
    /// Comments of the discussion that a model is shown, the newest of them when there are more.
    private static var mostNotes: Int { 60 }

    func gather() async throws -> Assignment {
        // The address is built from the configured one and the project's own path; what a payload said plays no part.
        let url = "\(client.address.base)/\(project.path).git"
        switch subject {
        case .issue(let issue): return try await gather(issue, url: url)
        case .mergeRequest(let merge): return try await gather(merge, url: url)
        }
    }

    private func gather(_ issue: GitLabIssue, url: String) async throws -> Assignment {
        var sections = [section("issue #\(issue.iid), title and description", issue.title + "\n\n" + issue.description, by: issue.author)]
        sections += try await discussion()
        for merge in try await client.mergeRequests(relatedToIssue: issue.iid, projectID: project.id).prefix(5) {
            sections.append(
                .init(
                    source: "merge request !\(merge.iid) (\(merge.state)), linked to the issue",
                    text: IncomingText.visible(merge.title + "\n\n" + String(merge.description.prefix(2000)))))
        }
        let words = run.task.intent.trimmingCharacters(in: .whitespacesAndNewlines)
        let intent = words.isEmpty ? "Do what issue #\(issue.iid) asks for: \(issue.title)" : words
        var assignment = Assignment(
            repositoryURL: url, repositoryName: project.path, ref: project.defaultBranch,
            destination: .ownBranch(BranchName.forIssue(issue.iid, title: isHidden ? "" : issue.title)),
            intent: IncomingText.visible(intent), sections: sections)
        finish(&assignment, named: [words, issue.description])
        return assignment
    }

    private func gather(_ merge: GitLabMergeRequest, url: String) async throws -> Assignment {
        var sections = [
            section("merge request !\(merge.iid), title and description", merge.title + "\n\n" + merge.description, by: merge.author)
        ]
        if let position = origin.position { sections.append(try await place(position, in: merge)) }
        sections += try await discussion()
        var assignment = Assignment(
            repositoryURL: url, repositoryName: project.path, ref: head(of: merge),
            destination: .mergeRequestBranch(merge.sourceBranch), intent: IncomingText.visible(run.task.intent),
            sections: sections)
        finish(&assignment, named: [run.task.intent])
        return assignment
    }

    /// What is only read is read as GitLab keeps it for the merge request: a branch of that name in this project may be another's
    /// work when it comes from a fork, and be gone when it is closed.
    private func head(of merge: GitLabMergeRequest) -> String {
        run.task.kind == .answer && (merge.isFromFork || !merge.isOpen) ? "refs/merge-requests/\(merge.iid)/head" : merge.sourceBranch
    }

    private func finish(_ assignment: inout Assignment, named texts: [String]) {
        assignment.requester = isHidden ? "a member" : "@\(origin.requester.username)"
        assignment.isConfidential = isHidden
        assignment.defaultBranch = project.defaultBranch
        // A38: only a Maintainer's own words open a protected file.
        assignment.mayNameProtectedFiles = accessLevel >= 40
    }

    /// What was said so far, no newer than the command: the thread alone when it was given in one.
    private func discussion() async throws -> [AgentContext.Section] {
        let bot = try await gitLab.bot()
        let notes: [GitLabNote]
        if let id = origin.discussionID, origin.position != nil,
            let thread = try await client.discussion(id: id, on: target)
        {
            notes = thread.notes
        } else {
            notes = try await client.notes(on: target, limit: 500)
        }
        let until = origin.at.addingTimeInterval(1)
        return notes.filter { note in
            !note.isSystem && note.id != origin.noteID && (note.createdAt?.date ?? .distantPast) <= until
                && !(note.author?.id == bot.id && note.body.contains("<!-- ai-coder:progress"))
                && (isHidden || !note.isHidden)
        }.suffix(Self.mostNotes).map { section("comment", $0.body, by: $0.author) }
    }

    private func place(
        _ position: GitLabOrigin.DiffPosition, in merge: GitLabMergeRequest
    ) async throws -> AgentContext.Section {
        let path = (position.isOldSide ? position.oldPath : position.newPath) ?? ""
        var lines = ""
        if let start = position.startLine {
            lines = position.endLine.map { $0 == start ? ", line \(start)" : ", lines \(start) to \($0)" } ?? ", line \(start)"
        }
        let diffs = try await client.diffs(projectID: project.id, iid: merge.iid)
        let diff = diffs.first { $0.newPath == position.newPath || $0.oldPath == position.oldPath }?.diff ?? ""
        return .init(
            source: "the place on the diff that the comment stands at: \(path)\(lines)\(position.isOldSide ? " (old side)" : "")",
            text: IncomingText.visible(String(diff.prefix(16_000))))
    }

    private func section(_ source: String, _ text: String, by author: GitLabUser?) -> AgentContext.Section {
        .init(
            source: author.map { "\(source), by @\($0.username)" } ?? source,
            text: IncomingText.visible(String(text.prefix(64_000))))
    }
}
