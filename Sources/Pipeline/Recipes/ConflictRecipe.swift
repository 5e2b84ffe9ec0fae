import Agent
import Domain
import Foundation
import GitLabAPI
import LanguageModels
import NIOPosix
import TestRuns
import Workspaces

/// `do` for a merge request's conflicts: merges the target branch into the source branch, lets the model resolve what git could
/// not, tests, and pushes a merge commit. No commit of anybody is changed.
struct ConflictRecipe {
    let run: TaskRun

    private var journal: TaskJournal { run.journal }
    private var git: GitClient { run.parts.git }

    static func isMeant(_ words: String) -> Bool { ConflictRequest(words) != nil }

    private var request: ConflictRequest? { ConflictRequest(run.task.intent) }

    /// What is merged: decided once, since both branches go on.
    private struct Sides: Codable, Sendable {
        var source: CommitID
        var target: CommitID
        var ancestor: CommitID
    }

    func perform() async throws {
        try await journal.enter(.pending, as: "started", progress: 0)
        guard let origin = run.task.gitLab, let gitLab = run.parts.gitLab else { return }
        let desk = try await GitLabDesk.open(run: run, origin: origin, gitLab: gitLab)
        guard case .mergeRequest(let merge) = desk.subject else { return }
        if let request, request.isVague, !request.means(merge.targetBranch) {
            return try await ChangeRecipe(run: run).perform(try await run.steps.step("assignment") { try await desk.gather() }, at: desk)
        }
        guard request?.means(merge.targetBranch) != false else {
            return try await desk.nothingToDo("Only its target branch, `\(merge.targetBranch)`, is merged into a merge request. Name that one.")
        }
        let model = try run.parts.model(run.task.model)
        let sandbox = try await run.parts.sandbox()
        let sides = try await run.steps.step("merge.sides") { try await findSides(of: merge, desk) }
        var assignment = try await run.steps.step("assignment") { try await desk.gather() }
        guard sides.ancestor != sides.target else {
            return try await desk.nothingToDo("`\(merge.sourceBranch)` holds all of `\(merge.targetBranch)` already.")
        }
        assignment.ref = sides.target.rawValue
        journal.learn { $0.repository = assignment.repositoryURL }
        try await journal.enter(.cloning, progress: 5)
        try await TaskPlace(run: run).use { [assignment] place in
            try await resolve(assignment, sides, merge, desk: desk, in: place, model: model, sandbox: sandbox)
        }
    }

    private func findSides(of merge: GitLabMergeRequest, _ desk: GitLabDesk) async throws -> Sides {
        func tip(_ branch: String) async throws -> CommitID {
            guard let id = try await desk.client.branch(branch, projectID: desk.origin.projectID)?.commit?.id, let commit = CommitID(rawValue: id)
            else { throw TaskFailure(.code, "The branch \(branch) is not there any more.") }
            return commit
        }
        let (source, target) = (try await tip(merge.sourceBranch), try await tip(merge.targetBranch))
        let common = try await desk.client.mergeBase(of: source.rawValue, target.rawValue, projectID: desk.origin.projectID)
        guard let id = common?.id ?? merge.diffRefs?.baseSHA, let ancestor = CommitID(rawValue: id) else {
            throw TaskFailure(.code, "The two branches have no commit in common, so they can't be merged.")
        }
        return Sides(source: source, target: target, ancestor: ancestor)
    }

    private func resolve(
        _ assignment: Assignment, _ sides: Sides, _ merge: GitLabMergeRequest, desk: GitLabDesk, in place: TaskDirectory,
        model: any LanguageModel, sandbox: any Sandbox
    ) async throws {
        var clone = CloneStage(run: run, desk: desk, sandbox: sandbox)
        let credential = try desk.credential(for: assignment.repositoryURL)
        let holder = Holder()
        clone.prepare = { tip in
            let begun = try await git.beginMerge(of: tip, into: sides.source, ancestor: sides.ancestor, credential: credential)
            holder.begun = begun
            holder.tip = tip
            return begun.checkout
        }
        let workshop = try await clone.open(assignment, in: place)
        guard let begun = holder.begun, let tip = holder.tip else { return }
        guard !begun.conflicts.isEmpty || request?.wantsMerge == true else {
            let wishes = request?.wishes ?? ""
            return try await desk.nothingToDo(
                "`\(merge.targetBranch)` merges into `\(merge.sourceBranch)` without conflicts."
                    + (wishes.isEmpty ? "" : " Nothing else was done; if more is meant than conflicts, ask for it without that word."))
        }
        try await journal.enter(.analyzing, progress: 15)
        let plan = Self.plan(merge, begun)
        journal.learn { $0.plan = plan }
        var context = workshop.context(of: assignment)
        context.intent = Self.request(merge, begun, wishes: request?.wishes ?? "")
        let agent = workshop.agent(model: model, for: run)
        var planning = PlanStage(run: run, desk: desk, workshop: workshop, agent: agent, context: context)
        try await planning.approve(plan)
        let base = try await base(of: begun, tip, workshop)
        let work =
            begun.conflicts.isEmpty && (request?.wishes ?? "").isEmpty
            ? try await proof(of: begun, base, workshop)
            : try await resolved(begun, plan, planning.context, agent: agent, base: base, in: workshop)
        guard work.report.verdict != .failed else {
            let names = work.report.newFailures.prefix(3).joined(separator: ", ")
            throw TaskFailure(
                .code, "After the merge tests fail that pass on both branches (\(names)), so nothing was pushed. Say how it is meant, or merge by hand.")
        }
        try await journal.enter(.committing, progress: 85)
        try await push(work, begun, plan, merge, assignment, desk: desk, workshop: workshop)
    }

