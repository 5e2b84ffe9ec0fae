import Domain
import Foundation
import GitLabAPI

/// Ends what is at work on something that was taken away: a closed issue or merge request, a deleted branch, an assignment.
///
/// A branch of the bot's own is worked on from two threads, the issue that it was made for and its merge request, so both are
/// looked at.
struct Withdrawal {
    let run: TaskRun
    let origin: GitLabOrigin
    let gitLab: GitLabAccess
    let thread: String

    func perform() async throws {
        // The delivery may be old by now, or the thing have been given back since.
        guard try await isStillSo() else { return }
        var ending: [TaskRecord] = []
        // A branch is deleted under one of the issue's tasks; the issue itself stays, and with it the work on other branches.
        if origin.trigger != .branchDeleted { ending = try await open(thread) }
        if let branch = run.task.branch { ending += try await atWork(on: branch) }
        for task in ending {
            _ = try await run.parts.store.requestStop(task.task.id, by: "GitLab", reason: reason)
        }
    }

    /// No when GitLab says otherwise: a delivery may come late and out of order, and anybody's who knows a secret.
    private func isStillSo() async throws -> Bool {
        let again = SecondLook(toldAt: origin.at, now: run.parts.now)
        let client = gitLab.client
        do {
            switch (origin.trigger, origin.subject) {
            case (.closed, .issue(let iid)):
                return try await again.isSo { try await client.issue(projectID: origin.projectID, iid: iid).state != "opened" }
            case (.closed, .mergeRequest(let iid)):
                return try await again.isSo { try await !client.mergeRequest(projectID: origin.projectID, iid: iid).isOpen }
            case (.unassigned, .issue(let iid)):
                let bot = try await gitLab.bot()
                return try await again.isSo {
                    try await !client.issue(projectID: origin.projectID, iid: iid).assignees.contains { $0.id == bot.id }
                }
            case (.branchDeleted, _):
                guard let branch = run.task.branch else { return true }
                return try await again.isSo { try await client.branch(branch, projectID: origin.projectID) == nil }
            default: return true
            }
        } catch let failure as GitLabFailure where failure.reason == .notFound {
            return true
        }
    }

    private func open(_ thread: String) async throws -> [TaskRecord] {
        try await run.parts.store.openTasks(thread: thread).filter { $0.task.id != run.task.id }
    }

    private func atWork(on branch: String) async throws -> [TaskRecord] {
        var found: [TaskRecord] = []
        if let iid = BranchName.issue(of: branch) {
            for task in try await open(key(of: .issue(iid: iid))) where try await isAtWork(task, on: branch) { found.append(task) }
        }
        // A closed merge request says nothing about another one from the same branch; without the branch none can go on.
        guard origin.trigger == .branchDeleted else { return found }
        for merge in try await gitLab.client.mergeRequests(projectID: origin.projectID, sourceBranch: branch, state: "all").prefix(20) {
            found += try await open(key(of: .mergeRequest(iid: merge.iid)))
        }
        return found
    }

    /// Which branch a task on an issue made is in its journal; before that it works on none.
    private func isAtWork(_ task: TaskRecord, on branch: String) async throws -> Bool {
        if task.task.branch == branch { return true }
        guard let step = try await run.parts.store.outcome(ofStep: "branch.name", task: task.task.id) else { return false }
        return try JSONDecoder().decode(String.self, from: step.value) == branch
    }

    private func key(of subject: GitLabOrigin.Subject) -> String { "gitlab:\(origin.projectID):\(subject.key)" }

    private var reason: String {
        switch origin.trigger {
        case .closed:
            switch origin.subject {
            case .issue(let iid): "issue #\(iid) was closed"
            case .mergeRequest(let iid): "merge request !\(iid) was closed"
            }
        case .unassigned: "the issue was taken off the bot again"
        case .branchDeleted: "the branch \(run.task.branch ?? "") was deleted"
        default: run.task.intent
        }
    }
}
