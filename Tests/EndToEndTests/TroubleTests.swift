import Foundation
import Rehearsal
import Testing

@Suite("GitLab has trouble", .serialized)
struct TroubleTests {
    private static let limited = FaultRule.Kind.status(429, body: "Retry later\n", headers: ["Retry-After": "1", "Content-Type": "text/plain"])
    private static let broken = FaultRule.Kind.status(500, body: #"{"message":"500 Internal Server Error"}"#, headers: [:])

    /// One call of each sort that a task makes.
    private static let calls: [(method: String, path: String)] = [
        ("GET", "*/api/v4/projects/*"), ("GET", "*/members/all/*"), ("GET", "*/issues/1"), ("GET", "*/issues/1/discussions"),
        ("POST", "*/repository/branches"), ("POST", "*/merge_requests"), ("PUT", "*/merge_requests/1"), ("POST", "*/issues/1/notes"),
        ("POST", "*.git/git-receive-pack"),
    ]

    @Test("a call that is told to come later comes later", .timeLimit(.minutes(2)), arguments: calls.map { "\($0.method) \($0.path)" })
    func limited(call: String) async throws {
        try await run(call, Self.limited) { bot async throws in
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.branches().count == 1)
            #expect(try await bot.world.mergeRequests(of: AssembledBot.project).count == 1)
            #expect(try await bot.said(onIssue: 1).count == 2)
        }
    }

    @Test("an error of GitLab's own makes the task wait at most, never fail", .timeLimit(.minutes(2)), arguments: calls.map { "\($0.method) \($0.path)" })
    func broken(call: String) async throws {
        try await run(call, Self.broken) { bot async throws in
            try await bot.eventually("the task has ended or waits") {
                bot.journal.tasks.first.map { $0.state == "ended" || $0.status == "waiting" } ?? false
            }
            let status = try #require(bot.journal.tasks.first?.status)
            #expect(status == "completed" || status == "waiting", "\(bot.log)")
        }
    }

    /// How a connection can fail, at the first of each sort of call.
    private static let failures: [(name: String, kind: FaultRule.Kind)] = [
        ("closed without an answer", .drop), ("cut in the middle of the answer", .cut(afterBytes: 7)),
        ("closed after the work was done", .dropAfterwards), ("slow", .delay(.seconds(2))),
    ]

    @Test("a connection that fails once at each call loses nothing and doubles nothing", .timeLimit(.minutes(3)), arguments: failures.map(\.name))
    func failing(_ name: String) async throws {
        let kind = try #require(Self.failures.first { $0.name == name }).kind
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            for call in Self.calls { await bot.world.add(FaultRule(kind, method: call.method, path: call.path, times: 1)) }
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write the notes", issue: 1)
            try await bot.eventually("the task has ended", within: 150) { bot.journal.tasks.first?.state == "ended" }
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.branches().count == 1)
            #expect(try await bot.world.mergeRequests(of: AssembledBot.project).count == 1)
            let said = try await bot.said(onIssue: 1)
            #expect(said.count == 2, "\(said)")
            #expect(bot.model.log.entries.count == 3, "a model turn was asked twice")
        }
    }

    @Test(
        "a right that is missing ends the task with a sentence that says which", .timeLimit(.minutes(2)),
        arguments: ["*/repository/branches", "*/merge_requests"])
    func forbidden(path: String) async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            await bot.world.add(
                FaultRule(.status(403, body: #"{"message":"403 Forbidden"}"#, headers: [:]), method: "POST", path: path))
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write the notes", issue: 1)
            let task = try #require(try await bot.ended().first)
            #expect(task.status == "failed")
            let shown = try JSONSerialization.jsonObject(with: Data(try await bot.get("/api/v1/tasks/\(task.id)"))) as? [String: Any]
            #expect(shown?["error_kind"] as? String == "authentication")
            let said = try await bot.said(onIssue: 1)
            #expect(said.contains { $0.contains("**Failed**") && !$0.contains("Something went wrong inside") }, "\(said)")
        }
    }

    private func run(
        _ call: String, _ kind: FaultRule.Kind, _ body: @Sendable @escaping (AssembledBot) async throws -> Void
    ) async throws {
        let words = call.split(separator: " ").map(String.init)
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            await bot.world.add(FaultRule(kind, method: words[0], path: words[1], times: 1))
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write the notes", issue: 1)
            try await body(bot)
        }
    }
}
