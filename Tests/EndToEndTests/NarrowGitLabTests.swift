import Rehearsal
import Testing

@Suite("A GitLab that answers less")
struct NarrowGitLabTests {
    private static let closed = ["*/related_merge_requests", "*/todos", "*/repository/branches/*", "*/repository/tree*", "*/notes/*"]

    private static let script = ModelScript(
        conversations: [
            .init(
                "code again", containing: ["add a second note"], tool: "finish",
                turns: [
                    .init(calls: [.init("write_file", ["path": "MORE.md", "content": "More notes.\n"])]),
                    .init(calls: [.init("finish", ["summary": "Add a second note"])]),
                ])
        ] + LoopScript.script.conversations)

    private static func close(_ bot: AssembledBot) async {
        let unknown = FaultRule.Kind.status(404, body: #"{"error":"404 Not Found"}"#, headers: ["Content-Type": "application/json"])
        for path in closed { await bot.world.add(FaultRule(unknown, method: "GET", path: path)) }
        await bot.world.add(FaultRule(unknown, method: "POST", path: "*/repository/branches"))
    }

    @Test("branches, single comments and linked merge requests may be closed; the work is done all the same", .timeLimit(.minutes(2)))
    func closedParts() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            await Self.close(bot)
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write the notes", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.branches() == ["ai/1-write-notes"])
            #expect(await bot.world.mergeRequests.values.map(\.sourceBranch) == ["ai/1-write-notes"])
            let before = try await bot.world.branches(of: AssembledBot.project)["ai/1-write-notes"]

            let place = GitLabWorld.Place.mergeRequest(AssembledBot.project, 1)
            _ = try await bot.world.comment("/ai do add a second note", on: place, by: AssembledBot.person)
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            #expect(try await bot.world.branches(of: AssembledBot.project)["ai/1-write-notes"] != before)
        }
    }
}
