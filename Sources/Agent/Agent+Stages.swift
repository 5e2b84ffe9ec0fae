package import Domain
package import Workspaces

extension Agent {
    /// Looks at the repository with read-only tools until there is a plan, a question, or nothing to do.
    ///
    /// - Parameter iteration: tells several analyses of one task apart, for instance after a correction of the plan.
    package func analyze(
        _ context: AgentContext, in tree: WorkTree, iteration: Int = 1
    ) async throws -> Analysis {
        var history = try await open(.analyze, iteration: iteration, context, in: tree, showsOverview: true)
        let result = try await run(.analyze, iteration: iteration, &history, in: tree)
        switch result.ending {
        case .plan(let plan):
            return plan.files.isEmpty && plan.changes.isEmpty ? .nothingToDo(plan.summary) : .plan(plan)
        case .question(let question): return .question(question)
        case .finished(let text), .answer(let text): return .nothingToDo(text)
        case .review(let review): return .nothingToDo(review.summary)
        }
    }

    /// Changes the work tree until the model says that it has finished: iteration 1.
    package func code(_ context: AgentContext, plan: Plan, in tree: WorkTree) async throws -> CodingOutcome {
        let history = try await open(.code, iteration: 1, context, in: tree, plan: plan)
        return try await goOn(with: history, iteration: 1, in: tree)
    }

    /// Goes on with the conversation that `code` began: tells what failed and lets the model mend it.
    ///
    /// - Parameter iteration: 2 for the first repair, and so on.
    package func repair(_ report: TestReport, in tree: WorkTree, iteration: Int) async throws -> CodingOutcome {
        try await repair(
            saying: RepairText.text(report, iteration: iteration, limit: measures.resultLimit), iteration: iteration, in: tree)
    }

    /// As `repair`, for trouble that is not a test: a commit that was refused, conflicts with what others pushed.
    package func repair(problem: String, in tree: WorkTree, iteration: Int) async throws -> CodingOutcome {
        try await repair(
            saying: RepairText.text(problem: problem, limit: measures.resultLimit), iteration: iteration, in: tree)
    }

    /// Answers a question about the repository; changes nothing.
    package func answer(_ context: AgentContext, in tree: WorkTree, iteration: Int = 1) async throws -> String {
        var history = try await open(.answer, iteration: iteration, context, in: tree, showsOverview: true)
        let result = try await run(.answer, iteration: iteration, &history, in: tree)
        switch result.ending {
        case .answer(let text), .finished(let text), .question(let text): return text
        case .plan(let plan): return plan.summary
        case .review(let review): return review.summary
        }
    }

    /// Finds out what a reply to a finding of a review asks for; changes nothing.
    package func reply(_ context: AgentContext, in tree: WorkTree, iteration: Int = 1) async throws -> ReplyOutcome {
        var history = try await open(.reply, iteration: iteration, context, in: tree)
        let result = try await run(.reply, iteration: iteration, &history, in: tree)
        switch result.ending {
        case .answer(let text), .finished(let text), .question(let text):
            return text.allSatisfy { $0.isWhitespace || $0 == "-" } ? .nothing : .answer(text)
        case .plan(let plan): return .change(plan)
        case .review(let review): return .answer(review.summary)
        }
    }

    /// Reviews a diff that is among the context's sections; changes nothing.
    package func review(
        _ context: AgentContext, scope: ReviewScope, in tree: WorkTree, iteration: Int = 1
    ) async throws -> ReviewOutcome {
        var history = try await open(.review, iteration: iteration, context, in: tree)
        let result = try await run(.review, iteration: iteration, &history, in: tree, scope: scope)
        switch result.ending {
        case .review(let review): return review
        case .answer(let text), .finished(let text), .question(let text): return ReviewOutcome(summary: text, findings: [])
        case .plan(let plan): return ReviewOutcome(summary: plan.summary, findings: [])
        }
    }

    private func repair(saying text: String, iteration: Int, in tree: WorkTree) async throws -> CodingOutcome {
        guard var history = codingHistory else {
            throw TaskFailure(.system, "A repair was asked for before any coding; this is a mistake in the product.")
        }
        history.tell(redact(text))
        return try await goOn(with: history, iteration: iteration, in: tree)
    }

    private func goOn(with history: History, iteration: Int, in tree: WorkTree) async throws -> CodingOutcome {
        var history = history
        let result = try await run(.code, iteration: iteration, &history, in: tree)
        keep(history)
        let ending: CodingOutcome.Ending = result.spoke ? .spoke : .finished
        switch result.ending {
        case .finished(let summary), .answer(let summary), .question(let summary):
            return CodingOutcome(summary: redact(summary), ending: ending, turns: result.turns)
        case .plan(let plan): return CodingOutcome(summary: redact(plan.summary), ending: ending, turns: result.turns)
        case .review(let review): return CodingOutcome(summary: redact(review.summary), ending: ending, turns: result.turns)
        }
    }
}
