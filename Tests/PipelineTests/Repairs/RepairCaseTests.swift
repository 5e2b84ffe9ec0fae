import Domain
import GitLabAPI
import Rehearsal
import Testing

@testable import Pipeline

@Suite("Whose failed pipelines are the bot's to repair", .timeLimit(.minutes(1)))
struct RepairCaseTests {
    /// A merge request on a branch of the bot's kind, whose pipeline has failed, and what is made of it.
    private static func find(_ quiet: QuietGitLab, openedBy author: String, for requester: GitLabOrigin.Person) async throws -> RepairCase.Finder.Verdict {
        let world = quiet.world
        let head = try await world.push(["one.txt": "1\n"], to: "ai/1-write-notes", from: "main", in: QuietGitLab.project, by: "dana")
        _ = try await quiet.store.submit(try await quiet.task("w1", .change, "write notes", by: requester))
        let merge = try await world.openMergeRequest(
            in: QuietGitLab.project, from: "ai/1-write-notes", title: "Write notes", description: Markdown.marker("task", "w1").text, by: author)
        let pipeline = try #require(
            try await world.runPipeline(on: "ai/1-write-notes", of: QuietGitLab.project, failing: ["test": "not ok 1 - x\n"], by: author))
        let task = try await quiet.task("t1", .fix, by: quiet.dana, trigger: .pipeline) { origin in
            origin.subject = .mergeRequest(iid: Int64(merge.iid))
            origin.pipelineID = Int64(pipeline.id)
            origin.headSHA = head
        }
        return try await RepairCase.Finder(run: quiet.run(of: task), origin: try #require(task.gitLab), gitLab: quiet.access).find()
    }

    @Test(
        "A14, A21: of a merge request that it opened itself, in the name of somebody who may command it, and of no other",
        arguments: [
            ("ai-coder", "dana", nil), ("dana", "dana", "no open merge request of the bot's"), ("ai-coder", "gus", "may not command the bot"),
        ] as [(String, String, String?)])
    func own(author: String, requester: String, refusal: String?) async throws {
        try await QuietGitLab.run { quiet in
            let person = requester == "dana" ? try await quiet.dana : try await quiet.person("gus", .guest)
            switch try await Self.find(quiet, openedBy: author, for: person) {
            case .found(let found): #expect(refusal == nil && found.requester.username == requester)
            case .leave(let why): #expect(refusal.map { why.contains($0) } == true, "\(why)")
            }
        }
    }
}
