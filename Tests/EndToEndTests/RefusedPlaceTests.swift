import Foundation
import Rehearsal
import Testing

@Suite("Where the bot must not push", .serialized)
struct RefusedPlaceTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person

    @Test("A21: a closed or merged merge request, a protected branch and a fork each get a sentence, and no ref moves", .timeLimit(.minutes(2)))
    func mergeRequests() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            let world = bot.world
            for name in ["one", "two", "three"] {
                _ = try await world.push(["\(name).txt": "x\n"], to: name, from: "main", in: Self.project, by: Self.dana)
                _ = try await world.openMergeRequest(in: Self.project, from: name, title: "Add \(name)", by: Self.dana)
            }
            try await world.close(mergeRequest: 1, of: Self.project, by: Self.dana)
            _ = try await world.merge(mergeRequest: 2, of: Self.project, by: Self.dana)
            try await world.protect("three", in: Self.project, push: .developer)
            let fork = try await world.fork(Self.project, by: "gus")
            let forkPath = "\(fork.namespacePath)/\(fork.path)"
            // Named as a branch of the bot's own would be.
            let foreign = try await world.push(["four.txt": "x\n"], to: "ai/1-add-four", from: "main", in: forkPath, by: "gus")
            _ = try await world.openMergeRequest(in: Self.project, from: "ai/1-add-four", title: "Add four", by: "gus", sourceProject: forkPath)
            let before = try await [world.branches(of: Self.project), world.branches(of: forkPath)]
            for iid in 1...4 { _ = try await world.comment("/ai do write notes", on: .mergeRequest(Self.project, iid), by: Self.dana) }
            #expect(try await bot.ended(4).map(\.status) == Array(repeating: "failed", count: 4), "\(bot.log)")
            for (iid, words) in [(1, "is closed"), (2, "is merged"), (3, "is protected"), (4, "from a fork")] {
                let said = try await bot.said(onMergeRequest: iid)
                #expect(said.count == 1 && said.allSatisfy { $0.contains(words) }, "\(said)")
            }
            #expect(try await [world.branches(of: Self.project), world.branches(of: forkPath)] == before)
            #expect(try await !world.branches(of: Self.project).values.contains(foreign))
            #expect(await world.pushes.allSatisfy { $0.actor != AssembledBot.bot })
            #expect(bot.model.log.entries.isEmpty)
        }
    }

    @Test("an archived project is left as it is, and the task says why", .timeLimit(.minutes(2)))
    func archived() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Write notes")
            await bot.kill()
            try await bot.comment("/ai do write notes", issue: 1)
            await bot.world.untilQuiet()
            try await bot.world.archive(Self.project)
            let before = try await bot.world.branches(of: Self.project)
            let body = try #require(await bot.world.deliveries.last { $0.eventName.lowercased().contains("note") }?.body)
            try await bot.start()
            #expect(try await bot.deliver(body, id: "late") == 202)
            let task = try #require(try await bot.ended().first)
            #expect(task.status == "failed")
            let shown = String(decoding: try await bot.get("/api/v1/tasks/\(task.id)"), as: UTF8.self)
            #expect(shown.contains("The project is archived"), "\(shown)")
            #expect(try await bot.world.branches(of: Self.project) == before)
            #expect(bot.model.log.entries.isEmpty)
        }
    }

    @Test("a branch and merge request that somebody made under the bot's name are left to them", .timeLimit(.minutes(2)))
    func existing() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Write notes")
            _ = try await bot.world.push(["mine.txt": "mine\n"], to: "ai/1-write-notes", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "ai/1-write-notes", title: "Mine", by: Self.dana)
            let mine = try await bot.world.branches(of: Self.project)["ai/1-write-notes"]
            try await bot.comment("/ai do write the notes", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.branches() == ["ai/1-write-notes", "ai/1-write-notes-2"])
            #expect(try await bot.world.branches(of: Self.project)["ai/1-write-notes"] == mine)
            #expect(try await bot.world.mergeRequests(of: Self.project).map(\.title) == ["Mine", "Write the notes"])
            #expect(try await bot.said(onMergeRequest: 1).isEmpty)
        }
    }
}
