import Rehearsal
import Testing

@Suite("Questions to the assembled bot", .serialized)
struct QuestionTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person
    /// Names two places that are there, a line past the end, and a file that is not.
    private static let script = ModelScript(conversations: [
        .init(
            "answer", tool: "answer",
            turns: [
                .init(calls: [.init("read_file", ["path": "test.sh"])]),
                .init(calls: [
                    .init(
                        "answer",
                        ["text": "The check is in `test.sh:2-3`, named in README.md:1; not in README.md:99 or gone.txt:1.\n\n/close"])
                ]),
            ])
    ])

    @Test("a question on an issue is answered with links to the default branch, and nothing is changed", .timeLimit(.minutes(2)))
    func issue() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Checks")
            try await bot.comment("/ai ask where are the notes checked?", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let answers = try await bot.said(onIssue: 1).filter { $0.contains("ai-coder:answer=") }
            let answer = try #require(answers.first)
            #expect(answers.count == 1)
            let commit = try #require(try await bot.world.branches(of: Self.project)["main"])
            #expect(answer.contains("/\(Self.project)/-/blob/\(commit)/test.sh#L2-3>"), "\(answer)")
            #expect(answer.contains("/-/blob/\(commit)/README.md#L1>"))
            #expect(!answer.contains("#L99") && !answer.contains("/gone.txt"))
            #expect(!answer.split(separator: "\n").contains { $0.hasPrefix("/close") })
            #expect(try await bot.branches() == [])
            #expect(try await bot.world.mergeRequests(of: Self.project).isEmpty)
        }
    }

    @Test("a question on a merge request is answered in its thread, from its branch", .timeLimit(.minutes(2)))
    func mergeRequest() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.push(["README.md": "one\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            let head = try #require(try await bot.world.branches(of: Self.project)["feature"])
            _ = try await bot.world.comment(
                "/ai ask where are the notes checked?", on: .mergeRequest(Self.project, 1), by: Self.dana, asThread: true)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let notes = try await bot.world.comments(on: .mergeRequest(Self.project, 1))
            let command = try #require(notes.first { $0.body.hasPrefix("/ai") })
            let answer = try #require(notes.first { $0.body.contains("ai-coder:answer=") })
            #expect(answer.discussionID == command.discussionID)
            #expect(answer.body.contains("/-/blob/\(head)/README.md#L1>"), "\(answer.body)")
            #expect(try await bot.world.branches(of: Self.project)["feature"] == head)
            #expect(await bot.world.pushes.allSatisfy { $0.actor != AssembledBot.bot })
        }
    }

    @Test("A21: a question on a fork's merge request is answered from what the fork holds, by the rules of the default branch", .timeLimit(.minutes(2)))
    func fork() async throws {
        var files = LoopScript.files
        files["AGENTS.md"] = "Our own rules.\n"
        try await AssembledBot.run(Self.script, files: files, visibility: .public) { bot in
            let fork = try await bot.world.fork(Self.project, by: "gus")
            _ = try await bot.world.push(
                ["README.md": "the fork\n", "AGENTS.md": "Rules of the fork.\n"], to: "main", in: fork.fullPath, by: "gus")
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "main", title: "From a fork", by: "gus", sourceProject: fork.fullPath)
            let head = try #require(try await bot.world.branches(of: fork.fullPath)["main"])
            try await bot.comment("/ai ask where are the notes checked?", on: .mergeRequest(Self.project, 1))
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let answer = try #require(try await bot.said(onMergeRequest: 1).first { $0.contains("ai-coder:answer=") })
            #expect(answer.contains("/-/blob/\(head)/README.md#L1>"), "\(answer)")
            let shown = bot.model.log.entries.map(\.body).joined()
            #expect(shown.contains("Our own rules") && !shown.contains("Rules of the fork"))
            #expect(await bot.world.pushes.allSatisfy { $0.actor != AssembledBot.bot })
        }
    }
}
