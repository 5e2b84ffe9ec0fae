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
        let model = try parts.model(run.task.model)
        let sandbox = try await parts.sandbox()

        let assignment = try await run.steps.step("assignment") { try await desk.gather() }
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
        let context = workshop.context(of: assignment)
        // The base commit's tests run while the model thinks.
        async let baseRun = workshop.testBase(run)

        try await journal.enter(.analyzing, progress: 15)
        guard let plan = try await plan(with: agent, context, desk: desk, workshop: workshop) else { return }
        journal.learn { $0.plan = plan }
        let branch = try await desk.open(plan: plan, in: workshop.checkout)

        var bench = Bench(run: run, workshop: workshop, agent: agent, base: try await baseRun)
        var work = try await bench.work(plan: plan, context: context)
        guard !work.changes.isEmpty else {
            return try await desk.nothingToDo(work.outcome.summary)
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

    /// The plan; nil when nothing needs changing. A question is put to the person who asked, and the answer looked at again.
    private func plan(
        with agent: Agent, _ context: AgentContext, desk: any Desk, workshop: Workshop
    ) async throws -> Plan? {
        var context = context
        for round in 1...5 {
            switch try await agent.analyze(context, in: workshop.checkout.tree, iteration: round) {
            case .plan(let plan): return plan
            case .nothingToDo(let reason):
                journal.learn { $0.summary = reason }
                try await desk.nothingToDo(reason)
                return nil
            case .question(let question):
                journal.learn { $0.summary = question }
                guard try await desk.ask(question, round: round) else {
                    throw TaskFailure(.code, "The request is unclear: \(question)")
                }
                let replies = try await run.steps.newInputs("replies.\(round)")
                guard !replies.isEmpty else { throw WaitsForReply(question: question) }
                context.sections.append(
                    .init(
                        source: "your question, and what was replied",
                        text: ([question] + replies.map { "\($0.author): \($0.text)" }).joined(separator: "\n\n")))
            }
        }
        throw TaskFailure(.code, "After five questions it is still unclear what is wanted. Describe it anew, in one comment.")
    }
}

/// The task can't go on before a person has answered.
struct WaitsForReply: Error {
    let question: String
}
