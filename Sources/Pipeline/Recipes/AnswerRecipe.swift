import Agent
import Domain
import Workspaces

/// `ask`: an answer in the thread, from a look at the repository; no change.
struct AnswerRecipe {
    let run: TaskRun

    func perform() async throws {
        try await run.journal.enter(.pending, as: "started", progress: 0)
        let desk = try await Reception(run: run).open()
        let model = try run.parts.model(run.task.model)
        let sandbox = try await run.parts.sandbox()
        let assignment = try await run.steps.step("assignment") { try await desk.gather() }
        run.journal.learn { $0.repository = assignment.repositoryURL }
        try await run.journal.enter(.cloning, progress: 5)
        try await TaskPlace(run: run).use { place in
            let workshop = try await CloneStage(run: run, desk: desk, sandbox: sandbox).open(assignment, in: place)
            try await run.journal.enter(.analyzing, progress: 15)
            let answer = try await workshop.agent(model: model, for: run)
                .answer(workshop.context(of: assignment), in: workshop.checkout.tree)
            run.journal.learn { $0.summary = answer }
            try await desk.answer(answer, about: workshop.checkout)
        }
    }
}
