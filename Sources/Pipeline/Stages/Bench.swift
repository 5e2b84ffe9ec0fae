import Agent
import Domain
import TestRuns
import Workspaces

/// Coding and testing in rounds, until no new failure remains or the rounds are used up.
struct Bench {
    let run: TaskRun
    let workshop: Workshop
    let agent: Agent
    /// What the tests say without the change.
    let base: TestRun?
    private(set) var iteration = 0

    init(run: TaskRun, workshop: Workshop, agent: Agent, base: TestRun?) {
        self.run = run
        self.workshop = workshop
        self.agent = agent
        self.base = base
    }

    struct Work: Sendable {
        var outcome: CodingOutcome
        var report: TestReport
        var changes: [FileChange]
    }

    var repairs: Int { max(0, iteration - 1) }

    private var limit: Int {
        let asked = run.task.maxIterations ?? workshop.rules.maxIterations ?? run.parts.settings.maxIterations
        return max(0, min(asked, 20))
    }

    var mayRepair: Bool { repairs < limit }

    mutating func work(plan: Plan, context: AgentContext) async throws -> Work {
        try await workshop.setUp(run)
        try await enterCoding()
        var outcome = try await agent.code(context, plan: plan, in: workshop.checkout.tree)
        var (report, changes) = try await test()
        while report.verdict == .failed, mayRepair {
            try await enterCoding()
            outcome = try await agent.repair(report, in: workshop.checkout.tree, iteration: iteration)
            (report, changes) = try await test()
        }
        return Work(outcome: outcome, report: report, changes: changes)
    }

    /// One more round for trouble that no test found: a commit that was refused, conflicts with what others pushed.
    mutating func mend(_ problem: String, of work: Work) async throws -> Work {
        try await enterCoding()
        let outcome = try await agent.repair(problem: problem, in: workshop.checkout.tree, iteration: iteration)
        let (report, changes) = try await test()
        return Work(outcome: outcome.summary.isEmpty ? work.outcome : outcome, report: report, changes: changes)
    }

    private mutating func enterCoding() async throws {
        iteration += 1
        try await run.journal.enter(.coding, progress: min(80, 25 + 10 * iteration), iteration: iteration)
    }

    private func test() async throws -> (TestReport, [FileChange]) {
        let changed = try await run.parts.git.changes(in: workshop.checkout)
        let changes = changed.map(\.fileChange)
        run.journal.learn { $0.changes = changes }
        guard !changes.isEmpty else {
            return (TestReport(verdict: .notRun, summary: "Nothing was changed, so nothing was tested."), [])
        }
        try await run.journal.enter(.testing, progress: min(84, 30 + 10 * iteration), iteration: iteration)
        let report = try await run.steps.step("tests.\(iteration)") {
            let report = try await workshop.test(changes, base: base)
            try await run.note(.test, report.summary, detail: report.newFailures.prefix(20).joined(separator: "\n"))
            return report
        }
        run.journal.learn { $0.testResults = report }
        // What the tests themselves have left is not the task's change.
        let left = try await run.parts.git.changes(in: workshop.checkout)
            .filter { change in change.kind == .added && !changed.contains { $0.path == change.path } }
        try run.parts.git.leaveOut(left.map(\.path), of: workshop.checkout)
        return (report, changes)
    }
}
