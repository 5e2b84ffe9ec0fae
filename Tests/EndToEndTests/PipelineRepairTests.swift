import Rehearsal
import Testing

@Suite("Failed pipelines on the assembled bot", .serialized)
struct PipelineRepairTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person
    private static let branch = "ai/1-notes"

    /// A repair writes a file named after the word in the log.
    private static func repair(_ word: String) -> [ModelScript.Conversation] {
        [
            .init(
                "plan \(word)", containing: ["log of the failed job test", "the \(word) holds"], tool: "submit_plan",
                turns: [.init(calls: [.init("submit_plan", ["summary": "Mend it.", "files": [], "changes": ["Mend it."], "tests": []])])]),
            .init(
                "code \(word)", containing: ["log of the failed job test", "the \(word) holds"], tool: "finish",
                turns: [
                    .init(calls: [.init("write_file", ["path": .string("\(word).md"), "content": "Mended.\n"])]),
                    .init(calls: [.init("finish", ["summary": .string("Mend \(word)\n\nThe job failed for it.")])]),
                ]),
        ]
    }

    private static let script = ModelScript(
        conversations: repair("human") + repair("gauge") + repair("flux") + LoopScript.script.conversations)

    private static func log(_ word: String) -> String {
        "section_start:1:step\r\u{1B}[0K\u{1B}[32;1m$ make test\u{1B}[0;m\n" + (1...3000).map { "line \($0) of much output\n" }.joined()
            + "\u{1B}[31mnot ok 1 - the \(word) holds\u{1B}[0m\n/close\nERROR: Job failed: exit code 1\n"
    }

    /// A merge request of the bot's, with its work done.
    private static func worked(_ bot: AssembledBot) async throws {
        _ = try await bot.world.runPipeline(on: "main", of: project, by: dana)
        _ = try await bot.world.openIssue(in: project, by: dana, title: "Notes")
        try await bot.comment("/ai do write notes", issue: 1)
        #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
        #expect(try await bot.branches() == [branch])
    }

    private static func fails(_ bot: AssembledBot, _ word: String, by name: String = AssembledBot.bot) async throws {
        _ = try await bot.world.runPipeline(on: branch, of: project, failing: ["test": log(word)], by: name)
    }

    private static func closings(_ bot: AssembledBot) async throws -> [String] {
        try await bot.said(onMergeRequest: 1).filter { $0.contains("ai-coder:closing=") }
    }

    @Test("from red to green: the log is read, the failure repaired and pushed, and it is told once", .timeLimit(.minutes(3)))
    func redToGreen() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            try await Self.worked(bot)
            try await Self.fails(bot, "flux")
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            #expect(try await bot.world.file("flux.md", on: Self.branch, of: Self.project) == "Mended.\n")
            let commit = try #require(try await bot.world.commitMessages(on: Self.branch, of: Self.project).first)
            #expect(commit.contains("Repairs-Pipeline: ") && commit.contains("Requested-by: @dana"), "\(commit)")
            let told = try #require(try await Self.closings(bot).first)
            #expect(told.contains("@dana") && told.contains("1 of 2") && told.contains("Mend flux"), "\(told)")
            _ = try await bot.world.runPipeline(on: Self.branch, of: Self.project, by: AssembledBot.bot)
            try await bot.comment("/ai status", issue: 1)
            try await bot.eventually("later deliveries are dealt with") { try await bot.said(onIssue: 1).contains { $0.contains("ai-coder:reply=") } }
            #expect(bot.journal.tasks.count == 2)
            #expect(try await Self.closings(bot).count == 1)
            #expect(await bot.world.quickActions.isEmpty)
        }
    }

    @Test("killed in the middle of a repair, it is pushed and told once", .timeLimit(.minutes(3)), arguments: [6, 14, 20])
    func killed(after entries: Int) async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            try await Self.worked(bot)
            let before = bot.journal.entries
            try await Self.fails(bot, "flux")
            try await bot.eventually("the repair is on its way") { bot.journal.entries >= before + entries }
            await bot.kill()
            try await bot.start()
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            #expect(try await bot.world.commitMessages(on: Self.branch, of: Self.project).count { $0.contains("Repairs-Pipeline") } == 1)
            #expect(try await Self.closings(bot).count == 1)
        }
    }

    @Test("after so many repairs in a row it is handed to a person, once; a person's push begins anew", .timeLimit(.minutes(4)))
    func bounded() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files, settings: ["PIPELINE_FIX_ATTEMPTS": "2"]) { bot in
            try await Self.worked(bot)
            try await Self.fails(bot, "flux")
            try await bot.ended(2)
            try await Self.fails(bot, "gauge")
            try await bot.ended(3)
            #expect(try await bot.world.file("gauge.md", on: Self.branch, of: Self.project) == "Mended.\n")
            for number in 4...5 {
                try await Self.fails(bot, "flux")
                #expect(try await bot.ended(number).allSatisfy { $0.status == "completed" }, "\(bot.log)")
            }
            let handed = try await bot.said(onMergeRequest: 1).filter { $0.contains("I hand it to you") }
            #expect(handed.count == 1, "\(handed)")
            let text = try #require(handed.first)
            #expect(text.contains("Mend flux") && text.contains("Mend gauge") && text.contains("not ok 1 - the flux holds"), "\(text)")
            #expect(bot.model.log.answered["plan flux/0"] == 1)
            #expect(await bot.world.quickActions.isEmpty)

            _ = try await bot.world.push(["human.txt": "mine\n"], to: Self.branch, in: Self.project, by: Self.dana)
            try await Self.fails(bot, "human", by: Self.dana)
            try await bot.ended(6)
            #expect(try await bot.world.file("human.md", on: Self.branch, of: Self.project) == "Mended.\n")
        }
    }

    @Test("what fails on the target branch in the same way is told and left alone", .timeLimit(.minutes(3)))
    func brokenBefore() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            try await Self.worked(bot)
            _ = try await bot.world.runPipeline(on: "main", of: Self.project, failing: ["test": Self.log("flux")], by: Self.dana)
            try await Self.fails(bot, "flux")
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            let told = try #require(try await Self.closings(bot).first)
            #expect(told.contains("Broken before") && told.contains("nothing was changed"), "\(told)")
            #expect(bot.model.log.answered["plan flux/0"] == nil)
        }
    }

    @Test("a repair that comes to nothing is told, and not tried again for the same commit", .timeLimit(.minutes(3)))
    func nothing() async throws {
        let script = ModelScript(
            conversations: [
                .init(
                    "nothing", containing: ["log of the failed job test"], tool: "submit_plan",
                    turns: [.init(calls: [.init("submit_plan", ["summary": "The runner has no disk.", "files": [], "changes": [], "tests": []])])])
            ] + LoopScript.script.conversations)
        try await AssembledBot.run(script, files: LoopScript.files) { bot in
            try await Self.worked(bot)
            for number in 2...3 {
                try await Self.fails(bot, "flux")
                #expect(try await bot.ended(number).allSatisfy { $0.status == "completed" }, "\(bot.log)")
            }
            let told = try await Self.closings(bot)
            #expect(told.count == 1 && told.first?.contains("The runner has no disk.") == true, "\(told)")
            #expect(bot.model.log.answered["nothing/0"] == 1)
        }
    }

    @Test("a failed pipeline of a person's branch, or of an old commit, is not the bot's to repair", .timeLimit(.minutes(3)))
    func notItsOwn() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.push(["a.txt": "a\n"], to: "ai/7-mine", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "ai/7-mine", title: "Looks like the bot's", by: Self.dana)
            _ = try await bot.world.runPipeline(on: "ai/7-mine", of: Self.project, failing: ["test": Self.log("flux")], by: Self.dana)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.said(onMergeRequest: 1).isEmpty)
            #expect(bot.model.log.entries.isEmpty)
            #expect(await bot.world.pushes.allSatisfy { $0.actor != AssembledBot.bot })
        }
    }

    @Test("a person asks for the repair of a merge request's pipeline", .timeLimit(.minutes(3)))
    func asked() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.push(["feature.txt": "one\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            _ = try await bot.world.runPipeline(on: "feature", of: Self.project, failing: ["test": Self.log("flux")], by: Self.dana)
            let place = GitLabWorld.Place.mergeRequest(Self.project, 1)
            let command = try #require(try await bot.world.comment("/ai fix", on: place, by: Self.dana, asThread: true))
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.world.file("flux.md", on: "feature", of: Self.project) == "Mended.\n")
            let answer = try #require(try await bot.world.comments(on: place).first { $0.body.contains("ai-coder:closing=") })
            #expect(answer.discussionID == command.discussionID)
            // A person's own merge request is repaired on their word only.
            _ = try await bot.world.runPipeline(on: "feature", of: Self.project, failing: ["test": Self.log("gauge")], by: Self.dana)
            try await bot.comment("/ai status", on: place)
            try await bot.eventually("later deliveries are dealt with") { try await bot.said(on: place).contains { $0.contains("ai-coder:reply=") } }
            #expect(bot.journal.tasks.count == 1)
        }
    }
}

extension AssembledBot {
    func comment(_ body: String, on place: GitLabWorld.Place, by name: String = person) async throws {
        _ = try await world.comment(body, on: place, by: name)
    }
}
