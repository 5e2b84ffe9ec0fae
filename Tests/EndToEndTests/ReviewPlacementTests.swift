import Foundation
import Rehearsal
import Testing

@Suite("Where the findings of a review come to stand", .serialized)
struct ReviewPlacementTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person
    private static let place = GitLabWorld.Place.mergeRequest(project, 1)

    // MARK: A change of all shapes

    private static func numbered(_ name: String, _ lines: ClosedRange<Int>, end: String = "\n") -> String {
        lines.map { "\(name) line \($0)\(end)" }.joined()
    }

    private static let before: [String: String] = [
        "hunks.txt": numbered("hunks", 1...60), "old name.txt": numbered("renamed", 1...30), "deleted.txt": numbered("deleted", 1...8),
        "crlf.txt": numbered("crlf", 1...20, end: "\r\n"), "open end.txt": "first\nlast", "naïve/ü.txt": numbered("words", 1...12),
        "dashes.sql": "-- one\n-- two\n++ three\n@@ -1,1 +1,1 @@\nselect 1;\n", "blank.txt": "a\n\n\nb\n\n", "untouched.txt": "as it was\n",
    ]

    private static let after: [String: String] = [
        "hunks.txt": numbered("hunks", 1...60).replacing("line 5\n", with: "line five\nand more\n").replacing("hunks line 30\n", with: "")
            .replacing("line 55\n", with: "line fifty-five\n"),
        "new name.txt": numbered("renamed", 1...30).replacing("line 10\n", with: "line ten\n"), "new.txt": numbered("new", 1...15),
        "crlf.txt": numbered("crlf", 1...20, end: "\r\n").replacing("line 7\r\n", with: "line seven\r\n"), "open end.txt": "first\nlast\nand now",
        "naïve/ü.txt": numbered("words", 2...12) + "the end\n", "dashes.sql": "-- two\n++ three\n++ four\n@@ -1,1 +1,2 @@\nselect 2;\n",
        "blank.txt": "a\n\nb\n\n\n\n", "empty.txt": "",
    ]

    private static let paths = [
        "hunks.txt", "old name.txt", "new name.txt", "deleted.txt", "new.txt", "crlf.txt", "open end.txt", "naïve/ü.txt", "dashes.sql", "blank.txt",
        "empty.txt", "untouched.txt", "nowhere.txt",
    ]

    private struct Place: Sendable {
        var number: Int
        var path: String
        var first: Int
        var last: Int
        var isOld: Bool
        /// No other title has a word in common with it.
        var title: String { "q\(number)q" }

        var finding: ScriptValue {
            [
                "path": .string(path), "line": .int(first), "end_line": .int(last), "side": isOld ? "old" : "new", "severity": "minor",
                "title": .string(title), "body": .string("Because of z\(number)z."),
            ]
        }
    }

    private static func places(seed: UInt64) -> [Place] {
        var random = Seeded(seed)
        return (1...90).map { number in
            let path = paths[random.below(paths.count)]
            let first = 1 + random.below(path == "hunks.txt" ? 64 : 18)
            return Place(number: number, path: path, first: first, last: first + [0, 0, 1, 2, 5, 40][random.below(6)], isOld: random.below(3) == 0)
        }
    }

    /// The numbers below a bound that follow from a seed (SplitMix64).
    private struct Seeded {
        private var state: UInt64
        init(_ seed: UInt64) { state = seed }

        mutating func below(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
        }
    }

    private static func open(_ bot: AssembledBot) async throws {
        _ = try await bot.world.push(after, deleting: ["deleted.txt", "old name.txt"], to: "feature", from: "main", in: project, by: dana)
        _ = try await bot.world.openMergeRequest(in: project, from: "feature", title: "All shapes", by: dana)
        _ = try await bot.world.comment("/ai review", on: place, by: dana)
    }

    @Test("any finding on any line is seen exactly once, wherever it is", .timeLimit(.minutes(4)), arguments: [1, 2, 3] as [UInt64])
    func everywhere(seed: UInt64) async throws {
        let places = Self.places(seed: seed)
        try await AssembledBot.run(ReviewStoryTests.script(places.map(\.finding)), files: Self.before) { bot in
            try await Self.open(bot)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let threads = try await ReviewStoryTests.threads(bot)
            try Self.expectAll(places, threads, try await ReviewStoryTests.summaries(bot).map(\.body))
            // Every line of a new file can be commented on.
            for place in places where place.path == "new.txt" && !place.isOld && place.last <= 15 {
                let position = try #require(threads.first { $0.body.contains(place.title) }?.position)
                #expect(position.newLine == place.last && (position.lineRange != nil) == (place.first != place.last), "\(place): \(position)")
            }
            #expect(Set(threads.compactMap(\.position?.kind)) == ["text", "file"])
        }
    }

    private static func expectAll(_ places: [Place], _ threads: [GitLabWorld.Note], _ summaries: [String]) throws {
        #expect(summaries.count == 1)
        let summary = try #require(summaries.first)
        let astray = summary.range(of: "These have no place on the diff:").map { summary[$0.upperBound...] } ?? ""
        for place in places {
            let shown = threads.filter { $0.body.contains(place.title) && $0.body.contains("z\(place.number)z") }.count
            let named = astray.ranges(of: "z\(place.number)z").count
            #expect(shown + named == 1, "\(place): \(shown) threads, \(named) times in the summary")
        }
    }

    enum Server: Sendable, CaseIterable {
        case refusing, breaking, withoutDrafts, withoutBulk
    }

    @Test(
        "a server that refuses places, breaks on them, or can't publish at once still gets every finding once", .timeLimit(.minutes(4)),
        arguments: Server.allCases)
    func otherServers(_ server: Server) async throws {
        let places = Array(Self.places(seed: 9).prefix(30))
        try await AssembledBot.run(ReviewStoryTests.script(places.map(\.finding)), files: Self.before) { bot in
            switch server {
            case .refusing:
                // Every second one of the first places is refused, whatever it is.
                for index in 0..<8 {
                    await bot.world.add(FaultRule(Answer.place, method: "POST", path: "*/draft_notes", after: index * 2, times: 1))
                }
            case .breaking: await bot.world.add(FaultRule(Answer.trouble, method: "POST", path: "*/draft_notes", after: 2, times: 7))
            case .withoutDrafts:
                await bot.world.add(FaultRule(Answer.unknown, path: "*/draft_notes*"))
                await bot.world.add(FaultRule(Answer.place, method: "POST", path: "*/discussions", after: 3, times: 2))
            case .withoutBulk: await bot.world.add(FaultRule(Answer.forbidden, method: "POST", path: "*/bulk_publish"))
            }
            _ = try await bot.world.push(Self.after, deleting: ["deleted.txt", "old name.txt"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "All shapes", by: Self.dana)
            // A run that ended halfway has left this behind.
            if server == .withoutBulk { try await bot.leaveDraft("Left over. <!-- ai-coder:finding=0123456789abcdef.0123456789abcdef.1.n -->") }
            try await bot.comment("/ai review", on: Self.place)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            try Self.expectAll(places, try await ReviewStoryTests.threads(bot), try await ReviewStoryTests.summaries(bot).map(\.body))
            #expect(await bot.world.draftNotes.isEmpty)
            #expect(try await !bot.said(onMergeRequest: 1).contains { $0.contains("Left over") })
        }
    }

    private enum Answer {
        static let place = FaultRule.Kind.status(
            400, body: #"{"message":"400 Bad request - Note {:line_code=>[\"can't be blank\", \"must be a valid line code\"]}"}"#,
            headers: ["Content-Type": "application/json"])
        static let trouble = FaultRule.Kind.status(500, body: "{}", headers: ["Content-Type": "application/json"])
        static let forbidden = FaultRule.Kind.status(
            403, body: #"{"message":"403 Forbidden"}"#, headers: ["Content-Type": "application/json"])
        static let unknown = FaultRule.Kind.status(404, body: #"{"error":"404 Not Found"}"#, headers: ["Content-Type": "application/json"])
    }

    // MARK: A kill in between

    @Test("a kill during a review neither loses nor repeats a finding", .timeLimit(.minutes(4)), arguments: [4, 7, 10, 14, 25, 39])
    func killed(afterEntries entries: Int) async throws {
        let places = Array(Self.places(seed: 5).prefix(20))
        try await AssembledBot.run(ReviewStoryTests.script(places.map(\.finding)), files: Self.before) { bot in
            try await Self.open(bot)
            try await bot.eventually("the review is on its way") { bot.journal.entries >= entries }
            await bot.kill()
            try await bot.start()
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            try Self.expectAll(places, try await ReviewStoryTests.threads(bot), try await ReviewStoryTests.summaries(bot).map(\.body))
            #expect(await bot.world.draftNotes.isEmpty)
        }
    }

    // MARK: A large change

    private static let large: [String: String] = Dictionary(
        uniqueKeysWithValues: (1...200).map { file in
            let lines = (1...15).map { "value_\(file)_\($0) = compute(\($0), \"some words that make a line as long as lines are\")\n" }
            return ("src/part\(file)/module\(file).py", lines.joined())
        })

    @Test("a change of 3,000 lines in 200 files is read whole, each line once, in parts that fit", .timeLimit(.minutes(4)))
    func largeChange() async throws {
        let asked = [17, 133, 200]
        func call(_ findings: [ScriptValue]) -> ModelScript.Turn {
            .init(calls: [.init("submit_review", ["summary": "Read.", "findings": .array(findings)])])
        }
        // Whoever is shown the file finds something in it; a part may hold more than one of these.
        let script = ModelScript(
            conversations: asked.map { file in
                let path = "src/part\(file)/module\(file).py"
                let finding: ScriptValue = [
                    "path": .string(path), "line": 9, "severity": "major", "title": .string("q\(file)q"), "body": "Why?",
                ]
                return .init("part with \(file)", containing: ["=== \(path)"], tool: "submit_review", turns: [call([finding])])
            } + [.init("part", tool: "submit_review", turns: [call([])])])
        try await AssembledBot.run(script, files: ["README.md": "A project\n"]) { bot in
            _ = try await bot.world.push(Self.large, to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "Large", by: Self.dana)
            _ = try await bot.world.comment("/ai review", on: Self.place, by: Self.dana)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let bodies = bot.model.log.entries.map(\.body)
            #expect(bodies.count > 1 && bodies.allSatisfy { $0.utf8.count < 400_000 }, "\(bodies.map(\.utf8.count))")
            for file in 1...200 {
                for line in [1, 15] {
                    let shown = bodies.reduce(0) { $0 + $1.ranges(of: "+value_\(file)_\(line) = ").count }
                    #expect(shown == 1, "line \(line) of file \(file) was shown \(shown) times")
                }
            }
            let threads = try await ReviewStoryTests.threads(bot)
            #expect(Set(threads.compactMap(\.position?.newPath)) == Set(asked.map { "src/part\($0)/module\($0).py" }))
            #expect(threads.allSatisfy { $0.position?.newLine == 9 })
            let summary = try #require(try await ReviewStoryTests.summaries(bot).first?.body)
            #expect(summary.contains("Read 3000 changed lines in 200 files") && !summary.contains("Not read"), "\(summary)")
        }
    }
}
