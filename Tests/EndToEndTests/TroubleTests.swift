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
        ("POST", "*.git/git-receive-pack"), ("POST", "*.git/git-upload-pack"), ("POST", "*/award_emoji"), ("PUT", "*/notes/*"),
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

    @Test(
        "an error of GitLab's own makes the task wait at most, and then go on to its end", .timeLimit(.minutes(2)),
        arguments: calls.map { "\($0.method) \($0.path)" })
    func broken(call: String) async throws {
        try await run(call, Self.broken) { bot async throws in
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.world.mergeRequests(of: AssembledBot.project).count == 1)
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

    @Test("a call that is never answered is given up and made again", .timeLimit(.minutes(2)))
    func hanging() async throws {
        try await run("GET */issues/1", .delay(.seconds(3600))) { bot async throws in
            try await bot.eventually("the task has ended", within: 100) { bot.journal.tasks.first?.state == "ended" }
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
        }
    }

    @Test("trouble with a reply in a thread loses nothing and doubles nothing", .timeLimit(.minutes(2)), arguments: ["limited", "broken", "dropped"])
    func threadReply(_ trouble: String) async throws {
        let kind = trouble == "limited" ? Self.limited : trouble == "broken" ? Self.broken : .dropAfterwards
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            await bot.world.add(FaultRule(kind, method: "POST", path: "*/discussions/*/notes", times: 1))
            _ = try await bot.world.push(["feature.txt": "one\n"], to: "feature", from: "main", in: AssembledBot.project, by: AssembledBot.person)
            _ = try await bot.world.openMergeRequest(in: AssembledBot.project, from: "feature", title: "A feature", by: AssembledBot.person)
            _ = try await bot.world.comment(
                "/ai do write the notes", on: .mergeRequest(AssembledBot.project, 1), by: AssembledBot.person, asThread: true)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.said(onMergeRequest: 1).count { $0.contains("ai-coder:closing=") } == 1)
        }
    }

    @Test("a membership that may not be looked up any more stops the push", .timeLimit(.minutes(2)))
    func membershipForbidden() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write notes, take your time", issue: 1)
            try await bot.eventually("the bot is coding") { bot.journal.tasks.first?.status == "coding" }
            await bot.world.add(FaultRule(.status(403, body: #"{"message":"403 Forbidden"}"#, headers: [:]), method: "GET", path: "*/members/all/*"))
            #expect(try await bot.ended().map(\.status) == ["failed"])
            #expect(await bot.world.pushes.allSatisfy { $0.actor != AssembledBot.bot || $0.before.allSatisfy { $0 == "0" } })
            #expect(try await bot.said(onIssue: 1).contains { $0.contains("**Failed**") && !$0.contains("Something went wrong inside") })
        }
    }

    @Test(
        "a right that is missing ends the task with a sentence that says which", .timeLimit(.minutes(2)),
        arguments: ["*/repository/branches", "*/merge_requests", "*/git-receive-pack"])
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
