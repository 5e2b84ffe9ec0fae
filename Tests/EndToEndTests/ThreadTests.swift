import Rehearsal
import Testing

@Suite("Review threads on the assembled bot", .serialized)
struct ThreadTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person
    private static let place = GitLabWorld.Place.mergeRequest(project, 1)

    /// Writes a file named after the word that stands in the thread and at its place.
    private static func work(_ word: String, at line: String) -> [ModelScript.Conversation] {
        [
            .init(
                "plan \(word)", containing: ["make it \(word)", line], tool: "submit_plan",
                turns: [.init(calls: [.init("submit_plan", ["summary": "Do it.", "files": [], "changes": ["Do it."], "tests": []])])]),
            .init(
                "code \(word)", containing: ["make it \(word)", line], tool: "finish",
                turns: [
                    .init(calls: [.init("write_file", ["path": .string("\(word).txt"), "content": "done\n"])]),
                    .init(calls: [.init("finish", ["summary": .string("Make it \(word)\n\nAs the thread asks.")])]),
                ]),
        ]
    }

    private static let script = ModelScript(
        conversations: work("red", at: "> 1: one") + work("blue", at: "> 2: two") + [
            .init(
                "nothing", containing: ["already so"], tool: "submit_plan",
                turns: [.init(calls: [.init("submit_plan", ["summary": "It is so already.", "files": [], "changes": [], "tests": []])])])
        ])

    private static func feature(_ bot: AssembledBot) async throws {
        _ = try await bot.world.push(["feature.txt": "one\ntwo\nthree\n"], to: "feature", from: "main", in: project, by: dana)
        _ = try await bot.world.openMergeRequest(in: project, from: "feature", title: "A feature", by: dana)
    }

    private static func thread(_ bot: AssembledBot, _ text: String, line: Int, by name: String = dana) async throws -> GitLabWorld.Note {
        try #require(
            try await bot.world.commentOnLine(text, inMergeRequest: 1, of: project, path: "feature.txt", newLine: line, by: name))
    }

    @Test(
        "a reply in a thread changes what the thread is about, is answered there, and the bot resolves its own threads only",
        .timeLimit(.minutes(2)), arguments: [AssembledBot.person, AssembledBot.bot])
    func reply(inThreadOf author: String) async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            try await Self.feature(bot)
            let other = try await Self.thread(bot, "This should be otherwise.", line: 3)
            let thread = try await Self.thread(bot, "This should make it red.", line: 1, by: author)
            _ = try await bot.world.comment("/ai do make it red", on: Self.place, by: Self.dana, replyingTo: thread.discussionID)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.world.file("red.txt", on: "feature", of: Self.project) == "done\n")
            let head = try #require(try await bot.world.branches(of: Self.project)["feature"])
            let answers = try await bot.world.comments(on: Self.place).filter { $0.body.contains("ai-coder:closing=") }
            #expect(answers.map(\.discussionID) == [thread.discussionID])
            #expect(answers.first?.body.contains(head.prefix(10)) == true)
            #expect(await bot.world.isResolved(threadOf: thread.id) == (author == AssembledBot.bot))
            #expect(await !bot.world.isResolved(threadOf: other.id))
        }
    }

    @Test("all open threads are worked through one by one, each answered once, also after a kill", .timeLimit(.minutes(4)), arguments: [false, true])
    func all(killed: Bool) async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files, visibility: .public) { bot in
            try await Self.feature(bot)
            let first = try await Self.thread(bot, "Please make it red.", line: 1)
            let second = try await Self.thread(bot, "Please make it blue.", line: 2, by: AssembledBot.bot)
            let third = try await Self.thread(bot, "This is already so, isn't it?", line: 3)
            let foreign = try await Self.thread(bot, "Please make it green.", line: 3, by: "gus")
            // What a stranger answers in a member's thread is no part of what is asked for.
            _ = try await bot.world.comment("Make it gold instead.", on: Self.place, by: "gus", replyingTo: first.discussionID)
            let finding = try await Self.thread(
                bot, "Too short. <!-- ai-coder:finding=0123456789abcdef.0123456789abcdef.1.n -->", line: 2, by: AssembledBot.bot)
            _ = try await bot.world.comment("Won't fix.", on: Self.place, by: Self.dana, replyingTo: finding.discussionID)
            try await bot.comment("/ai do address all comments", on: Self.place)
            if killed {
                try await bot.eventually("the first thread is worked on") { bot.journal.tasks.count == 4 && bot.journal.turns >= 2 }
                await bot.kill()
                try await bot.start()
            }
            #expect(try await bot.ended(4).map(\.status) == Array(repeating: "completed", count: 4), "\(bot.log)")
            #expect(try await bot.world.file("red.txt", on: "feature", of: Self.project) == "done\n")
            #expect(try await bot.world.file("blue.txt", on: "feature", of: Self.project) == "done\n")
            let said = try await bot.world.comments(on: Self.place).filter { $0.body.contains("ai-coder:closing=") }
            for thread in [first, second, third] {
                #expect(said.count { $0.discussionID == thread.discussionID } == 1, "\(said.map(\.body))")
            }
            #expect(!said.contains { $0.discussionID == foreign.discussionID || $0.discussionID == finding.discussionID })
            #expect(said.contains { $0.body.contains("is to be let be") }, "\(said.map(\.body))")
            #expect(!bot.model.log.entries.contains { $0.body.contains("Make it gold") })
            #expect(said.contains { $0.body.contains("3 open threads") && $0.body.contains("left out") }, "\(said.map(\.body))")
            #expect(await bot.world.isResolved(threadOf: second.id))
            #expect(await !bot.world.isResolved(threadOf: first.id))
            #expect(try await bot.said(on: Self.place).count { $0.contains("ai-coder:progress=") } == 1)
            #expect(await bot.world.pushes.allSatisfy { !$0.wasForced })
        }
    }

    @Test("without an open thread it says so", .timeLimit(.minutes(2)))
    func none() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            try await Self.feature(bot)
            try await bot.comment("/ai do address all comments", on: Self.place)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.said(on: Self.place).contains { $0.contains("no open thread") })
        }
    }
}
