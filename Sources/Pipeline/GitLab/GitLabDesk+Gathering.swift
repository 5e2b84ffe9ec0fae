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
        try await refuseForeignChanges()
        switch subject {
        case .issue(let issue): return try await gather(issue, url: url)
        case .mergeRequest(let merge): return try await gather(merge, url: url)
        }
    }

    /// A19: title, description and branch are read now, and count as the requester saw them. Somebody without the right to command
    /// must not put something else there after the command.
    private func refuseForeignChanges() async throws {
        let history = try await history(since: origin.at.addingTimeInterval(1))
        let rewritings = history.filter(Self.tellsRewriting)
        // What a to-do tells does not say which head the person saw.
        let pushes = hasMoved || origin.trigger == .todo ? history.filter(Self.tellsPush) : []
        try await confirmChanges(by: rewritings + pushes)
        guard hasMoved, pushes.isEmpty, case .mergeRequest(let merge) = subject else { return }
        // Who moved it is not told. Into a branch of the project itself push only people with the role Developer.
        guard !merge.isFromFork, gitLab.minAccessLevel <= 30 else { throw Self.newCommits }
    }

    /// A19: a head that moved while the task ran is built upon only where everybody who can push may command the bot, or where all
    /// who pushed may.
    ///
    /// - Parameter merge: as it is now.
    func confirmHead(of merge: GitLabMergeRequest) async throws {
        guard gitLab.minAccessLevel > 30, let seen = origin.headSHA, !seen.isEmpty, let head = merge.headSHA, seen != head else { return }
        let pushes = try await history(since: origin.at.addingTimeInterval(1)).filter(Self.tellsPush)
        guard !pushes.isEmpty else { throw Self.newCommits }
        try await confirmChanges(by: pushes)
    }

    private static let newCommits = TaskFailure(.code, "New commits came to the merge request after the command. Look at them, and ask again.")

    /// Of a description in which a box was ticked GitLab says only that, whatever else was changed with it.
    private static func tellsRewriting(_ note: GitLabNote) -> Bool {
        ["changed the description", "changed title", "marked the checklist item", "marked the task"].contains { note.body.hasPrefix($0) }
    }

    private static func tellsPush(_ note: GitLabNote) -> Bool {
        note.body.wholeMatch(of: /added [0-9]+ (?:new )?commits?(?:\s.*)?/.dotMatchesNewlines()) != nil
    }

    private func confirmChanges(by notes: [GitLabNote]) async throws {
        var asked: Set<Int64> = [try await gitLab.bot().id, origin.requester.id]
        for author in notes.compactMap(\.author) where asked.insert(author.id).inserted {
            let person = GitLabOrigin.Person(id: author.id, username: author.username, name: author.name)
            let verdict = try await AccessCheck(gitLab: gitLab, now: run.parts.now()).check(person, inProject: project.id)
            try await run.audit("changed_by:\(author.username)", verdict)
            guard verdict.isAllowed else {
                throw TaskFailure(
                    .code,
                    "@\(author.username) changed the text or the branch here after the command and may not command the bot. Look at it again, and ask again."
                )
            }
        }
    }

    /// The merge request's branch is not what the requester saw.
    private var hasMoved: Bool {
        guard case .mergeRequest(let merge) = subject, let seen = origin.headSHA, !seen.isEmpty, let head = merge.headSHA else { return false }
        return seen != head
    }

    /// What GitLab itself has written down here since then, however much was said besides.
    private func history(since: Date) async throws -> [GitLabNote] {
        for limit in [100, 1_000, 10_000] {
            let notes = try await client.notes(on: target, limit: limit, newestFirst: true)
            guard notes.count < limit || (notes.last?.createdAt?.date ?? .distantFuture) <= since else { continue }
            return notes.filter { $0.isSystem && ($0.createdAt?.date ?? .distantFuture) > since }
        }
        throw TaskFailure(.code, "More was said here since the command than can be looked through. Ask again.")
    }

    private func gather(_ issue: GitLabIssue, url: String) async throws -> Assignment {
        var sections = [section("issue #\(issue.iid), title and description", issue.title + "\n\n" + issue.description, by: issue.author)]
        sections += try await discussion()
        // GitLab also names those of other projects that mention the issue; the bot's account may read what the requester may not.
        let related = try await client.mergeRequests(relatedToIssue: issue.iid, projectID: project.id)
        for merge in related.filter({ $0.projectID == project.id }).prefix(5) {
            sections.append(
                .init(
                    source: "merge request !\(merge.iid) (\(merge.state)), linked to the issue",
                    text: IncomingText.visible(merge.title + "\n\n" + String(merge.description.prefix(2000)))))
        }
        let words = words(of: issue)
        let intent = words.isEmpty ? "Do what issue #\(issue.iid) asks for: \(issue.title)" : words
        var assignment = Assignment(
            repositoryURL: url, repositoryName: project.path, ref: project.defaultBranch,
            destination: .ownBranch(BranchName.forIssue(issue.iid, title: isHidden ? "" : issue.title)),
            intent: IncomingText.visible(intent), sections: sections)
        // Who assigns an issue speaks with its text only where it is his own.
        assignment.ownWords = origin.noteID != nil || issue.author?.id == origin.requester.id ? words : ""
        finish(&assignment)
        return assignment
    }

    /// What was said in a comment, or the issue's own text where it was assigned or labelled: as GitLab has it, since the delivery's
    /// word for it proves nothing. That nobody changed it who may not has been seen.
    private func words(of issue: GitLabIssue) -> String {
        guard origin.noteID == nil, [.assignment, .label].contains(origin.trigger) else {
            return run.task.intent.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return [issue.title, issue.description].map { PlainText.cleaned($0) }.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func gather(_ merge: GitLabMergeRequest, url: String) async throws -> Assignment {
        var sections = [
            section("merge request !\(merge.iid), title and description", merge.title + "\n\n" + merge.description, by: merge.author)
        ]
        let thread = try await commandThread()
        var intent = run.task.intent
        if let position = origin.position ?? thread?.notes.first?.position.map(GitLabOrigin.DiffPosition.init) {
            sections.append(try await place(position, in: merge))
            if run.task.kind == .change {
                intent +=
                    "\n\nThis was asked in a review thread on \(Self.name(of: position)). Change what the thread is about, there, and elsewhere only what that change makes necessary."
            }
        }
        sections += try await discussion(in: thread)
        var assignment = Assignment(
            repositoryURL: url, repositoryName: project.path, ref: head(of: merge),
            destination: .mergeRequestBranch(merge.sourceBranch), intent: IncomingText.visible(intent), sections: sections)
        assignment.ownWords = run.task.intent
        finish(&assignment)
        return assignment
    }

    /// What is only read is read as GitLab keeps it for the merge request: a branch of that name in this project may be another's
    /// work when it comes from a fork, and be gone when it is closed.
    private func head(of merge: GitLabMergeRequest) -> String {
        run.task.kind == .answer && (merge.isFromFork || !merge.isOpen) ? "refs/merge-requests/\(merge.iid)/head" : merge.sourceBranch
    }

    private func finish(_ assignment: inout Assignment) {
        assignment.requester = isHidden ? "a member" : "@\(origin.requester.username)"
        assignment.isConfidential = isHidden
        assignment.defaultBranch = project.defaultBranch
        assignment.pipelinePath = project.pipelinePath
        // A38: only a Maintainer's own words open a protected file.
        assignment.mayNameProtectedFiles = accessLevel >= 40 && origin.wordsOf == nil
    }

    /// The thread that the command was given in, when it is one of the review's: then it alone counts as what was said.
    private func commandThread() async throws -> GitLabDiscussion? {
        guard let id = origin.discussionID, case .mergeRequest = origin.subject,
            let thread = try await client.discussion(id: id, on: target)
        else { return nil }
        return origin.position != nil || origin.trigger == .thread || origin.trigger == .reply || thread.notes.first?.position != nil ? thread : nil
    }

    /// What was said so far, no newer than the command.
    private func discussion(in thread: GitLabDiscussion? = nil) async throws -> [AgentContext.Section] {
        let bot = try await gitLab.bot()
        let notes: [GitLabNote]
        if let thread { notes = try await spoken(in: thread) } else { notes = try await client.notes(on: target, limit: 500) }
        let until = origin.at.addingTimeInterval(1)
        return notes.filter { note in
            !note.isSystem && (note.id != origin.noteID || origin.trigger == .thread) && (note.createdAt?.date ?? .distantFuture) <= until
                // Words changed since may be anybody's: GitLab does not name who edits. A reaction counts as a change there, too, such
                // as the bot's own on the last word of a thread that it works through, whose people were looked at before.
                && (note.author?.id == bot.id || origin.trigger == .thread || !note.isEdited(since: origin.at))
                && !(note.author?.id == bot.id && note.body.contains("<!-- ai-coder:progress"))
                && (isHidden || !note.isHidden)
        }.suffix(Self.mostNotes).map { section("comment", $0.body, by: $0.author) }
    }

    /// The lines that a thread stands on with some around them, and the file's diff.
    private func place(
        _ position: GitLabOrigin.DiffPosition, in merge: GitLabMergeRequest
    ) async throws -> AgentContext.Section {
        let diffs = try await client.diffs(projectID: project.id, iid: merge.iid)
        let diff = diffs.first { $0.newPath == position.newPath || $0.oldPath == position.oldPath }?.diff ?? ""
        var text = "The file's part of the merge request's diff:\n\(diff.prefix(12_000))"
        if let shown = try await lines(at: position, in: merge) { text = shown + "\n\n" + text }
        return .init(
            source: "the place on the diff that the thread stands at: \(Self.name(of: position))", text: IncomingText.visible(text))
    }

    /// As they were when the comment was written; a moved line is found by its words.
    private func lines(at position: GitLabOrigin.DiffPosition, in merge: GitLabMergeRequest) async throws -> String? {
        guard !position.isOldSide, let path = position.newPath, let first = position.startLine ?? position.endLine else { return nil }
        let last = max(first, position.endLine ?? first)
        let bytes: [UInt8]?
        do {
            bytes = try await client.file(path, at: position.headSHA ?? merge.sourceBranch, projectID: project.id)
        } catch {
            // The diff has to do where GitLab does not give the file.
            guard !error.isTransient else { throw error }
            return nil
        }
        guard let bytes else { return nil }
        let around = 6
        let all = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard first >= 1, first <= all.count else { return nil }
        let shown = max(1, first - around)...min(all.count, min(last, first + 100) + around)
        return shown.map { number in
            "\((first...last).contains(number) ? ">" : " ") \(number): \(all[number - 1].prefix(300))"
        }.joined(separator: "\n")
    }

    private static func name(of position: GitLabOrigin.DiffPosition) -> String {
        let path = (position.isOldSide ? position.oldPath : position.newPath) ?? position.newPath ?? position.oldPath ?? ""
        guard let start = position.startLine ?? position.endLine else { return path }
        let end = position.endLine ?? start
        return "\(path), \(start == end ? "line \(start)" : "lines \(start) to \(end)")\(position.isOldSide ? " (old side)" : "")"
    }

    private func section(_ source: String, _ text: String, by author: GitLabUser?) -> AgentContext.Section {
        .init(
            source: author.map { "\(source), by @\($0.username)" } ?? source,
            text: IncomingText.visible(String(text.prefix(64_000))))
    }
}

extension GitLabOrigin.DiffPosition {
    init(_ position: GitLabDiffPosition) {
        var (start, end): (Int?, Int?)
        var isOld = false
        if case .lines(let first, let last) = position.place {
            isOld = last.new == nil
            (start, end) = isOld ? (first.old, last.old) : (first.new, last.new)
        }
        self.init(
            oldPath: position.oldPath, newPath: position.newPath, startLine: start ?? end, endLine: end, isOldSide: isOld,
            headSHA: position.refs.headSHA)
    }
}
