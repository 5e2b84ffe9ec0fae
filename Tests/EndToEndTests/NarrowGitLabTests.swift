import Rehearsal
import Testing

@Suite("A GitLab that answers less")
struct NarrowGitLabTests {
    @Test("profiles, linked merge requests and making branches may be closed; the work is done all the same", .timeLimit(.minutes(2)))
    func closedParts() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            let unknown = FaultRule.Kind.status(404, body: #"{"error":"404 Not Found"}"#, headers: ["Content-Type": "application/json"])
            let forbidden = FaultRule.Kind.status(403, body: #"{"message":"403 Forbidden"}"#, headers: ["Content-Type": "application/json"])
            await bot.world.add(FaultRule(unknown, method: "GET", path: "*/users/*"))
            await bot.world.add(FaultRule(unknown, method: "GET", path: "*/related_merge_requests"))
            await bot.world.add(FaultRule(unknown, method: "GET", path: "*/todos"))
            await bot.world.add(FaultRule(forbidden, method: "POST", path: "*/repository/branches"))
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write the notes", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.branches() == ["ai/1-write-notes"])
            #expect(await bot.world.mergeRequests.values.map(\.sourceBranch) == ["ai/1-write-notes"])
        }
    }
}
