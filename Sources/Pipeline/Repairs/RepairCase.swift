import Domain
import Foundation
import GitLabAPI

/// Whether a failed pipeline that nobody asked about is the bot's to repair, and in whose name.
struct RepairCase: Sendable, Codable {
    var mergeRequest: Int64
    /// Who asked for the work that the merge request holds.
    var requester: GitLabOrigin.Person
    /// The bot's repairs at the branch's end, the newest first: each was followed by another failure.
    var repairs: [Repair]

    struct Repair: Sendable, Codable {
        var commit: String
        var title: String
    }

    /// The trailer that tells a repair's commit from other work of the bot.
    static let trailer = "Repairs-Pipeline:"

    struct Finder {
        let run: TaskRun
        let origin: GitLabOrigin
        let gitLab: GitLabAccess

        private var client: GitLabClient { gitLab.client }

        enum Verdict { case found(RepairCase), leave(String) }

        func find() async throws -> Verdict {
            guard let pipelineID = origin.pipelineID else { return .leave("The event names no pipeline.") }
            let bot = try await gitLab.bot()
            guard let merge = try await mergeRequest(), merge.author?.id == bot.id else {
                return .leave("The branch has no open merge request of the bot's.")
            }
            guard merge.isOpen, !merge.isFromFork else { return .leave("The merge request is not open or comes from a fork.") }
            let pipeline = try await client.pipeline(id: pipelineID, projectID: origin.projectID)
            guard pipeline.status == "failed" else { return .leave("The pipeline is \(pipeline.status) by now.") }
            guard pipeline.sha == merge.headSHA || merge.headPipeline?.id == pipelineID else {
                return .leave("The branch has moved since the pipeline ran.")
            }
            let marker = GitLabDesk.handedMarker(merge).text
            let said = try await client.notes(
                on: .mergeRequest(projectID: origin.projectID, iid: merge.iid), limit: 200, newestFirst: true)
            guard !said.contains(where: { $0.author?.id == bot.id && $0.body.contains(marker) }) else {
                return .leave("This commit's pipeline was dealt with before.")
            }
            let commits = try await client.commits(ofMergeRequest: merge.iid, projectID: origin.projectID, limit: 50)
            guard !commits.isEmpty else { return .leave("The merge request holds no work so far.") }
            guard let requester = try await requester(of: merge) else { return .leave("Nobody is known who asked for the merge request.") }
            let verdict = try await AccessCheck(gitLab: gitLab, now: run.parts.now()).check(requester, inProject: origin.projectID)
            guard verdict.isAllowed else { return .leave("@\(requester.username), who asked for the work, may not command the bot.") }
            let repairs = commits.prefix { $0.message.contains("\n\(RepairCase.trailer)") }
                .map { Repair(commit: String($0.id.prefix(10)), title: $0.title) }
            return .found(RepairCase(mergeRequest: merge.iid, requester: requester, repairs: repairs))
        }

        private func mergeRequest() async throws -> GitLabMergeRequest? {
            if case .mergeRequest(let iid) = origin.subject {
                return try await client.mergeRequest(projectID: origin.projectID, iid: iid)
            }
            guard let branch = run.task.branch else { return nil }
            return try await client.mergeRequests(projectID: origin.projectID, sourceBranch: branch).first
        }

        /// The task that made it is named in its description; a description that somebody changed can only lead to somebody who
        /// asked for work in the same project. Without the task, the one that it was assigned to.
        private func requester(of merge: GitLabMergeRequest) async throws -> GitLabOrigin.Person? {
            let begin = String(Markdown.marker("task", "").text.dropLast(" -->".count))
            if let found = merge.description.range(of: begin, options: .backwards) {
                let word = merge.description[found.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
                if let id = TaskID(rawValue: String(word)), let record = try await run.parts.store.task(id),
                    let from = record.task.gitLab, from.projectID == origin.projectID
                {
                    return from.requester
                }
            }
            return merge.assignees.first.map { .init(id: $0.id, username: $0.username, name: $0.name) }
        }
    }
}
