import Domain
import Foundation
import GitLabAPI
import Logging

/// Takes away what a stopped task has left in GitLab: the branch that it made and the draft on it, as long as nothing was committed
/// there. Whatever holds a commit, the bot's or a person's, stays.
struct LeftoverBranches {
    private let parts: PipelineParts
    private let gitLab: GitLabAccess
    private var seen: Set<TaskID> = []

    init(parts: PipelineParts, gitLab: GitLabAccess) {
        self.parts = parts
        self.gitLab = gitLab
    }

    /// The number of branches that were deleted.
    mutating func look() async throws -> Int {
        var removed = 0
        for record in try await parts.store.tasks(TaskQuery(status: .cancelled, limit: 100)).tasks where !seen.contains(record.task.id) {
            if try await remove(record) { removed += 1 }
            seen.insert(record.task.id)
        }
        return removed
    }

    private func remove(_ record: TaskRecord) async throws -> Bool {
        guard let origin = record.task.gitLab, case .issue = origin.subject, let result = record.result, result.commitHash == nil,
            let made = result.mergeRequest, let name = result.branch, name.hasPrefix("ai/")
        else { return false }
        let client = gitLab.client
        let merge = try await client.mergeRequest(projectID: origin.projectID, iid: made.iid)
        guard merge.sourceBranch == name, merge.author?.id == (try await gitLab.bot().id), merge.isOpen || merge.state == "closed",
            try await client.commits(ofMergeRequest: made.iid, projectID: origin.projectID, limit: 1).isEmpty
        else { return false }
        if merge.isOpen {
            var changes = MergeRequestChanges()
            changes.closes = true
            _ = try await client.updateMergeRequest(projectID: origin.projectID, iid: made.iid, changes)
        }
        guard let branch = try await client.branch(name, projectID: origin.projectID), !branch.isProtected, !branch.isDefault else { return false }
        try await client.deleteBranch(name, projectID: origin.projectID)
        parts.logger.notice(
            "The empty branch of a stopped task was deleted", metadata: ["task.id": "\(record.task.id)", "branch": "\(name)"])
        return true
    }
}
