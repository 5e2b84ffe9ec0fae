import Rehearsal
import Testing

@Suite("Rounds of reviews on the assembled bot", .serialized)
struct ReviewRoundsTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person
    private static let place = GitLabWorld.Place.mergeRequest(project, 1)

    private static func review(_ name: String, containing words: [String], _ findings: [ScriptValue]) -> ModelScript.Conversation {
        let call = ModelScript.Call("submit_review", ["summary": .string("This is \(name)."), "findings": .array(findings)])
        // What is not on the diff is sent back twice before it is taken.
        return .init(name, containing: words, tool: "submit_review", turns: (1...3).map { _ in .init(calls: [call]) })
    }

    private static func finding(_ path: String, _ line: Int, _ title: String) -> ScriptValue {
        ["path": .string(path), "line": .int(line), "severity": "major", "title": .string(title), "body": .string("Because of \(title).")]
    }

    private static func threads(_ bot: AssembledBot, _ title: String) async throws -> [GitLabWorld.Note] {
        try await ReviewStoryTests.threads(bot).filter { $0.body.contains("· \(title)") }
    }

    // MARK: Four rounds

    private static func shop(_ start: Int, _ more: String = "") -> String {
        "def total(items):\n    result = \(start)\n    for item in items:\n        result += item\n    print(result)\n    return result\n\(more)"
    }

    private static let base = ["shop.py": "pass\n", "gone.txt": "one\ntwo\n"]
    private static let keep = (1...12).map { "value\($0) = \($0)\n" }.joined()

    private static let rounds = ModelScript(conversations: [
        review(
            "round one", containing: ["round one"],
            [
                finding("shop.py", 2, "Sum starts at one"), finding("shop.py", 5, "Prints in a function"), finding("keep.py", 7, "Name says nothing"),
                finding("elsewhere.py", 3, "Caller breaks"),
            ]),
        review(
            "round two", containing: ["round two", "=== gone.txt (deleted)"],
            [finding("shop.py", 5, "It prints in a function"), finding("gone.txt", 1, "Something needs it")]),
        review("round three", containing: ["round three"], [finding("shop.py", 2, "Sum starts at one")]),
        review("round four", containing: ["round four"], []),
        .init("reply", containing: ["Which one matters most"], tool: "answer", turns: [.init(calls: [.init("answer", ["text": "The sum."])])]),
    ])

    private static func round(_ word: String, _ bot: AssembledBot, tasks: Int) async throws -> String {
        try await bot.comment("/ai review round \(word)", on: place)
        let ended = try await bot.ended(tasks).map(\.status)
        #expect(ended.allSatisfy { $0 == "completed" }, "\(ended) \(bot.log)")
        let summaries = try await ReviewStoryTests.summaries(bot)
        #expect(summaries.count == 1)
        let summary = try #require(summaries.first?.body)
        #expect(summary.contains("elsewhere.py:3") && summary.contains("Because of Caller breaks"), "\(summary)")
        return summary
    }

    @Test("what was mended, came back, was opened again, moved, deleted or settled by people is known in every later round", .timeLimit(.minutes(3)))
    func fourRounds() async throws {
        try await AssembledBot.run(Self.rounds, files: Self.base) { bot in
            _ = try await bot.world.push(["shop.py": Self.shop(1), "keep.py": Self.keep], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "Totals", by: Self.dana)
            _ = try await Self.round("one", bot, tasks: 1)
            let sum = try #require(try await Self.threads(bot, "Sum starts at one").first)
            let prints = try #require(try await Self.threads(bot, "Prints in a function").first)
            let name = try #require(try await Self.threads(bot, "Name says nothing").first)

            try await bot.world.resolve(threadOf: prints.id, by: Self.dana)
            _ = try await bot.world.push(
                ["shop.py": Self.shop(0), "kept.py": Self.keep], deleting: ["keep.py", "gone.txt"], to: "feature", in: Self.project, by: Self.dana)
            let second = try await Self.round("two", bot, tasks: 3)
            #expect(second.contains("only what is new since"), "\(second)")
            #expect(await bot.world.isResolved(threadOf: sum.id))
            #expect(await !bot.world.isResolved(threadOf: name.id), "Its code has only another name.")
            #expect(try await ReviewStoryTests.threads(bot).count == 4, "Settled by a person, one is not raised again.")
            #expect(try await Self.threads(bot, "Something needs it").count == 1)

            _ = try await bot.world.push(["shop.py": Self.shop(1)], to: "feature", in: Self.project, by: Self.dana)
            _ = try await Self.round("three", bot, tasks: 5)
            let again = try await Self.threads(bot, "Sum starts at one")
            #expect(again.count == 2, "It was mended and is back.")

            // A person says that the first is not settled; the bot does not know better.
            try await bot.world.resolve(false, threadOf: sum.id, by: Self.dana)
            _ = try await bot.world.push(["shop.py": Self.shop(0, "\n")], to: "feature", in: Self.project, by: Self.dana)
            _ = try await Self.round("four", bot, tasks: 7)
            for thread in again { #expect(await bot.world.isResolved(threadOf: thread.id) == (thread.id != sum.id)) }
            let settled = try await bot.world.comments(on: Self.place).filter { $0.body.contains("ai-coder:fixed=") }
            #expect(settled.count { $0.discussionID == sum.discussionID } == 1)

            let summary = try #require(try await ReviewStoryTests.summaries(bot).first)
            _ = try await bot.world.comment("Which one matters most?", on: Self.place, by: Self.dana, replyingTo: summary.discussionID)
            #expect(try await bot.ended(8).last?.status == "completed", "\(bot.log)")
            let answers = try await bot.world.comments(on: Self.place).filter { $0.body.contains("The sum.") }
            #expect(answers.map(\.discussionID) == [summary.discussionID])
        }
    }

    // MARK: What was not read

    private static let large: [String: String] = Dictionary(
        uniqueKeysWithValues: (1...40).map { file in
            let lines = (1...80).map { "value_\(file)_\($0) = compute(\($0), \"some words that make a line as long as lines are\")\n" }
            return ("src/module\(file).py", lines.joined())
        })

    private static let refused: ModelScript = {
        let last = "=== src/module9.py"
        var declined = review("declined", containing: [last], [])
        declined.turns[0].faults = [.init(.refusal)]
        return ModelScript(conversations: [
            review("read", containing: [last, "or was not read then"], [finding("src/module9.py", 9, "Slow")]), declined,
            review("part", containing: [], []),
        ])
    }()

    @Test("a part that the model declines is named as not read, and the next review reads it and nothing else", .timeLimit(.minutes(3)))
    func unread() async throws {
        try await AssembledBot.run(Self.refused, files: ["README.md": "A project\n"]) { bot in
            _ = try await bot.world.push(Self.large, to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "Large", by: Self.dana)
            try await bot.comment("/ai review", on: Self.place)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let first = try #require(try await ReviewStoryTests.summaries(bot).first?.body)
            #expect(first.contains("**Not read**") && first.contains("src/module9.py") && !first.contains("src/module1.py"), "\(first)")
            let asked = bot.model.log.entries.count
            #expect(asked > 1)

            try await bot.comment("/ai review", on: Self.place)
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            let second = try #require(try await ReviewStoryTests.summaries(bot).first?.body)
            #expect(second.contains("only what was not read before") && !second.contains("**Not read**"), "\(second)")
            #expect(bot.model.log.entries.count == asked + 1)
            #expect(bot.model.log.entries.last?.body.contains("=== src/module1.py") == false)
            #expect(try await Self.threads(bot, "Slow").count == 1)

            try await bot.comment("/ai review", on: Self.place)
            #expect(try await bot.ended(3).last?.status == "completed")
            #expect(bot.model.log.entries.count == asked + 1, "Now nothing is left.")
        }
    }

    @Test("what the budget left unread is read by the reviews that follow, until all is read", .timeLimit(.minutes(3)))
    func budget() async throws {
        let script = ModelScript(conversations: [Self.review("part", containing: [], [])])
        try await AssembledBot.run(script, files: ["README.md": "A project\n"], settings: ["MAX_TOKENS_PER_TASK": "60000"]) { bot in
            _ = try await bot.world.push(Self.large, to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "Large", by: Self.dana)
            var summary = ""
            var rounds = 0
            repeat {
                rounds += 1
                try await bot.comment("/ai review", on: Self.place)
                #expect(try await bot.ended(rounds).allSatisfy { $0.status == "completed" }, "\(bot.log)")
                summary = try #require(try await ReviewStoryTests.summaries(bot).first?.body)
                #expect(rounds > 1 || summary.contains("the budget was used up"), "\(summary)")
            } while summary.contains("**Not read**") && rounds < 6
            #expect((2...4).contains(rounds) && !summary.contains("**Not read**"), "\(summary)")
            let bodies = bot.model.log.entries.map(\.body)
            let shown = (1...40).map { file in bodies.count { $0.contains("+value_\(file)_1 = ") } }
            // A file that two parts share is read anew when only one of them was.
            #expect(shown.allSatisfy { (1...rounds).contains($0) } && shown.count { $0 > 1 } < rounds, "\(shown)")
        }
    }

    // MARK: Suggestions

    private static func suggestion(_ path: String, _ lines: ClosedRange<Int>, _ title: String, _ text: String) -> ScriptValue {
        [
            "path": .string(path), "line": .int(lines.lowerBound), "end_line": .int(lines.upperBound), "severity": "minor", "title": .string(title),
            "body": "Better.", "suggestion": .string(text),
        ]
    }

    private static let suggestions = ModelScript(conversations: [
        review(
            "review", containing: [],
            [
                suggestion("notes.txt", 2...3, "Digits", "2\n3"), suggestion("notes.txt", 4...4, "Nothing", ""),
                suggestion("notes.txt", 1...1, "Turned", "on\u{202E}e"), suggestion("crlf.txt", 1...1, "Returns", "c"),
                suggestion("main.rs", 2...2, "Balanced", "    f(2);"), suggestion("main.rs", 2...2, "Broken", "    g(2;"),
                suggestion("ci.yml", 2...2, "Unread", "b: ["), suggestion("ci.yml", 1...1, "Read", "a: [1]"),
                suggestion("notes.txt", 1...1, "Starred", "postgres://app:pass@db/x"), suggestion("notes.txt", 1...1, "Closing", "Closes #1"),
            ] + (1...many).map { suggestion("many.py", $0...$0, "Python\($0)", "value\($0) = 2") })
    ])

    /// More than programs are started for.
    private static let many = 22

    @Test("suggestions of several lines and of none are offered, those that can't be trusted are only shown", .timeLimit(.minutes(2)))
    func shapes() async throws {
        try await AssembledBot.run(Self.suggestions, files: ["README.md": "A project\n"]) { bot in
            let files = [
                "notes.txt": "one\ntwo\nthree\nfour\n", "crlf.txt": "a\r\nb\r\n", "main.rs": "fn main() {\n    f(1);\n}\n", "ci.yml": "a: 1\nb: 2\n",
                "many.py": (1...Self.many).map { "value\($0) = 1\n" }.joined(),
            ]
            // From a fork: it is read all the same.
            await bot.world.createUser("olga", name: "Olga Outside")
            let fork = try await bot.world.fork(Self.project, by: "olga")
            _ = try await bot.world.push(files, to: "feature", from: "main", in: fork.fullPath, by: "olga")
            _ = try await bot.world.openMergeRequest(
                in: Self.project, from: "feature", title: "Shapes", by: "olga", sourceProject: fork.fullPath)
            try await bot.comment("/ai review", on: Self.place)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let threads = try await ReviewStoryTests.threads(bot)
            #expect(threads.count == 10 + Self.many)
            // What was not checked is not offered.
            #expect(threads.count { $0.body.contains("· Python") && !$0.suggestions.isEmpty } == 20)
            func offered(_ title: String) throws -> [String] {
                try #require(threads.first { $0.body.contains("· \(title)") }, "\(title)").suggestions.flatMap { [$0.from, $0.to] }
            }
            #expect(try offered("Digits") == ["two\nthree\n", "2\n3\n"])
            #expect(try offered("Nothing") == ["four\n", ""])
            #expect(try offered("Balanced") == ["    f(1);\n", "    f(2);\n"])
            #expect(try offered("Read") == ["a: 1\n", "a: [1]\n"])
            for title in ["Turned", "Returns", "Broken", "Unread", "Starred", "Closing"] { #expect(try offered(title).isEmpty, "\(title)") }
        }
    }
}
