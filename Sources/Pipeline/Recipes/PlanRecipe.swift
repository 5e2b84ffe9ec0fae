import Domain

/// `plan`: as `do`, but the plan is shown first and waits for a person's word. Where a plan waits already, it corrects that one.
struct PlanRecipe {
    let run: TaskRun

    func perform() async throws {
        guard let plan = try await waiting() else { return try await ChangeRecipe(run: run).perform() }
        try await run.journal.enter(.pending, as: "started", progress: 0)
        // The rights are looked up here as for any other work.
        _ = try await Reception(run: run).open()
        guard let origin = run.task.gitLab else { return }
        try await run.steps.step("correction") {
            let words = run.task.intent.isEmpty ? "Make another plan." : run.task.intent
            try await plan.hear(
                TaskInput(kind: .comment, text: words, author: "@\(origin.requester.username)"), store: run.parts.store)
            return true
        }
        run.journal.learn { $0.summary = "Taken as a correction of the plan of task \(plan.task)." }
    }

    /// Decided once: the plan may have been approved by the time of a second run.
    private func waiting() async throws -> WaitingPlan? {
        guard let thread = run.task.threadKey else { return nil }
        struct Found: Codable { var task: TaskID, noteID: Int64 }
        let found: Found? = try await run.steps.step("waiting_plan") {
            guard let plan = try await WaitingPlan.find(inThread: thread, besides: run.task.id, store: run.parts.store) else { return nil }
            // A20: internal words correct no plan that others read; they get one of their own.
            let isShown = try await run.parts.store.task(plan.task)?.task.gitLab?.isConfidential == false
            return run.task.gitLab?.isConfidential == true && isShown ? nil : Found(task: plan.task, noteID: plan.noteID)
        }
        return found.map { WaitingPlan(task: $0.task, noteID: $0.noteID) }
    }
}
