import Foundation
import Rehearsal
import Testing

@Suite("Branches that move", .serialized)
struct MovedBranchTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person

    /// On top of it the file that the task made is part of the pipeline, which it was not when the work began.
    @Test("A38: what others push meanwhile can't make a pipeline's file of what the task changed", .timeLimit(.minutes(2)))
    func becomesProtected() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.push(["feature.txt": "one\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            _ = try await bot.world.comment("/ai do write, take your time", on: .mergeRequest(Self.project, 1), by: Self.dana)
            try await bot.eventually("the bot is coding") { bot.journal.tasks.first?.status == "coding" }
            _ = try await bot.world.push([".gitlab-ci.yml": "include: /NOTES.md\n"], to: "feature", in: Self.project, by: Self.dana)
            #expect(try await bot.ended().map(\.status) == ["failed"], "\(bot.log)")
            #expect(try await bot.world.file("NOTES.md", on: "feature", of: Self.project) == nil)
            #expect(try await bot.said(onMergeRequest: 1).contains { $0.contains("NOTES.md is protected") })
        }
    }

    /// The connection of the push is cut after the work was done, and the service killed before it pushes again.
    @Test("a kill after the push to a branch that had moved neither fails the task nor pushes twice", .timeLimit(.minutes(2)), arguments: [false, true])
    func killedAfterPush(isPushedOnTop: Bool) async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.push(["feature.txt": "one\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            await bot.world.add(FaultRule(.dropAfterwards, method: "POST", path: "*.git/git-receive-pack", times: 1))
            let pushes = await bot.world.newPushes()
            _ = try await bot.world.comment("/ai do write notes, take your time", on: .mergeRequest(Self.project, 1), by: Self.dana, asThread: true)
            try await bot.eventually("the bot is coding") { bot.journal.tasks.first?.status == "coding" }
            _ = try await bot.world.push(["feature.txt": "two\n"], to: "feature", in: Self.project, by: Self.dana)
            #expect(await pushes.first { $0.actor == AssembledBot.bot } != nil)
            bot.strike()
            await bot.kill()
            if isPushedOnTop { _ = try await bot.world.push(["feature.txt": "three\n"], to: "feature", in: Self.project, by: Self.dana) }
            try await bot.start()
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let commits = try await bot.world.commitMessages(on: "feature", of: Self.project)
            #expect(commits.count { $0.contains("Task-Id:") } == 1, "\(commits)")
            #expect(try await bot.world.file("feature.txt", on: "feature", of: Self.project) == (isPushedOnTop ? "three\n" : "two\n"))
            #expect(try await bot.world.file("NOTES.md", on: "feature", of: Self.project) == "Notes.\n")
            #expect(try await bot.said(onMergeRequest: 1).count { $0.contains("ai-coder:closing=") } == 1)
        }
    }
}
