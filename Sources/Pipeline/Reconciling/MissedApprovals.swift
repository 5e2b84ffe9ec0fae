import Domain
import Foundation
import GitLabAPI
import Logging

/// Thumbs-ups on plans that wait, for servers and webhooks that send no event for reactions.
struct MissedApprovals {
    let parts: PipelineParts
    let gitLab: GitLabAccess

    /// Plans looked at in one go, the newest first.
    private static let most = 50

    /// The number of approvals that had been missed.
    func look() async throws -> Int {
        var found = 0
        let bot = try await gitLab.bot()
        for record in try await parts.store.tasks(TaskQuery(status: .waiting, limit: Self.most)).tasks {
            guard let origin = record.task.gitLab, let plan = try await WaitingPlan.of(record.task.id, store: parts.store) else { continue }
            let target: NoteTarget =
                switch origin.subject {
                case .issue(let iid): .issue(projectID: origin.projectID, iid: iid)
                case .mergeRequest(let iid): .mergeRequest(projectID: origin.projectID, iid: iid)
                }
            for award in try await gitLab.client.awards(on: target, note: plan.noteID) {
                guard award.name.hasPrefix("thumbsup"), let user = award.user, user.id != bot.id, !user.isBot else { continue }
                let missed = delivery(of: award, by: user, on: plan, origin)
                guard case .accepted = try await parts.store.accept(missed) else { continue }
                found += 1
                parts.logger.notice("An approval that no delivery has told", metadata: ["task.id": "\(plan.task)"])
            }
        }
        return found
    }

    private func delivery(of award: GitLabAward, by user: GitLabUser, on plan: WaitingPlan, _ about: GitLabOrigin) -> NewDelivery {
        var generator = SystemRandomNumberGenerator()
        let id = TaskID.random(now: Int64(parts.now().timeIntervalSince1970 * 1000), using: &generator)
        var origin = about
        origin.trigger = .reaction
        origin.requester = .init(id: user.id, username: user.username, name: user.name)
        origin.noteID = plan.noteID
        origin.at = parts.now()
        let task = CodingTask(id: id, kind: .approve, intent: "", origin: .gitLab(origin), createdAt: parts.now())
        return NewDelivery(
            id: "award-\(award.id)", meaning: "\(about.projectID):emoji:\(award.id):award", receivedAt: parts.now(), event: "award",
            projectID: about.projectID, projectPath: about.projectPath, task: task, needs: .openTask, reason: "missed_approval",
            reasonWithoutThread: "no_open_task")
    }
}