    private static func plan(_ merge: GitLabMergeRequest, _ begun: BegunMerge) -> Plan {
        let tests = ["The tests pass."]
        guard !begun.conflicts.isEmpty else {
            return Plan(
                summary: "Merge `\(merge.targetBranch)` into `\(merge.sourceBranch)`.", files: [], changes: ["There are no conflicts."], tests: tests)
        }
        return Plan(
            summary: "Merge `\(merge.targetBranch)` into `\(merge.sourceBranch)` and resolve the conflicts.", files: begun.conflicts,
            changes: begun.messages.isEmpty ? ["Resolve the marked places."] : begun.messages, tests: ["No conflict mark is left."] + tests)
    }

    private func resolved(
        _ begun: BegunMerge, _ plan: Plan, _ context: AgentContext, agent: Agent, base: TestRun?, in workshop: Workshop
    ) async throws -> Bench.Work {
        var bench = Bench(run: run, workshop: workshop, agent: agent, base: base)
        var work = try await bench.work(plan: plan, context: context)
        while let left = try await marked(begun, and: work.changes, in: workshop).first {
            guard bench.mayRepair else {
                throw TaskFailure(.code, "Conflict marks were left in \(left), so nothing was pushed. Resolve them by hand, or say how it is meant.")
            }
            work = try await bench.mend("Conflict marks are left in \(left). Resolve every place that is marked.", of: work)
        }
        return work
    }

    /// A merge that git alone could make: there is nothing for a model to do, but the tests have to see it. They run in a tree of
    /// their own, so that what they leave is no part of the merge.
    private func proof(of begun: BegunMerge, _ base: TestRun?, _ workshop: Workshop) async throws -> Bench.Work {
        try await journal.enter(.testing, progress: 60, iteration: 1)
        let report = try await run.steps.step("tests.1") {
            var merged = workshop
            merged.checkout = Self.checkout(begun.checkout, tree: try await git.baseTree(of: begun.checkout, into: workshop.place.subdirectory("merged")))
            return try await merged.test([], base: base)
        }
        journal.learn { $0.testResults = report }
        return Bench.Work(outcome: CodingOutcome(summary: "", ending: .finished, turns: 0), report: report, changes: [])
    }

    /// What fails on either side before the merge is not the merge's doing.
    private func base(of begun: BegunMerge, _ tip: Checkout, _ workshop: Workshop) async throws -> TestRun? {
        var target = workshop
        target.checkout = tip
        guard var base = try await target.testBase(run) else { return nil }
        let source = try await run.steps.step("tests.source") {
            let tree = try await git.baseTree(of: Self.checkout(tip, base: begun.into), into: workshop.place.subdirectory("source"))
            return try await workshop.runner.run(workshop.plan, in: tree, changed: [], tools: workshop.tools)
        }
        for name in source.failures { base.outcomes[name] = .failed }
        return base
    }

    /// The same repository with another commit, or its files elsewhere.
    private static func checkout(_ checkout: Checkout, tree: WorkTree? = nil, base: CommitID? = nil) -> Checkout {
        Checkout(
            tree: tree ?? checkout.tree, gitDirectory: checkout.gitDirectory, base: base ?? checkout.base, baseBranch: checkout.baseBranch,
            remoteURL: checkout.remoteURL, defaultBranch: checkout.defaultBranch)
    }

