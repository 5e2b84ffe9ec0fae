import Agent
import Domain
import Foundation
import LanguageModels
import Secrets
import TestRuns
import Workspaces

/// A task's checkout with all that was learned about the project: its rules, its instructions to agents, its tests.
struct Workshop: Sendable {
    var checkout: Checkout
    let place: TaskDirectory
    let sandbox: any Sandbox
    let rules: ProjectRules
    let problems: [ProjectRulesProblem]
    let instructions: [AgentContext.Instruction]
    /// `.gitlab/duo/mr-review-instructions.yaml`, as it stands.
    let reviewInstructions: String?
    let runner: TestRunner
    let tools: Set<String>
    /// As the base commit's files give it; the change may add the first tests.
    let plan: TestPlan?

    func context(of assignment: Assignment) -> AgentContext {
        AgentContext(
            intent: assignment.intent, repository: assignment.repositoryName, branch: checkout.baseBranch,
            sections: assignment.sections, instructions: instructions,
            testCommands: plan.map { $0.setup + $0.tests.map(\.line) + $0.lint } ?? [],
            protectedPaths: ProtectedFiles.builtIn + rules.protected)
    }

    /// - Parameter configured: what is used unless the project's file names another that the operator allows. A task's own wish
    ///   has been heard already.
    func agent(model configured: any LanguageModel, for run: TaskRun) -> Agent {
        let model = run.task.model == nil ? rules.model.flatMap { try? run.parts.model($0) } ?? configured : configured
        var settings = AgentSettings()
        settings.maxTokens = run.parts.settings.maxTokensPerTask
        settings.maxCost = run.parts.settings.maxCostPerTask
        settings.timeLimit = run.parts.settings.taskTimeout
        settings.image = rules.image
        let (journal, parts, checkout) = (run.journal, run.parts, checkout)
        let begun = parts.now()
        return Agent(
            model: model, sandbox: sandbox, journal: run.steps, settings: settings, logger: run.logger,
            redact: { parts.redactor.redact($0) },
            elapsed: { .seconds(parts.now().timeIntervalSince(begun)) },
            allow: { usage in try await DailyBudget(parts: parts, task: run.task.id).allow(usage, for: run.task.gitLab) },
            changes: { try await parts.git.changes(in: checkout).map { $0.fileChange.description }.joined(separator: "\n") },
            progress: { progress in
                journal.learn { $0.usage = progress.usage }
                parts.progress?(run.task.id, progress)
            })
    }

    /// Runs the project's set-up in the work tree, once, so that the model's own commands have what it brings. What it leaves or
    /// rewrites is no part of the task's change.
    func setUp(_ run: TaskRun) async throws {
        guard let plan, !plan.setup.isEmpty else { return }
        let git = run.parts.git
        let before = Set(try await git.changes(in: checkout).map(\.path))
        if let obstacle = try await runner.setUp(plan, in: checkout.tree) { try await run.note(.warning, obstacle) }
        let made = try await git.changes(in: checkout).filter { !before.contains($0.path) }
        try git.leaveOut(made.filter { $0.kind == .added }.map(\.path), of: checkout)
        for change in made where change.kind != .added {
            let path = change.fileChange.path
            guard let bytes = try await git.fileAtBase(path, in: checkout, limit: 64 << 20) else { continue }
            try checkout.tree.write(bytes, to: path)
        }
    }

    /// What the project's tests say of the base commit; nil for an empty repository or where there are no tests.
    func testBase(_ run: TaskRun) async throws -> TestRun? {
        guard checkout.base != nil, let plan, !plan.tests.isEmpty || !plan.lint.isEmpty else { return nil }
        return try await run.steps.step("tests.base") {
            let tree = try await run.parts.git.baseTree(of: checkout, into: place.subdirectory("base"))
            return try await runner.run(plan, in: tree, changed: [], tools: tools)
        }
    }

    /// Runs the tests on the changed tree, and failures that the base has not a second time.
    func test(_ changes: [FileChange], base: TestRun?) async throws -> TestReport {
        let tree = checkout.tree
        let tools = tools
        let plan = TestPlan.find(in: tree, rules: rules, hasTool: { tools.contains($0) })
        let changed = changes.filter { $0.kind != .deleted }.map(\.path)
        let head = try await runner.run(plan, in: tree, changed: changed, tools: tools)
        let known = base?.failures ?? []
        guard !head.failures.subtracting(known).isEmpty else {
            return .comparing(base: base, head: head, again: nil)
        }
        let again = try await runner.run(plan, in: tree, changed: changed, tools: tools)
        return .comparing(base: base, head: head, again: again)
    }
}
