import Domain
import Foundation
import GitLabAPI

/// `stop`, `status`, `retry`, `help`, further comments and withdrawals: answered at once, beside the work.
struct ControlRecipe {
    let run: TaskRun

    func perform() async throws {
        guard let origin = run.task.gitLab, let gitLab = run.parts.gitLab, let thread = run.task.threadKey else {
            throw TaskFailure(.configuration, "GITLAB_API_TOKEN is not set, so commands from GitLab can't be answered.")
        }
        let trigger = TriggerCheck(run: run, origin: origin, gitLab: gitLab)
        if run.task.kind == .withdraw {
            try await trigger.confirmProject()
            return try await Withdrawal(run: run, origin: origin, gitLab: gitLab, thread: thread).perform()
        }
        let verdict = try await AccessCheck(gitLab: gitLab, now: run.parts.now())
            .check(origin.requester, inProject: origin.projectID)
        try await run.audit(run.task.kind.rawValue, verdict)
        guard verdict.isAllowed else {
            // Whoever merely takes part in a discussion gets no answer from the bot.
            guard run.task.kind != .join, origin.trigger != .reaction else { return }
            let project = try await gitLab.client.project(id: origin.projectID)
            return try await Refusal(gitLab: gitLab, origin: origin, project: project, reason: verdict.refusal ?? "").sayOnce()
        }
        try await trigger.confirm()
        let voice = ControlVoice(run: run, origin: origin, gitLab: gitLab)
        switch run.task.kind {
        case .join: try await join(thread, origin, voice)
        case .stop: try await stop(thread, origin, voice)
        case .status: try await voice.say(try await StatusNote(run: run, thread: thread).markdown())
        case .approve: try await approve(thread, origin, voice)
        case .retry: try await Retry(run: run, origin: origin, gitLab: gitLab, thread: thread).perform(voice)
        default: try await voice.say(HelpNote(trigger: run.parts.settings.trigger, unknown: run.task.intent).markdown)
        }
    }

    private func join(_ thread: String, _ origin: GitLabOrigin, _ voice: ControlVoice) async throws {
        let plan = try await WaitingPlan.find(inThread: thread, besides: run.task.id, store: run.parts.store)
        if let plan, try await voice.isReply(to: plan.noteID) {
            guard try await mayEnter(run.parts.store.task(plan.task), origin, voice) else { return }
            try await run.steps.step("join") {
                try await plan.hear(input(.comment, origin), store: run.parts.store)
                return true
            }
            return try await voice.react("eyes")
        }
        // What is said elsewhere is not about the plan, but may be for other work there.
        let open = try await run.parts.store.openTasks(thread: thread).filter { $0.task.id != plan?.task }
        let here = open.first { $0.task.kind != .review && $0.task.gitLab?.discussionID == origin.discussionID }
        if here == nil, try await FindingReply(run: run, origin: origin, gitLab: voice.gitLab).take() { return }
        guard let task = here ?? open.first, try await mayEnter(task, origin, voice) else { return }
        try await run.steps.step("join") {
            let entry = try NewEntry(kind: .input, name: "comment", payload: JSONEncoder().encode(input(.comment, origin)))
            try await run.parts.store.append([entry], to: task.task.id, owner: nil)
            try await run.parts.store.hasten(task.task.id)
            return true
        }
        try await voice.react("eyes")
    }

    /// A20: internal words go into no work that is told of where others can read it.
    private func mayEnter(_ work: TaskRecord?, _ origin: GitLabOrigin, _ voice: ControlVoice) async throws -> Bool {
        guard origin.isConfidential, let about = work?.task.gitLab, !about.isConfidential else { return true }
        // What a to-do led to does not know yet that its issue is confidential.
        if about.trigger == .todo, case .issue(let iid) = about.subject,
            try await voice.gitLab.client.issue(projectID: about.projectID, iid: iid).isConfidential
        {
            return true
        }
        try await voice.say(
            "An internal comment is not taken into work that others can read about. Say it in an ordinary comment, or stop the work and ask in private.")
        return false
    }

    private func input(_ kind: TaskInput.Kind, _ origin: GitLabOrigin) -> TaskInput {
        TaskInput(kind: kind, text: run.task.intent, author: "@\(origin.requester.username)")
    }

    private func approve(_ thread: String, _ origin: GitLabOrigin, _ voice: ControlVoice) async throws {
        let isReaction = origin.trigger == .reaction
        let plan = try await WaitingPlan.find(inThread: thread, besides: run.task.id, store: run.parts.store)
        // A reaction means the comment that it stands on: an older plan is not approved any more.
        guard let plan, !isReaction || plan.noteID == origin.noteID else {
            guard !isReaction, !run.steps.isDone("approve") else { return }
            return try await voice.say("No plan waits for approval here. \(Markdown.code("\(run.parts.settings.trigger) plan TEXT")) makes one.")
        }
        try await run.steps.step("approve") {
            try await plan.hear(input(.approval, origin), store: run.parts.store)
            return true
        }
        if !isReaction { try await voice.react("eyes") }
    }

    private func stop(_ thread: String, _ origin: GitLabOrigin, _ voice: ControlVoice) async throws {
        // Decided once: on a second run what was stopped by the first one is open no more.
        let targets = try await run.steps.step("stop.targets") {
            try await run.parts.store.openTasks(thread: thread).map(\.task.id)
        }
        guard !targets.isEmpty else { return try await voice.say("Nothing is running here.") }
        for target in targets {
            _ = try await run.parts.store.requestStop(target, by: "@\(origin.requester.username)", reason: "")
        }
        try await voice.react("octagonal_sign")
    }
}