    private static func request(_ merge: GitLabMergeRequest, _ begun: BegunMerge, wishes: String) -> String {
        let said = wishes.isEmpty ? "" : "\n\nHow it is meant, in the words of the person who asked: \(IncomingText.visible(wishes))"
        guard !begun.conflicts.isEmpty else {
            return "\(merge.targetBranch) was merged into \(merge.sourceBranch), the branch of merge request !\(merge.iid), without conflicts.\(said)"
        }
        return """
            Resolve the conflicts of merge request !\(merge.iid): \(merge.targetBranch) was merged into \(merge.sourceBranch), and git could \
            not merge these files: \(begun.conflicts.joined(separator: ", ")). In the files, what stands after `<<<<<<< \(BegunMerge.intoLabel)` \
            is of the merge request, and what stands before `>>>>>>> \(BegunMerge.otherLabel)` is of \(merge.targetBranch). Keep what both \
            sides were for, leave no mark, and change nothing else.\(said)
            """
    }

    private func marked(_ begun: BegunMerge, and changes: [FileChange], in workshop: Workshop) async throws -> [String] {
        let tree = workshop.checkout.tree
        let paths = begun.conflicts + changes.filter { $0.kind != .deleted }.map(\.path)
        return try await NIOThreadPool.singleton.runIfActive { paths.filter { BegunMerge.leavesMarks(in: $0, of: tree) } }
    }

    private struct Pushed: Codable, Sendable {
        var commit: CommitID
        var changes: [FileChange]
        var warnings: [String]
        /// Nil in journals of earlier versions.
        var touchesProtected: Bool?
    }

    private func push(
        _ work: Bench.Work, _ begun: BegunMerge, _ plan: Plan, _ merge: GitLabMergeRequest, _ assignment: Assignment, desk: GitLabDesk,
        workshop: Workshop
    ) async throws {
        // The time is part of the commit's id: a second run after a crash must make the same commit.
        let date = try await run.steps.step("commit.time") { run.parts.now() }
        let pushed = try await run.steps.step("pushed") {
            let stage = CommitStage(run: run, workshop: workshop, desk: desk, assignment: assignment, madeBranch: nil)
            // The merge request's branch may have made other files part of its pipeline than the target has.
            let policy = try await stage.policy(alsoOn: Self.checkout(begun.checkout, base: begun.into))
            let change = try await git.review(begun.checkout, policy: policy)
            let refused = change.findings.filter { $0.kind != .empty && stage.isRefused($0) }
            guard refused.isEmpty else {
                throw TaskFailure(.code, "The merge was not committed: \(CommitRefusal(findings: refused).message)")
            }
            let message = CommitMessage(
                "Merge branch '\(merge.targetBranch)' into '\(merge.sourceBranch)'\n\n\(assignment.isConfidential ? "" : work.outcome.summary)",
                taskID: run.task.id.rawValue, requestedBy: assignment.requester)
            let commit = try await git.commit(change, of: begun, message: message, policy: policy, at: date)
            try await desk.confirmRights()
            do {
                try await git.push(
                    commit, of: begun.checkout, to: merge.sourceBranch, expecting: .at(begun.into),
                    credential: desk.credential(for: begun.checkout.remoteURL))
            } catch let failure as GitFailure where failure.reason == .branchMoved {
                // By this very task, perhaps: a run that was killed just after its push, and somebody who pushed on top.
                let earlier = try await git.earlierPush(
                    of: [commit], to: merge.sourceBranch, since: begun.checkout,
                    credential: desk.credential(for: begun.checkout.remoteURL))
                if let earlier {
                    return Pushed(
                        commit: earlier, changes: change.changes.map(\.fileChange), warnings: stage.warnings(of: change),
                        touchesProtected: !stage.touched(change).isEmpty)
                }
                throw TaskFailure(.code, "Somebody pushed to \(merge.sourceBranch) while the conflicts were resolved, so nothing was pushed. Ask again.")
            }
            return Pushed(
                commit: commit, changes: change.changes.map(\.fileChange), warnings: stage.warnings(of: change),
                touchesProtected: !stage.touched(change).isEmpty)
        }
        journal.learn { result in
            result.commitHash = pushed.commit.rawValue
            result.branch = merge.sourceBranch
            result.changes = pushed.changes
            result.pushResult = .init(remoteBranch: merge.sourceBranch, commitHash: pushed.commit.rawValue, integrations: 0)
        }
        try await desk.complete(
            Evidence(
                plan: plan,
                title: begun.conflicts.isEmpty
                    ? "\(merge.targetBranch) is merged"
                    : "\(merge.targetBranch) is merged and the conflicts in \(begun.conflicts.prefix(5).joined(separator: ", ")) are resolved",
                summary: work.outcome.summary, report: work.report, changes: pushed.changes, commit: pushed.commit,
                branch: merge.sourceBranch, warnings: pushed.warnings, usage: journal.result.usage,
                staysDraft: pushed.touchesProtected == true, touchesProtected: pushed.touchesProtected == true))
    }

    /// What the clone hands over beside its workshop; used by one call at a time.
    private final class Holder {
        var begun: BegunMerge?
        var tip: Checkout?
    }
}
