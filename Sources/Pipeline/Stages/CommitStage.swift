import Agent
import Domain
import Foundation
import Secrets
import TestRuns
import Workspaces

/// Looks at the change once more, commits it and pushes it; brings it up to date when the branch has moved meanwhile.
struct CommitStage {
    let run: TaskRun
    let workshop: Workshop
    let desk: any Desk
    let assignment: Assignment
    /// The branch that was made when the plan stood; nil when the push makes it.
    let madeBranch: String?

    /// How often a moved branch is followed before the task gives up.
    private static let integrations = 3

    struct Delivery: Sendable, Codable {
        var commit: CommitID
        var branch: String
        var changes: [FileChange]
        var warnings: [String]
        var touchesProtected: Bool
        var integrations: Int

        func evidence(of work: Bench.Work, plan: Plan, usage: Usage) -> Evidence {
            Evidence(
                plan: plan, title: CommitMessage(work.outcome.summary).subject, summary: work.outcome.body,
                report: work.report, changes: changes, commit: commit, branch: branch, warnings: warnings, usage: usage,
                staysDraft: work.report.verdict == .failed || touchesProtected,
                touchesProtected: touchesProtected)
        }
    }

    func deliver(_ work: inout Bench.Work, at bench: inout Bench) async throws -> Delivery {
        var checkout = workshop.checkout
        var expectation: PushExpectation = .newBranch
        if madeBranch != nil || assignment.destination.isForeign, let base = checkout.base { expectation = .at(base) }
        var integrations = 0
        var announced = try await announcedBefore()
        if let done = try await run.steps.recall("pushed", as: Delivery.self) {
            return try await tell(run.steps.step("pushed") { done })
        }
        var change = try await reviewed(&work, at: &bench)
        // The time is part of the commit's id: a second run after a crash must make the same commit.
        let date = try await run.steps.step("commit.time") { run.parts.now() }
        var commit = try await run.parts.git.commit(
            change, of: checkout, message: message(for: work), policy: policy, at: date)
        let branch = try await freeBranch(for: commit, in: checkout)
        let first = commit
        while true {
            if !announced.contains(commit) {
                announced.append(try await run.steps.step(Self.announcement(announced.count)) { [commit] in commit })
            }
            try await desk.confirmRights()
            do {
                try await run.parts.git.push(
                    commit, of: checkout, to: branch, expecting: expectation,
                    credential: desk.credential(for: checkout.remoteURL))
                break
            } catch let failure as GitFailure where failure.reason == .branchMoved && integrations < Self.integrations {
                // What made the branch move may be this task's own push, by a run that was killed before it could write that down.
                if let earlier = try await run.parts.git.earlierPush(
                    of: announced, to: branch, since: checkout, credential: desk.credential(for: checkout.remoteURL))
                {
                    work.report = try await lastReport(before: work.report)
                    (commit, integrations) = (earlier, earlier == first ? 0 : max(1, integrations))
                    break
                }
                integrations += 1
                switch try await run.parts.git.integrate(
                    commit, of: checkout, with: branch, credential: desk.credential(for: checkout.remoteURL))
                {
                case .nothingLeft:
                    throw TaskFailure(
                        .code, "Somebody pushed the same change to \(branch) while this task ran, so nothing was left to push.")
                case .conflicts(let paths, _):
                    throw TaskFailure(
                        .code,
                        "Somebody pushed to \(branch) while this task ran, and both changed \(paths.prefix(5).joined(separator: ", ")). Ask again, and the work starts from the branch as it is now."
                    )
                case .integrated(let moved, let made):
                    checkout = moved
                    commit = made
                    expectation = moved.base.map { .at($0) } ?? .newBranch
                    // Before the tests, whose leftovers are no part of it.
                    change = try await reviewed(moved, on: branch)
                    work.report = try await testAgain(moved, round: integrations, work: work, base: bench.base)
                }
            }
        }
        let delivered = Delivery(
            commit: commit, branch: branch, changes: change.changes.map(\.fileChange),
            warnings: warnings(of: change), touchesProtected: !touched(change).isEmpty, integrations: integrations)
        return try await tell(run.steps.step("pushed") { delivered })
    }

    /// The commits that an earlier run was about to push: on the branch they are this task's own, whatever others write into theirs.
    private func announcedBefore() async throws -> [CommitID] {
        var found: [CommitID] = []
        while let commit = try await run.steps.recall(Self.announcement(found.count), as: CommitID.self) {
            found.append(try await run.steps.step(Self.announcement(found.count)) { commit })
        }
        return found
    }

    private static func announcement(_ number: Int) -> String { "pushing.\(number + 1)" }

    private func tell(_ delivery: Delivery) -> Delivery {
        run.journal.learn { result in
            result.commitHash = delivery.commit.rawValue
            result.branch = delivery.branch
            result.changes = delivery.changes
            result.pushResult = .init(
                remoteBranch: delivery.branch, commitHash: delivery.commit.rawValue, integrations: delivery.integrations)
        }
        return delivery
    }

