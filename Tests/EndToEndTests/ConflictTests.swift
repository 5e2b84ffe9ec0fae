import Rehearsal
import Testing

@Suite("Merge conflicts on the assembled bot", .serialized)
struct ConflictTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person
    private static let place = GitLabWorld.Place.mergeRequest(project, 1)

    /// Says it has finished before anything is resolved, and is told.
    private static let script = ModelScript(conversations: [
        .init(
            "resolve", containing: ["Resolve the conflicts of merge request !1", "shared.txt"], tool: "finish",
            turns: [
                .init(calls: [.init("finish", ["summary": "Done\n\nAll is well."])]),
                .init(calls: [.init("write_file", ["path": "shared.txt", "content": "one\ntwo of both\nthree\n"])]),
                .init(calls: [.init("finish", ["summary": "Keep both\n\nBoth sides' words are kept."])]),
            ])
    ])

    private static func files(_ second: String) -> [String: String] { ["shared.txt": "one\n\(second)\nthree\n"] }

    private static func diverge(_ bot: AssembledBot) async throws {
        _ = try await bot.world.push(files("two of the feature"), to: "feature", from: "main", in: project, by: dana)
        _ = try await bot.world.openMergeRequest(in: project, from: "feature", title: "A feature", by: dana)
        _ = try await bot.world.push(
            files("two of main").merging(["later.txt": "later\n", ".gitlab-ci.yml": "test: {script: make}\n"]) { $1 }, to: "main",
            in: project, by: dana)
    }

    @Test(
        "the target is merged in, the conflict resolved, tested and pushed as one merge commit, also after a kill", .timeLimit(.minutes(3)),
        arguments: [nil, 8, 14, 18] as [Int?])
    func resolved(killedAfter entries: Int?) async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files.merging(Self.files("two")) { $1 }) { bot in
            try await Self.diverge(bot)
            let (main, feature) = (try await bot.world.branches(of: Self.project)["main"], try await bot.world.branches(of: Self.project)["feature"])
            try await bot.comment("/ai do resolve the conflicts", on: Self.place)
            var inFlight: String?
            if let entries {
                try await bot.eventually("the work is on its way") { bot.journal.entries >= entries }
                await bot.kill()
                // Only a turn whose answer was on its way may be asked for again.
                inFlight = "resolve/\(bot.journal.turns)"
                try await bot.start()
            }
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.world.parents(on: "feature", of: Self.project) == [feature, main].compactMap(\.self))
            #expect(try await bot.world.file("shared.txt", on: "feature", of: Self.project) == "one\ntwo of both\nthree\n")
            #expect(try await bot.world.file("later.txt", on: "feature", of: Self.project) == "later\n")
            #expect(try await bot.world.file("shared.txt", on: "main", of: Self.project) == "one\ntwo of main\nthree\n")
            #expect(await bot.world.pushes.allSatisfy { !$0.wasForced })
            let said = try await bot.said(on: Self.place).filter { $0.contains("ai-coder:closing=") }
            #expect(said.count == 1)
            #expect(said.first?.contains("shared.txt") == true, "\(said)")
            let answered = bot.model.log.answered
            #expect(Set(answered.keys) == ["resolve/0", "resolve/1", "resolve/2"])
            #expect(answered.allSatisfy { $0.value == 1 || ($0.key == inFlight && $0.value == 2) }, "\(answered), in flight: \(inFlight ?? "none")")
        }
    }

    @Test("where there is no conflict nothing is pushed, and it says so", .timeLimit(.minutes(2)))
    func none() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.push(["feature.txt": "one\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            _ = try await bot.world.push(["later.txt": "later\n"], to: "main", in: Self.project, by: Self.dana)
            try await bot.comment("/ai do resolve the conflicts", on: Self.place)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.said(on: Self.place).contains { $0.contains("without conflicts") })
            #expect(await bot.world.pushes.allSatisfy { $0.actor != AssembledBot.bot })
        }
    }

    private static let wished: ModelScript = {
        var script = Self.script
        script.conversations[0].containing = ["Resolve the conflicts of merge request !1", "keep both entries", "the older one first"]
        return script
    }()

    @Test("a merge waits for approval where plans need one, takes wishes along, and is not held up by what failed before", .timeLimit(.minutes(2)))
    func approved() async throws {
        var files = LoopScript.files.merging(Self.files("two")) { $1 }
        files[".ai-coder.yml"] = "test: [\"sh test.sh\"]\nplan_required: {paths: [\"shared*\"]}\n"
        try await AssembledBot.run(Self.wished, files: files) { bot in
            // The feature's own test fails already.
            _ = try await bot.world.push(["NOTES.md": "broken\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            try await Self.diverge(bot)
            try await bot.comment("/ai do resolve the conflicts, keep both entries", on: Self.place)
            func plan(_ number: Int) async throws -> GitLabWorld.Note {
                try await bot.eventually("plan \(number) waits") {
                    try await bot.world.comments(on: Self.place).contains { $0.body.contains("ai-coder:plan-\(number)") }
                        && bot.journal.tasks.first?.status == "waiting"
                }
                return try #require(try await bot.world.comments(on: Self.place).first { $0.body.contains("ai-coder:plan-\(number)") })
            }
            let first = try await plan(1)
            #expect(first.body.contains("shared.txt"))
            _ = try await bot.world.comment("With the older one first.", on: Self.place, by: Self.dana, replyingTo: first.discussionID)
            #expect(try await plan(2).body.contains("the older one first"))
            #expect(bot.model.log.entries.isEmpty)
            try await bot.comment("/ai approve", on: Self.place)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.world.file("shared.txt", on: "feature", of: Self.project) == "one\ntwo of both\nthree\n")
        }
    }

    @Test("a file that one side deleted is a conflict, too; and where somebody pushes meanwhile nothing is overwritten", .timeLimit(.minutes(2)))
    func deletedAndMoved() async throws {
        var script = Self.script
        script.conversations[0].turns.removeFirst()
        script.conversations[0].turns[1].delayMilliseconds = 1500
        try await AssembledBot.run(script, files: LoopScript.files.merging(Self.files("two")) { $1 }) { bot in
            _ = try await bot.world.push(["a.txt": "a\n"], deleting: ["shared.txt"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            _ = try await bot.world.push(Self.files("two of main"), to: "main", in: Self.project, by: Self.dana)
            try await bot.comment("/ai do resolve the conflicts", on: Self.place)
            try await bot.eventually("the work is on its way") { bot.journal.turns >= 1 }
            let moved = try await bot.world.push(["a.txt": "b\n"], to: "feature", in: Self.project, by: Self.dana)
            #expect(try await bot.ended().map(\.status) == ["failed"], "\(bot.log)")
            #expect(try await bot.world.branches(of: Self.project)["feature"] == moved)
            #expect(try await bot.said(on: Self.place).contains { $0.contains("Somebody pushed to") })

            try await bot.comment("/ai do resolve the conflicts", on: Self.place)
            #expect(try await bot.ended(2).map(\.status) == ["failed", "completed"], "\(bot.log)")
            #expect(try await bot.world.parents(on: "feature", of: Self.project).first == moved)
            #expect(try await bot.world.file("shared.txt", on: "feature", of: Self.project) == "one\ntwo of both\nthree\n")
            #expect(try await bot.world.file("a.txt", on: "feature", of: Self.project) == "b\n")
        }
    }

    @Test(
        "a merge without conflicts is made when it is asked for, unless tests fail after it that pass on both sides", .timeLimit(.minutes(2)),
        arguments: [false, true])
    func clean(breaks: Bool) async throws {
        var files = LoopScript.files
        files["test.sh"] = "echo x > left.txt; if [ -f feature.txt ] && [ -f later.txt ]; then echo 'not ok 1 - both'; exit 1; fi\necho 'ok 1 - both'\n"
        try await AssembledBot.run(Self.script, files: files) { bot in
            _ = try await bot.world.push([breaks ? "feature.txt" : "other.txt": "one\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            _ = try await bot.world.push(["later.txt": "later\n"], to: "main", in: Self.project, by: Self.dana)
            let (main, feature) = (try await bot.world.branches(of: Self.project)["main"], try await bot.world.branches(of: Self.project)["feature"])
            try await bot.comment("/ai do merge main into this branch", on: Self.place)
            #expect(try await bot.ended().map(\.status) == [breaks ? "failed" : "completed"], "\(bot.log)")
            let parents = try await bot.world.parents(on: "feature", of: Self.project)
            #expect((parents == [feature, main].compactMap(\.self)) == !breaks)
            #expect(try await bot.world.file("later.txt", on: "feature", of: Self.project) == (breaks ? nil : "later\n"))
            #expect(try await bot.world.file("left.txt", on: "feature", of: Self.project) == nil, "What the tests leave is no part of the merge.")
            #expect(try await bot.said(on: Self.place).contains { $0.contains(breaks ? "both" : "main is merged") })
            #expect(bot.model.log.entries.isEmpty)
        }
    }
}
