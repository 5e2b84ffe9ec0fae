import Domain
import Foundation
import Rehearsal
import Testing

@testable import Pipeline

@Suite("Approvals that no delivery told")
struct MissedApprovalTests {
    @Test("a person's thumbs-up on a plan that waits approves it, once; the bot's own and other reactions don't", .timeLimit(.minutes(1)))
    func thumbsUp() async throws {
        try await QuietGitLab.run { quiet in
            let place = GitLabWorld.Place.issue(QuietGitLab.project, 1)
            let note = try #require(try await quiet.world.comment("this is the plan", on: place, by: "ai-coder"))
            let dana = try #require(await quiet.world.users.values.first { $0.username == "dana" })
            let id = try #require(TaskID(rawValue: "planned"))
            let origin = GitLabOrigin(
                projectID: try await quiet.projectID, projectPath: QuietGitLab.project, subject: .issue(iid: 1), trigger: .comment,
                requester: .init(id: Int64(dana.id), username: "dana", name: "Dana"), at: Date())
            _ = try await quiet.store.submit(CodingTask(id: id, kind: .plan, intent: "x", origin: .gitLab(origin), createdAt: Date()))
            let owner = LeaseOwner(host: "here", processID: 1, processStart: 1, name: "test")
            _ = try await quiet.store.claim(id, owner: owner, for: .seconds(60))
            let encoder = JSONEncoder()
            let shown = try NewEntry(
                kind: .step, name: "note.plan-1", payload: encoder.encode(StepOutcome(value: encoder.encode(Int64(note.id)))))
            let waiting = try NewEntry(kind: .status, name: "waiting", payload: encoder.encode(StatusChange(status: "waiting", progress: 15)))
            try await quiet.store.postpone(id, owner: owner, until: Date().addingTimeInterval(3600), entries: [shown, waiting])

            let approvals = MissedApprovals(parts: quiet.parts, gitLab: quiet.access)
            _ = try await quiet.world.award("thumbsup", note: note.id, by: "ai-coder")
            _ = try await quiet.world.award("heart", note: note.id, by: "dana")
            #expect(try await approvals.look() == 0)
            _ = try await quiet.world.award("thumbsup", note: note.id, by: "dana")
            #expect(try await approvals.look() == 1)
            #expect(try await approvals.look() == 0)
            let task = try #require(
                try await quiet.store.tasks(TaskQuery(includesControl: true)).tasks.map(\.task).first { $0.kind == .approve })
            #expect(task.gitLab?.noteID == Int64(note.id))
            #expect(task.gitLab?.requester.username == "dana")
            #expect(task.gitLab?.trigger == .reaction)
        }
    }
}
