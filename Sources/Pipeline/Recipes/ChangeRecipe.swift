import Agent
import Domain
import Foundation
import LanguageModels
import TestRuns
import Workspaces

/// `do`: clone, analyze, code and test until it holds, commit, push, publish.
struct ChangeRecipe {
    let run: TaskRun

    private var journal: TaskJournal { run.journal }
    private var parts: PipelineParts { run.parts }

    func perform() async throws {
        try await journal.enter(.pending, as: "started", progress: 0)
        let desk = try await Reception(run: run).open()
        try await perform(try await run.steps.step("assignment") { try await desk.gather() }, at: desk)
    }

    /// With an assignment that is already put together.
    func perform(_ assignment: Assignment, at desk: any Desk) async throws {
        let model = try parts.model(run.task.model)
        let sandbox = try await parts.sandbox()
        journal.learn { $0.repository = assignment.repositoryURL }
        try await journal.enter(.cloning, progress: 5)
        try await TaskPlace(run: run).use { place in
            let workshop = try await CloneStage(run: run, desk: desk, sandbox: sandbox).open(assignment, in: place)
            try await change(assignment, desk: desk, workshop: workshop, model: model)
        }
    }

    private func change(
        _ assignment: Assignment, desk: any Desk, workshop: Workshop, model: any LanguageModel
    ) async throws {
        let agent = workshop.agent(model: model, for: run)
        // The base commit's tests run while the model thinks, unless a person has to look at the plan first.
        let waits = run.task.kind == .plan
        async let early = waits ? nil : workshop.testBase(run)

        try await journal.enter(.analyzing, progress: 15)
        var planning = PlanStage(run: run, desk: desk, workshop: workshop, agent: agent, context: workshop.context(of: assignment))
        guard let plan = try await planning.settle() else { return }
        let branch = try await desk.open(plan: plan, in: workshop.checkout)

        let base = waits ? try await workshop.testBase(run) : try await early
        var bench = Bench(run: run, workshop: workshop, agent: agent, base: base)
        var work = try await bench.work(plan: plan, context: planning.context)
        guard !work.changes.isEmpty else {
            return try await desk.nothingToDo(work.outcome.summary)
        }
        while let correction = try await planning.look(at: work.changes, of: plan) {
            work = try await bench.mend("It was looked at before it is pushed, and is to be corrected. \(correction)", of: work)
        }
        guard assignment.repairs == nil || work.report.verdict != .failed else {
            let names = work.report.newFailures.prefix(3).joined(separator: ", ")
            throw TaskFailure(.code, "The repair made other tests fail (\(names)), so it was not pushed.")
        }
        try await journal.enter(.committing, progress: 85)
        let delivery = try await CommitStage(
            run: run, workshop: workshop, desk: desk, assignment: assignment, madeBranch: branch
        )
        .deliver(&work, at: &bench)
        try await desk.complete(delivery.evidence(of: work, plan: plan, usage: journal.result.usage))
        guard work.report.verdict != .failed else {
            let names = work.report.newFailures.prefix(3).joined(separator: ", ")
            throw TaskFailure(
                .code,
                "New test failures remain after \(bench.repairs) repair rounds (\(names)). The work so far is on the branch \(delivery.branch).")
        }
    }
}

/// The task can't go on before a person has answered.
struct WaitsForReply: Error {
    let question: String
}
