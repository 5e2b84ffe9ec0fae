import Domain
import Foundation
import GitLabAPI
import Workspaces

extension GitLabDesk {
    /// On an issue: the branch at the base commit, and the draft merge request with the plan.
    func open(plan: Plan, in checkout: Checkout) async throws -> String? {
        guard case .issue(let issue) = subject else { return nil }
        guard let base = checkout.base else {
            throw TaskFailure(.configuration, "The repository is empty. Push a first commit, and ask again.")
        }
        guard project.acceptsMergeRequests else {
            throw TaskFailure(.configuration, "Merge requests are switched off in this project. Switch them on (Settings > General), and ask again.")
        }
        guard let target = project.defaultBranch else {
            throw TaskFailure(.configuration, "The project has no default branch. Push a first commit, and ask again.")
        }
        let wanted = BranchName.forIssue(issue.iid, title: isHidden ? "" : issue.title)
        let name = try await run.steps.step("branch.name") { try await freeName(wanted) }
        try await run.steps.step("branch") {
            // There already means: made by a run that could not write it down any more.
            if try await client.branch(name, projectID: project.id) == nil { try await makeBranch(name, at: base, in: checkout) }
            return true
        }
        let text = MergeRequestText(
            run: run, plan: plan, closes: isHidden ? nil : issue.iid, requester: origin.requester.username, isHidden: isHidden)
        let made = try await run.steps.step("merge_request") {
            let made = try await client.createMergeRequest(
                NewMergeRequest(
                    sourceBranch: name, targetBranch: target, title: text.title, description: text.description,
                    labels: isHidden ? [] : issue.labels, assigneeIDs: [origin.requester.id], removesSourceBranch: true),
                projectID: project.id)
            return TaskResult.MergeRequest(iid: made.mergeRequest.iid, webURL: made.mergeRequest.webURL, isDraft: true)
        }
        run.journal.learn {
            $0.branch = name
            $0.mergeRequest = made
        }
        return name
    }

    /// Through the API, which costs no transfer; where it does not have that call, by a push. A right that is missing stays missing.
    private func makeBranch(_ name: String, at base: CommitID, in checkout: Checkout) async throws {
        do {
            _ = try await client.createBranch(name, from: base.rawValue, projectID: project.id)
        } catch {
            guard error.reason == .notFound else { throw error }
            try await run.parts.git.push(
                base, of: checkout, to: name, expecting: .newBranch, credential: credential(for: checkout.remoteURL))
        }
    }

    private func freeName(_ wanted: String) async throws -> String {
        for number in 1...50 {
            let candidate = number == 1 ? wanted : "\(wanted)-\(number)"
            if try await client.branch(candidate, projectID: project.id) == nil { return candidate }
        }
        throw TaskFailure(.code, "The branches \(wanted) to \(wanted)-50 exist already; delete those that nobody needs, and ask again.")
    }

    func complete(_ evidence: Evidence) async throws {
        switch subject {
        case .issue(let issue): try await complete(evidence, for: issue)
        case .mergeRequest(let merge): try await complete(evidence, on: merge)
        }
    }

    private func complete(_ evidence: Evidence, for issue: GitLabIssue) async throws {
        guard var made = run.journal.result.mergeRequest else { return }
        let template = try await client.mergeRequestTemplate(at: project.defaultBranch ?? "HEAD", projectID: project.id)
        let text = MergeRequestText(
            run: run, evidence: evidence, closes: isHidden ? nil : issue.iid, requester: origin.requester.username,
            isHidden: isHidden, template: template)
        try await run.steps.step("merge_request.done") {
            var changes = MergeRequestChanges(title: text.title, description: text.description)
            changes.reviewerIDs = [origin.requester.id]
            _ = try await client.updateMergeRequest(projectID: project.id, iid: made.iid, changes)
            return true
        }
        made.isDraft = evidence.staysDraft
        run.journal.learn { [made] in $0.mergeRequest = made }
        let state: Markdown =
            evidence.staysDraft
            ? "stays a draft: it needs your look before it goes on" : "is ready for review"
        try await sayOnce(
            "closing", on: target,
            "\(Markdown.mention(origin.requester.username)), the merge request \(Markdown.mergeRequest(made.iid)) \(state).")
    }

    private func complete(_ evidence: Evidence, on merge: GitLabMergeRequest) async throws {
        let isDraft = merge.isMarkedDraft || evidence.touchesProtected
        let made = TaskResult.MergeRequest(iid: merge.iid, webURL: merge.webURL, isDraft: isDraft)
        if evidence.touchesProtected { try await makeDraft(merge) }
        run.journal.learn { $0.mergeRequest = made }
        let commit = String(evidence.commit.rawValue.prefix(10))
        let text = Markdown.paragraphs([
            WarningList(warnings: evidence.warnings).markdown,
            evidence.touchesProtected ? "The merge request is a draft until somebody has looked at this." : "",
            prelude ?? "",
            "\(Markdown.mention(origin.requester.username)), done in \(Markdown.code(commit)): \(evidence.title).",
            Markdown(untrusted: String(evidence.summary.prefix(4000)), rules: OutgoingRules(mentions: [origin.requester.username])),
            TestTable(report: evidence.report).markdown,
        ])
        try await sayOnce("closing", on: target, text)
        if evidence.report.verdict != .failed { try await resolveOwnThread() }
    }