    /// The change as it may be committed. What the look finds goes back to the model, in the rounds that are left.
    private func reviewed(_ work: inout Bench.Work, at bench: inout Bench) async throws -> ReviewedChange {
        while true {
            let change = try await run.parts.git.review(workshop.checkout, policy: policy)
            let refused = change.findings.filter(isRefused)
            guard !refused.isEmpty else { return change }
            let reasons = refused.prefix(10).map(\.message).joined(separator: "\n")
            guard bench.mayRepair else {
                throw TaskFailure(
                    .code, "The change was not committed: \(CommitRefusal(findings: refused).message)")
            }
            work = try await bench.mend(
                "The change can't be committed as it is. Mend this, and change nothing else:\n\(reasons)", of: work)
            try await run.journal.enter(.committing, progress: 85, iteration: bench.iteration)
        }
    }

    /// The change on top of what others pushed: they may have given a changed file another name, or made it part of the pipeline.
    private func reviewed(_ moved: Checkout, on branch: String) async throws -> ReviewedChange {
        let change = try await run.parts.git.review(moved, policy: policy(alsoOn: moved))
        let refused = change.findings.filter(isRefused)
        guard refused.isEmpty else {
            throw TaskFailure(
                .code,
                "Somebody pushed to \(branch) while this task ran, and on top of that the change was not committed: \(CommitRefusal(findings: refused).message)"
            )
        }
        return change
    }

    /// Protected files are judged here and not by the policy, since a request may name them.
    var policy: CommitPolicy {
        var policy = CommitPolicy(protectedPaths: ProtectedFiles.builtIn + workshop.rules.protected)
        policy.refused.remove(.protectedPath)
        return policy
    }

    /// With what the pipeline of another commit is made of.
    func policy(alsoOn checkout: Checkout) async throws -> CommitPolicy {
        var policy = policy
        policy.protectedPaths += try await PipelineFiles(git: run.parts.git, checkout: checkout, first: assignment.pipelinePath).protected()
        return policy
    }

    func isRefused(_ finding: CommitFinding) -> Bool {
        guard finding.kind == .protectedPath else { return policy.refused.contains(finding.kind) }
        return !(assignment.mayNameProtectedFiles && ProtectedFiles.names(finding.path, in: assignment.ownWords ?? assignment.intent))
    }

    func touched(_ change: ReviewedChange) -> [String] {
        change.findings.filter { $0.kind == .protectedPath }.map(\.path)
    }

    func warnings(of change: ReviewedChange) -> [String] { Self.warnings(of: change.findings) }

    /// What stands at the top of the merge request; nothing that was found is left out because of its kind.
    static func warnings(of findings: [CommitFinding]) -> [String] {
        let mostTold = 20
        let protected = findings.filter { $0.kind == .protectedPath }
        var lines = protected.prefix(mostTold).map { "\($0.path) is protected: the request names it, so look at this change closely." }
        lines += findings.filter { $0.kind != .protectedPath }.prefix(mostTold - lines.count).map(\.message)
        if findings.count > mostTold { lines.append("… and \(findings.count - mostTold) more.") }
        return lines
    }

    private func message(for work: Bench.Work) -> CommitMessage {
        CommitMessage(
            assignment.isConfidential ? "Change files as asked" : run.parts.redactor.redact(work.outcome.summary), taskID: run.task.id.rawValue,
            requestedBy: assignment.requester, repairs: assignment.repairs)
    }

    /// A name of the bot's own that nobody uses: a task that runs a second time under the same id gets a new one.
    private func freeBranch(for commit: CommitID, in checkout: Checkout) async throws -> String {
        if let madeBranch { return madeBranch }
        guard case .ownBranch(let name) = assignment.destination else { return assignment.destination.branch }
        return try await run.steps.step("branch.free") {
            for number in 1...50 {
                let candidate = number == 1 ? name : "\(name)-\(number)"
                let there = try await run.parts.git.remoteBranch(
                    candidate, at: checkout.remoteURL, credential: desk.credential(for: checkout.remoteURL))
                if there == nil || there == commit { return candidate }
            }
            throw TaskFailure(.code, "The branches \(name) to \(name)-50 exist already; delete those that nobody needs.")
        }
    }

    /// What the tests said of the state that was pushed, where it had been brought up to date.
    private func lastReport(before report: TestReport) async throws -> TestReport {
        var report = report
        for round in 1...Self.integrations {
            guard let again = try await run.steps.recall("tests.integrated.\(round)", as: TestReport.self) else { break }
            report = try await run.steps.step("tests.integrated.\(round)") { again }
        }
        run.journal.learn { [report] in $0.testResults = report }
        return report
    }

    private func testAgain(
        _ checkout: Checkout, round: Int, work: Bench.Work, base: TestRun?
    ) async throws -> TestReport {
        var moved = workshop
        moved.checkout = checkout
        let after = moved
        try await run.note(.notice, "The branch had moved; the change was brought up to date and is tested again.")
        let report = try await run.steps.step("tests.integrated.\(round)") { try await after.test(work.changes, base: base) }
        run.journal.learn { $0.testResults = report }
        return report
    }
}
