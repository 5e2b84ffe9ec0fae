import Rehearsal
import Testing

@Suite("After a review", .serialized)
struct ReviewFollowUpTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person
    private static let place = GitLabWorld.Place.mergeRequest(project, 1)

    private static let before = "def total(items):\n    result = 0\n    for item in items:\n        result += item\n    return result\n"
    private static let after = before.replacing("result = 0", with: "result = 1")

    private static func finding(_ title: String, line: Int) -> ScriptValue {
        ["path": "shop.py", "line": .int(line), "severity": "major", "title": .string(title), "body": "Look again."]
    }

    private static func open(_ bot: AssembledBot, reviewers: Bool) async throws {
        _ = try await bot.world.push(["shop.py": after], to: "feature", from: "main", in: project, by: dana)
        _ = try await bot.world.openMergeRequest(in: project, from: "feature", title: "Totals", by: dana)
        if reviewers {
            try await bot.world.requestReview(mergeRequest: 1, of: project, from: [AssembledBot.bot], by: dana)
        } else {
            _ = try await bot.world.comment("/ai review", on: place, by: dana)
        }
        #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
    }

    // MARK: Pushes

    private static let rounds: ModelScript = {
        var script = ReviewStoryTests.script([finding("Divides by nothing", line: 8)], summary: "Better.")
        script.conversations[0].name = "second review"
        script.conversations[0].containing = ["was reviewed before"]
        script.conversations += ReviewStoryTests.script([finding("The sum starts at one", line: 2)]).conversations
        return script
    }()

    @Test(
        "a push to a reviewed merge request is reviewed where the project wishes it, without a word where it doesn't", .timeLimit(.minutes(2)),
        arguments: [(true, true), (true, false), (false, true)])
    func push(isWished: Bool, reviewers: Bool) async throws {
        try await AssembledBot.run(Self.rounds, files: ["shop.py": Self.before, ".ai-coder.yml": "review: {on_push: \(isWished)}\n"]) { bot in
            try await Self.open(bot, reviewers: reviewers)
            let first = try await ReviewStoryTests.threads(bot)
            #expect(first.map { $0.body.contains("The sum starts at one") } == [true])
            let said = try await bot.said(onMergeRequest: 1)
            let asked = bot.model.log.entries.count
            let mended = Self.before + "\ndef mean(items):\n    return total(items) / len(items)\n"
            _ = try await bot.world.push(["shop.py": mended], to: "feature", in: Self.project, by: Self.dana)
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            if isWished {
                try await Self.expectSecondRound(bot, after: first, said: said.count)
            } else {
                #expect(try await bot.said(onMergeRequest: 1) == said)
                #expect(bot.model.log.entries.count == asked)
            }
        }
    }

    private static func expectSecondRound(_ bot: AssembledBot, after first: [GitLabWorld.Note], said: Int) async throws {
        let known = Set(first.map(\.id))
        let new = try await ReviewStoryTests.threads(bot).filter { !known.contains($0.id) }
        #expect(new.map { $0.body.contains("Divides by nothing") } == [true])
        for id in known { #expect(await bot.world.isResolved(threadOf: id)) }
        let summaries = try await ReviewStoryTests.summaries(bot)
        #expect(summaries.map(\.editCount) == [1])
        // One answer in the settled thread, one new finding; nobody is called by name.
        let saidNow = try await bot.said(onMergeRequest: 1)
        #expect(saidNow.count == said + 2)
    }

    @Test("a push to a merge request that nobody had reviewed, and one by a person without rights, are left alone", .timeLimit(.minutes(2)))
    func unasked() async throws {
        try await AssembledBot.run(Self.rounds, files: ["shop.py": Self.before, ".ai-coder.yml": "review: {on_push: true}\n"]) { bot in
            _ = try await bot.world.push(["shop.py": Self.after], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "Totals", by: Self.dana)
            _ = try await bot.world.push(["other.py": "x = 1\n"], to: "feature", in: Self.project, by: Self.dana)
            // Deliveries overtake each other: after the request the push would count.
            await bot.world.untilQuiet()
            try await bot.world.requestReview(mergeRequest: 1, of: Self.project, from: [AssembledBot.bot], by: Self.dana)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let said = try await bot.said(onMergeRequest: 1)
            await bot.world.createUser("olga", name: "Olga Outside")
            try await bot.world.setMember("olga", of: Self.project, .reporter)
            _ = try await bot.world.push(["other.py": "x = 2\n"], to: "feature", in: Self.project, by: "olga")
            let ended = try await bot.ended(2).map(\.status)
            #expect(ended == ["completed", "cancelled"], "\(bot.log)")
            #expect(try await bot.said(onMergeRequest: 1) == said)
        }
    }

    // MARK: Replies

    private static let talk: ModelScript = {
        func reply(_ words: String, _ call: ModelScript.Call) -> ModelScript.Conversation {
            .init("reply to \(words)", containing: ["in the thread of one of your findings", words], tool: "answer", turns: [.init(calls: [call])])
        }
        let plan = ModelScript.Call("submit_plan", ["summary": "Start at zero.", "files": ["shop.py"], "changes": ["result = 0"], "tests": []])
        return ModelScript(
            conversations: [
                // Earlier words stand in the thread: the latest come first.
                reply("And the others", .init("answer", ["text": "They are fine."])), reply("Please mend it", plan),
                reply("Thanks", .init("answer", ["text": "-"])),
                reply("Why does that matter", .init("answer", ["text": "The total is one too high, see shop.py:2.\n/close"])),
                .init("plan", containing: ["Please mend it"], tool: "submit_plan", turns: [.init(calls: [plan])]),
                .init(
                    "code", tool: "finish",
                    turns: [
                        .init(calls: [.init("edit_file", ["path": "shop.py", "search": "result = 1", "replace": "result = 0"])]),
                        .init(calls: [.init("finish", ["summary": "Start at zero\n\nAs the thread asks."])]),
                    ]),
            ] + ReviewStoryTests.script([finding("The sum starts at one", line: 2)]).conversations)
    }()

    /// Says it in the finding's thread; returns what else was written until so many tasks had ended.
    private static func say(
        _ words: String, by name: String = dana, in finding: GitLabWorld.Note, _ bot: AssembledBot, tasks: Int
    ) async throws -> [GitLabWorld.Note] {
        let known = Set(try await bot.world.comments(on: place).map(\.id))
        let note = try #require(try await bot.world.comment(words, on: place, by: name, replyingTo: finding.discussionID))
        let ended = try await bot.ended(tasks).map(\.status)
        #expect(ended == Array(repeating: "completed", count: tasks), "\(bot.log)")
        return try await bot.world.comments(on: place).filter { !known.contains($0.id) && $0.id != note.id }
    }

    @Test("a reply to a finding is answered in its thread, or acted on when it asks for a change", .timeLimit(.minutes(2)))
    func replies() async throws {
        try await AssembledBot.run(Self.talk, files: ["shop.py": Self.before]) { bot in
            try await Self.open(bot, reviewers: false)
            let finding = try #require(try await ReviewStoryTests.threads(bot).first)
            let answer = try await Self.say("Why does that matter?", in: finding, bot, tasks: 2)
            #expect(answer.map { $0.discussionID == finding.discussionID && $0.body.contains("one too high") } == [true])
            #expect(answer.first?.body.contains("\n/close") == false)
            #expect(try await Self.say("Thanks, I see.", in: finding, bot, tasks: 3).isEmpty)

            let done = try await Self.say("Please mend it then.", in: finding, bot, tasks: 5)
            #expect(try await bot.world.file("shop.py", on: "feature", of: Self.project) == Self.before)
            let closing = try #require(done.first { $0.discussionID == finding.discussionID })
            let head = try #require(try await bot.world.branches(of: Self.project)["feature"])
            #expect(closing.body.contains(head.prefix(10)), "\(closing.body)")
            #expect(await bot.world.isResolved(threadOf: finding.id))

            // Waved off, said to somebody else, or said by somebody without a say: nothing is written.
            let asked = bot.model.log.entries.count
            #expect(try await Self.say("Won't fix the rest.", in: finding, bot, tasks: 5).isEmpty)
            #expect(try await Self.say("@gus what do you think?", in: finding, bot, tasks: 5).isEmpty)
            #expect(try await Self.say("Why does that matter?", by: "gus", in: finding, bot, tasks: 5).isEmpty)
            // All three were heard by the time that a fourth is answered.
            #expect(try await Self.say("And the others?", in: finding, bot, tasks: 6).count == 1)
            #expect(bot.model.log.entries.count == asked + 1)
        }
    }
}