    /// Whatever its state now: a change of what runs in a pipeline is not merged by the way.
    private func makeDraft(_ merge: GitLabMergeRequest) async throws {
        try await run.steps.step("merge_request.draft") {
            let now = try await client.mergeRequest(projectID: project.id, iid: merge.iid)
            guard !now.isMarkedDraft else { return true }
            let changes = MergeRequestChanges(title: OutgoingTitle(untrusted: now.title, isDraft: true))
            _ = try await client.updateMergeRequest(projectID: project.id, iid: merge.iid, changes)
            return true
        }
    }

    /// A thread that the bot began is done with; whether one of theirs is, people say.
    private func resolveOwnThread() async throws {
        guard let id = origin.discussionID, origin.noteID != nil else { return }
        try await run.steps.step("thread.resolved") {
            let bot = try await gitLab.bot()
            guard let first = try await client.discussion(id: id, on: target)?.notes.first, first.author?.id == bot.id,
                first.isResolvable, !first.isResolved
            else { return false }
            try await client.resolve(discussion: id, on: target)
            return true
        }
    }

    func propose(_ plan: Plan, because reason: String?, round: Int) async throws -> Bool {
        let trigger = settings.trigger
        try await sayOnce(
            WaitingPlan.note(round), on: target,
            .paragraphs([
                "\(Markdown.mention(origin.requester.username)), this is \(round == 1 ? "the plan" : "the plan now" as Markdown):",
                PlanText(plan: plan).markdown,
                reason.map { "Nothing goes on before somebody approves it: \(Markdown.literal($0))." } ?? "",
                "\(Markdown.code("\(trigger) approve")) or a 👍 on this comment starts the work. To correct the plan, reply to this comment or write \(Markdown.code("\(trigger) plan TEXT")).",
            ]))
        return true
    }

    func ask(_ question: String, round: Int) async throws -> Bool {
        let text: Markdown =
            "\(Markdown.mention(origin.requester.username)), before I start:\n\n\(Markdown(untrusted: String(question.prefix(8000))))\n\nReply here, and I'll go on."
        try await sayOnce("question-\(round)", on: target, text)
        return true
    }

    func answer(_ text: String, about checkout: Checkout) async throws {
        let text = String(text.prefix(60_000))
        var places = Markdown.lines([])
        if let commit = checkout.base {
            places = CitedPlaces.list(
                try await CitedPlaces.found(in: text, at: checkout, git: run.parts.git), at: commit,
                project: "\(client.address.base)/\(project.path)")
        }
        try await sayOnce(
            "answer", on: target,
            .paragraphs(["\(Markdown.mention(origin.requester.username)),", Markdown(untrusted: text), places]))
    }

    func nothingToDo(_ reason: String) async throws {
        try await sayOnce(
            "closing", on: target,
            .paragraphs([
                prelude ?? "", "\(Markdown.mention(origin.requester.username)), nothing was changed:",
                Markdown(untrusted: String(reason.prefix(8000))),
            ]))
        // The draft that was opened with the plan would stay empty.
        guard case .issue = subject, let made = run.journal.result.mergeRequest else { return }
        try await run.steps.step("merge_request.withdrawn") {
            var changes = MergeRequestChanges()
            changes.closes = true
            _ = try await client.updateMergeRequest(projectID: project.id, iid: made.iid, changes)
            return true
        }
    }

    /// Writes a note once in the task's life, in the thread of the command where it has one; a note that an earlier run
    /// wrote without being able to say so is found by its marker.
    func sayOnce(_ name: String, on target: NoteTarget, _ text: Markdown) async throws {
        let marker = Markdown.marker(name, run.task.id.rawValue)
        try await run.steps.step("note.\(name)") {
            let bot = try await gitLab.bot()
            let said = try await client.notes(on: target, limit: 200, newestFirst: true)
            if let found = said.first(where: { $0.author?.id == bot.id && $0.body.contains(marker.text) }) { return found.id }
            let body = OutgoingText("\(text)\n\n\(marker)")
            if let thread = try await thread() { return try await client.reply(to: thread, on: target, body).id }
            return try await client.createNote(on: target, body, isInternal: origin.isConfidential).id
        }
    }

    /// Where the command was given, if answers belong there: on an issue a single comment stays one.
    private func thread() async throws -> String? {
        guard let id = origin.discussionID, origin.noteID != nil else { return nil }
        if case .mergeRequest = origin.subject { return id }
        return try await client.discussion(id: id, on: target).flatMap { $0.isSingleNote ? nil : id }
    }

    /// Hands something to the person, with what was learned. Two pipelines of one commit lead to one such comment.
    func leave(_ text: Markdown, on merge: GitLabMergeRequest) async throws {
        let marker = Self.handedMarker(merge)
        let isTold = try await run.steps.step("handed") {
            let bot = try await gitLab.bot()
            return try await client.notes(on: target, limit: 200, newestFirst: true)
                .contains { $0.author?.id == bot.id && $0.body.contains(marker.text) && !$0.body.contains(run.task.id.rawValue) }
        }
        guard !isTold else { return }
        try await sayOnce("closing", on: target, .paragraphs(["\(Markdown.mention(origin.requester.username)), \(text)", marker]))
    }

    /// Tells which commit's failed pipeline was dealt with.
    static func handedMarker(_ merge: GitLabMergeRequest) -> Markdown { .marker("handed", merge.headSHA ?? "") }
}
