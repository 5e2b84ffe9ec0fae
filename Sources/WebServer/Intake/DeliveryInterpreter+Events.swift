import Domain
import GitLabAPI

extension DeliveryInterpreter {
    // MARK: Issues

    func decide(_ event: IssueEvent, in scene: Scene) -> Decision {
        let issue = event.issue
        let subject = GitLabOrigin.Subject.issue(iid: issue.iid)
        let person: GitLabOrigin.Person
        switch actor(scene.payload.actor, own: "own_event") {
        case .ignored(let reason): return .ignore(reason: reason)
        case .person(let value): person = value
        }
        if event.action == .close {
            return withdraw(subject, .closed, "closed", by: person, at: issue.updatedAt, in: scene)
        }
        if let bot = known, event.unassigns(id: bot.id, username: bot.username) {
            return withdraw(subject, .unassigned, "unassigned", by: person, at: issue.updatedAt, in: scene)
        }
        let trigger: GitLabOrigin.Trigger? =
            if let bot = known, event.assigns(id: bot.id, username: bot.username) {
                .assignment
            } else if let label, event.adds(label: label) {
                .label
            } else { nil }
        guard let trigger, event.action == .open || event.action == .update || event.action == .reopen else {
            return .ignore(reason: "no_trigger")
        }
        let request = [issue.title, issue.description].map { PlainText.cleaned($0) }.filter { !$0.isEmpty }
        return .task(
            scene.task(
                .change, request.joined(separator: "\n\n"), trigger: trigger, subject: subject, by: person, at: issue.updatedAt),
            reason: trigger == .label ? "label" : "assigned", meaning: scene.payload.meaning)
    }

    // MARK: Merge requests

    func decide(_ event: MergeRequestEvent, in scene: Scene) -> Decision {
        let mergeRequest = event.mergeRequest
        let subject = GitLabOrigin.Subject.mergeRequest(iid: mergeRequest.iid)
        if event.isSystem { return .ignore(reason: "system_event") }
        let person: GitLabOrigin.Person
        switch actor(scene.payload.actor, own: "own_event") {
        case .ignored(let reason): return .ignore(reason: reason)
        case .person(let value): person = value
        }
        if event.action == .close || event.action == .merge {
            // The task that made this merge request may belong to the issue that its branch is named after.
            let branch = mergeRequest.isFromFork ? nil : Self.ownBranch(mergeRequest.sourceBranch)
            return withdraw(subject, .closed, "closed", by: person, at: mergeRequest.updatedAt, branch: branch, in: scene)
        }
        let trigger: GitLabOrigin.Trigger? =
            if let bot = known, event.requestsReview(id: bot.id, username: bot.username) {
                .reviewRequest
            } else if let label, event.adds(label: label) {
                .label
            } else { nil }
        guard let trigger else { return pushed(event, by: person, in: scene) }
        return .task(
            scene.task(.review, trigger: trigger, subject: subject, by: person, at: mergeRequest.updatedAt) {
                $0.headSHA = mergeRequest.headSHA
            }, reason: trigger == .label ? "label" : "review_requested", meaning: scene.payload.meaning)
    }

    /// New commits on a merge request that the bot reviews or has reviewed. Whether the project wishes reviews of pushes stands in
    /// its own file, which is read when the task runs.
    private func pushed(_ event: MergeRequestEvent, by person: GitLabOrigin.Person, in scene: Scene) -> Decision {
        guard event.action == .update, let old = event.oldHeadSHA, !old.isEmpty, old != event.mergeRequest.headSHA else { return .ignore(reason: "no_trigger") }
        let mergeRequest = event.mergeRequest
        let task = scene.task(
            .review, trigger: .push, subject: .mergeRequest(iid: mergeRequest.iid), by: person, at: mergeRequest.updatedAt
        ) { $0.headSHA = mergeRequest.headSHA }
        if let bot = known, mergeRequest.reviewerIDs.contains(bot.id) || event.reviewers.contains(where: isBot) {
            return .task(task, reason: "pushed", meaning: scene.payload.meaning)
        }
        return .taskInThread(task, needs: .review, reason: "pushed", otherwise: "no_trigger")
    }

    // MARK: Pipelines and branches

    /// A failed pipeline on a branch of the bot's. Whether the bot opened the merge request is seen when the task runs.
    func decide(_ event: PipelineEvent, in scene: Scene) -> Decision {
        guard event.hasFailed else { return .ignore(reason: "pipeline_not_failed") }
        guard event.parentPipelineID == nil else { return .ignore(reason: "child_pipeline") }
        let request = event.mergeRequest
        if let request, request.sourceProjectID != request.targetProjectID { return .ignore(reason: "fork_pipeline") }
        guard !event.isTag, let branch = Self.ownBranch(request?.sourceBranch ?? event.ref) else {
            return .ignore(reason: "not_own_branch")
        }
        let subject: GitLabOrigin.Subject
        if let request {
            subject = .mergeRequest(iid: request.iid)
        } else if let iid = Self.issue(ofBranch: branch) {
            // A branch's pipeline names no merge request: the branch leads to it.
            subject = .issue(iid: iid)
        } else {
            return .ignore(reason: "no_merge_request")
        }
        let user = scene.payload.actor
        let person = GitLabOrigin.Person(id: user?.id ?? 0, username: user?.username ?? "", name: user?.name ?? "")
        return .task(
            scene.task(.fix, trigger: .pipeline, subject: subject, by: person, at: event.finishedAt, branch: branch) {
                $0.headSHA = event.sha
                $0.pipelineID = event.id
            }, reason: "pipeline_failed", meaning: scene.payload.meaning)
    }

