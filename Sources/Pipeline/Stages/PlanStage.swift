import Agent
import Domain
import TestRuns
import Workspaces

/// From the request to a plan that stands: questions are asked, and a plan that needs a person's word is shown and corrected until
/// it has it. A plan that stands is not made again.
struct PlanStage {
    let run: TaskRun
    let desk: any Desk
    let workshop: Workshop
    let agent: Agent
    /// Grows with what people answer.
    private(set) var context: AgentContext
    private(set) var isApproved = false
    private var round = 0

    init(run: TaskRun, desk: any Desk, workshop: Workshop, agent: Agent, context: AgentContext) {
        self.run = run
        self.desk = desk
        self.workshop = workshop
        self.agent = agent
        self.context = context
    }

    /// Nil when nothing needs changing.
    mutating func settle() async throws -> Plan? {
        while round < WaitingPlan.mostRounds {
            round += 1
            if round > 1 { try await run.journal.enter(.analyzing, progress: 15, iteration: round) }
            switch try await agent.analyze(context, in: workshop.checkout.tree, iteration: round) {
            case .nothingToDo(let reason):
                run.journal.learn { $0.summary = reason }
                try await desk.nothingToDo(reason)
                return nil
            case .question(let question):
                try await answer(question)
            case .plan(let plan):
                run.journal.learn { $0.plan = plan }
                let reason = workshop.rules.planRequired?.reason(for: plan.files)
                guard reason != nil || run.task.kind == .plan else { return plan }
                guard let correction = try await word(on: plan, because: reason) else { return plan }
                context.sections.append(.init(source: "your plan before it was corrected", text: plan.text))
                context.intent += "\n\nThe plan is to be corrected. \(correction)"
            }
        }
        throw TaskFailure(.code, "After \(WaitingPlan.mostRounds) rounds there is still no plan. Describe anew what is wanted, in one comment.")
    }

    /// What must be approved although the plan did not tell: the project's rules hold for what was really changed.
    /// Returns a correction, or nil when the change may go on.
    mutating func look(at changes: [FileChange], of plan: Plan) async throws -> String? {
        guard !isApproved, round < WaitingPlan.mostRounds,
            let reason = workshop.rules.planRequired?.reason(for: changes.map(\.path))
        else { return nil }
        round += 1
        var shown = plan
        shown.files = changes.map(\.path)
        return try await word(on: shown, because: "\(reason), and the change came to that")
    }

    /// Shows a plan that no model has made, such as that of a merge, where the project wishes plans to be approved. What people answer
    /// becomes part of it and of the context.
    mutating func approve(_ plan: Plan) async throws {
        guard let reason = workshop.rules.planRequired?.reason(for: plan.files) else { return }
        var shown = plan
        while round < WaitingPlan.mostRounds {
            round += 1
            guard let correction = try await word(on: shown, because: reason) else { return }
            shown.changes.append(correction)
            context.intent += "\n\nThe plan was answered. \(correction)"
        }
        throw TaskFailure(.code, "After \(WaitingPlan.mostRounds) rounds the plan is still not approved. Describe anew what is wanted, in one comment.")
    }

    private mutating func answer(_ question: String) async throws {
        guard try await desk.ask(question, round: round) else {
            run.journal.learn { $0.summary = question }
            throw TaskFailure(.code, "The request is unclear: \(question)")
        }
        let replies = try await run.steps.awaitedInputs("replies.\(round)", of: [.comment])
        guard !replies.isEmpty else { throw WaitsForReply(question: question) }
        context.sections.append(.init(source: "your question", text: question))
        context.intent += "\n\nYou asked a question, and this was answered. \(Self.told(replies))"
    }

    /// Shows the plan and waits. Returns the correction, nil for approval.
    private mutating func word(on plan: Plan, because reason: String?) async throws -> String? {
        guard try await desk.propose(plan, because: reason, round: round) else {
            try await run.note(.notice, "Nobody could be asked to approve the plan, so the work went on: \(reason ?? "").")
            isApproved = true
            return nil
        }
        let said = try await run.steps.awaitedInputs(WaitingPlan.word(round), of: [.comment, .approval])
        guard let first = said.first else { throw WaitsForReply(question: "The plan waits for approval.") }
        // A correction that came before the approval is not in the plan that was looked at.
        guard first.kind == .approval else { return Self.told(said) }
        isApproved = true
        let remarks = said.filter { !$0.text.isEmpty }
        if !remarks.isEmpty { context.intent += "\n\nThe plan was approved with these words. \(Self.told(remarks))" }
        try await run.steps.step("approved.\(round)") {
            try await run.note(.notice, "The plan was approved by \(first.author).")
            return true
        }
        return nil
    }

    private static func told(_ inputs: [TaskInput]) -> String {
        inputs.map { "\($0.author): \($0.text)" }.joined(separator: "\n\n")
    }
}

extension Plan {
    /// For a model.
    fileprivate var text: String {
        ([summary, "Files: \(files.joined(separator: ", "))"] + changes.map { "- \($0)" } + tests.map { "- check: \($0)" })
            .joined(separator: "\n")
    }
}
