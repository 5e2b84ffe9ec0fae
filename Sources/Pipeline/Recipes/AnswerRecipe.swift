import Agent
import Domain
import Workspaces

/// `ask`: an answer in the thread, from a look at the repository; no change.
struct AnswerRecipe {
    let run: TaskRun

    func perform() async throws {
        let desk = try await Reception(run: run).open()
        try await looking(from: desk) { agent, workshop, context in
            let answer = try await agent.answer(context, in: workshop.checkout.tree)
            run.journal.learn { $0.summary = answer }
            try await desk.answer(answer, about: workshop.checkout)
        }
    }

    /// Gathers, clones and hands over to what looks at the checkout.
    func looking(from desk: any Desk, _ look: (Agent, Workshop, AgentContext) async throws -> Void) async throws {
        try await run.journal.enter(.pending, as: "started", progress: 0)
        let model = try run.parts.model(run.task.model)
        let sandbox = try await run.parts.sandbox()
        let assignment = try await run.steps.step("assignment") { try await desk.gather() }
        run.journal.learn { $0.repository = assignment.repositoryURL }
        try await run.journal.enter(.cloning, progress: 5)
        try await TaskPlace(run: run).use { place in
            let workshop = try await CloneStage(run: run, desk: desk, sandbox: sandbox).open(assignment, in: place)
            try await run.journal.enter(.analyzing, progress: 15)
            try await look(workshop.agent(model: model, for: run), workshop, workshop.context(of: assignment))
        }
    }
}