    /// A failed job of a pipeline that has failed leads where the pipeline's own event does, for hooks that send jobs only. While the
    /// pipeline runs other jobs may fail yet, and what they say belongs to the same repair.
    func decide(_ event: JobEvent, in scene: Scene) -> Decision {
        guard event.hasFailed else { return .ignore(reason: "job_not_failed") }
        guard let pipeline = event.pipelineID else { return .ignore(reason: "incomplete_event") }
        let subject: GitLabOrigin.Subject
        let branch = Self.ownBranch(event.ref)
        if let branch {
            guard let iid = Self.issue(ofBranch: branch) else { return .ignore(reason: "no_merge_request") }
            subject = .issue(iid: iid)
        } else if let iid = Self.mergeRequest(ofRef: event.ref), let user = scene.payload.actor, isBot(user) {
            // Such a ref does not tell whose branch it is of; the bot's own pushes start pipelines in its name.
            subject = .mergeRequest(iid: iid)
        } else {
            return .ignore(reason: "not_own_branch")
        }
        switch event.pipelineStatus {
        case "failed": break
        case nil, "success", "canceled", "canceling", "skipped":
            return .ignore(reason: "pipeline_not_failed")
        default: return .ignore(reason: "pipeline_running")
        }
        let user = scene.payload.actor
        let person = GitLabOrigin.Person(id: user?.id ?? 0, username: user?.username ?? "", name: user?.name ?? "")
        return .task(
            scene.task(.fix, trigger: .pipeline, subject: subject, by: person, at: nil, branch: branch) {
                $0.headSHA = event.sha
                $0.pipelineID = pipeline
            }, reason: "pipeline_failed",
            // The pipeline's own event means the same, and so do those of its other jobs.
            meaning: "\(scene.projectID):pipeline:\(pipeline):failed")
    }

    /// 7 of `refs/merge-requests/7/head`.
    private static func mergeRequest(ofRef ref: String?) -> Int64? {
        let parts = ref?.split(separator: "/") ?? []
        guard parts.count == 4, parts[0] == "refs", parts[1] == "merge-requests" else { return nil }
        return Int64(parts[2])
    }

    func decide(_ event: PushEvent, in scene: Scene) -> Decision {
        guard event.isBranchDeletion else { return .ignore(reason: "unsupported_event") }
        guard let branch = Self.ownBranch(event.branch), let iid = Self.issue(ofBranch: branch) else {
            return .ignore(reason: "not_own_branch")
        }
        switch actor(scene.payload.actor, own: "own_event") {
        case .ignored(let reason): return .ignore(reason: reason)
        case .person(let person):
            return withdraw(
                .issue(iid: iid), .branchDeleted, "branch_deleted", by: person, at: nil, branch: branch, in: scene)
        }
    }

    // MARK: Reactions

    /// A thumbs-up on one of the bot's comments may approve a plan: which one it shows is seen when the task runs.
    func decide(_ event: EmojiEvent, in scene: Scene) -> Decision {
        guard let bot = known, event.action == .award, event.name.hasPrefix("thumbsup"), event.noteAuthorID == bot.id,
            let note = event.noteID
        else { return .ignore(reason: "unsupported_event") }
        let subject: GitLabOrigin.Subject
        if let iid = event.mergeRequestIID {
            subject = .mergeRequest(iid: iid)
        } else if let iid = event.issueIID {
            subject = .issue(iid: iid)
        } else {
            return .ignore(reason: "unsupported_noteable")
        }
        switch actor(scene.payload.actor, own: "own_event") {
        case .ignored(let reason): return .ignore(reason: reason)
        case .person(let person):
            guard event.userID == nil || event.userID == person.id else { return .ignore(reason: "contradictory_author") }
            let task = scene.task(.approve, trigger: .reaction, subject: subject, by: person, at: nil) { $0.noteID = note }
            return .taskInThread(task, needs: .openTask, reason: "approved_by_reaction", otherwise: "no_open_task")
        }
    }

    /// Ends what is at work in the thread. With a branch of the bot's own, another thread may be at work on it, which only the
    /// task can find out.
    private func withdraw(
        _ subject: GitLabOrigin.Subject, _ trigger: GitLabOrigin.Trigger, _ reason: String, by person: GitLabOrigin.Person,
        at time: GitLabTime?, branch: String? = nil, in scene: Scene
    ) -> Decision {
        let task = scene.task(.withdraw, trigger: trigger, subject: subject, by: person, at: time, branch: branch)
        guard branch == nil else { return .task(task, reason: reason, meaning: scene.payload.meaning) }
        return .taskInThread(task, needs: .openTask, reason: reason, otherwise: "no_open_task")
    }

    private static func ownBranch(_ name: String?) -> String? {
        guard let name, name.hasPrefix("ai/"), name.utf8.count <= 250 else { return nil }
        return name
    }

    /// 318 of `ai/318-empty-input`, and of `ai/318`, the branch of an issue whose title gives no words.
    static func issue(ofBranch branch: String) -> Int64? {
        let name = branch.dropFirst(3)
        let digits = name.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count == name.count || name.dropFirst(digits.count).first == "-" else { return nil }
        return Int64(digits)
    }
}
