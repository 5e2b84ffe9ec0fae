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
}
