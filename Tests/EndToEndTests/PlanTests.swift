import Rehearsal
import Testing

@Suite("Plans on the assembled bot", .serialized)
struct PlanTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person

    private static func plan(_ summary: String, _ file: String) -> [ModelScript.Turn] {
        [.init(calls: [.init("submit_plan", ["summary": .string(summary), "files": [.string(file)], "changes": ["A new file."], "tests": ["test.sh"]])])]
    }

    private static func code(_ file: String) -> [ModelScript.Turn] {
        [
            .init(calls: [.init("write_file", ["path": .string(file), "content": "Notes.\n"])]),
            .init(calls: [.init("finish", ["summary": "Write the notes\n\nAs was planned."])]),
        ]
    }

    private static let script = ModelScript(conversations: [
        .init("second plan", containing: ["into the docs folder"], tool: "submit_plan", turns: plan("Write docs/NOTES.md.", "docs/NOTES.md")),
        .init("second code", containing: ["into the docs folder"], tool: "finish", turns: code("docs/NOTES.md")),
        .init("ask", containing: ["something unclear"], tool: "submit_plan", turns: [.init(calls: [.init("ask_user", ["question": "Which notes?"])])]),
        .init("db plan", containing: ["the schema"], tool: "submit_plan", turns: plan("Change the schema.", "db/1.sql")),
        .init("sly plan", containing: ["a sly change"], tool: "submit_plan", turns: plan("Write the notes.", "NOTES.md")),
        .init("db code", containing: ["the schema"], tool: "finish", turns: code("db/1.sql")),
        .init("sly code", containing: ["a sly change"], tool: "finish", turns: code("db/2.sql")),
        .init("plan", tool: "submit_plan", turns: plan("Write the notes.", "NOTES.md")),
        .init("code", tool: "finish", turns: code("NOTES.md")),
    ])

    private static func plans(_ bot: AssembledBot) async throws -> [GitLabWorld.Note] {
        try await bot.world.comments(on: .issue(project, 1)).filter { $0.body.contains("ai-coder:plan-") }
    }

    private static func waits(_ bot: AssembledBot, showing number: Int) async throws {
        try await bot.eventually("plan \(number) waits") {
            let shown = try await plans(bot).count
            return shown == number && bot.journal.tasks.first?.status == "waiting"
        }
    }

    @Test("a plan is shown, corrected by a reply, approved after a kill, and carried out without a second analysis", .timeLimit(.minutes(3)))
    func corrected() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Notes")
            try await bot.comment("/ai plan write notes", issue: 1)
            try await Self.waits(bot, showing: 1)
            #expect(try await bot.branches() == [])
            let first = try #require(try await Self.plans(bot).first)
            #expect(first.body.contains("Write the notes"))

            // Elsewhere on the issue it is not about the plan.
            try await bot.comment("By the way, nice weather.", issue: 1)
            _ = try await bot.world.comment(
                "Put them into the docs folder, please.", on: .issue(Self.project, 1), by: Self.dana, replyingTo: first.discussionID)
            try await Self.waits(bot, showing: 2)

            await bot.kill()
            try await bot.start()
            try await bot.comment("/ai approve", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(bot.model.log.answered == ["plan/0": 1, "second plan/0": 1, "second code/0": 1, "second code/1": 1])
            let merge = try #require(try await bot.world.mergeRequests(of: Self.project).first)
            #expect(try await bot.world.file("docs/NOTES.md", on: merge.sourceBranch, of: Self.project) == "Notes.\n")
            #expect(try await bot.said(onIssue: 1).count { $0.contains("ai-coder:progress=") && $0.contains("**Done**") } == 1)
            #expect(bot.receiver.statuses(of: bot.journal.tasks[0].id).contains("waiting"))
        }
    }

    @Test("a thumbs-up approves when it comes from somebody who may command the bot, and on the newest plan only", .timeLimit(.minutes(3)))
    func thumbsUp() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Notes")
            try await bot.comment("/ai plan write notes", issue: 1)
            try await Self.waits(bot, showing: 1)
            try await bot.comment("/ai plan into the docs folder", issue: 1)
            try await Self.waits(bot, showing: 2)
            let plans = try await Self.plans(bot)
            _ = try await bot.world.award("thumbsup", note: plans[0].id, by: Self.dana)
            _ = try await bot.world.award("thumbsup", note: plans[1].id, by: "gus")
            _ = try await bot.world.award("heart", note: plans[1].id, by: Self.dana)
            try await bot.comment("/ai approve", issue: 1, by: "gus")
            try await bot.eventually("the guest is refused") {
                try await bot.said(onIssue: 1).contains { $0.contains("does not allow commands") }
            }
            #expect(bot.journal.tasks.first?.status == "waiting")
            #expect(try await bot.branches() == [])
            _ = try await bot.world.award("thumbsup", note: plans[1].id, by: Self.dana)
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            #expect(try await bot.branches().count == 1)
            #expect(bot.model.log.answered["second plan/0"] == 1)
        }
    }

    @Test(
        "a change that the project wants approved by paths, by size or always waits, also when the plan did not tell", .timeLimit(.minutes(3)),
        arguments: [
            ("change the schema", "{paths: [\"db/**\"]}"), ("make a sly change", "{paths: [\"db/**\"]}"), ("write notes", "{files: 1}"),
            ("write notes", "true"),
        ])
    func required(_ request: String, by rule: String) async throws {
        var files = LoopScript.files
        files[".ai-coder.yml"] = "test: [\"sh test.sh\"]\nplan_required: \(rule)\n"
        try await AssembledBot.run(Self.script, files: files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Notes")
            try await bot.comment("/ai do \(request)", issue: 1)
            try await Self.waits(bot, showing: 1)
            #expect(try await Self.plans(bot).first?.body.contains("approved") == true)
            // The branch may be there with nothing on it.
            #expect(await bot.world.pushes.allSatisfy { $0.actor != AssembledBot.bot || $0.before.allSatisfy { $0 == "0" } })
            try await bot.comment("/ai approve", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.world.mergeRequests(of: Self.project).count == 1)
            #expect(bot.model.log.answered.values.allSatisfy { $0 == 1 }, "\(bot.model.log.answered)")
        }
    }

    @Test("on a merge request the plan stands in the thread of the command, and the work goes to its branch", .timeLimit(.minutes(2)))
    func mergeRequest() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            let place = GitLabWorld.Place.mergeRequest(Self.project, 1)
            _ = try await bot.world.push(["feature.txt": "one\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            let command = try #require(try await bot.world.comment("/ai plan write notes", on: place, by: Self.dana, asThread: true))
            try await bot.eventually("the plan waits") {
                try await bot.world.comments(on: place).contains { $0.body.contains("ai-coder:plan-1") && $0.discussionID == command.discussionID }
            }
            // At once, perhaps before the task has lain down.
            _ = try await bot.world.comment("Into the docs folder: into the docs folder.", on: place, by: Self.dana, replyingTo: command.discussionID)
            try await bot.eventually("the corrected plan waits") {
                try await bot.world.comments(on: place).contains { $0.body.contains("ai-coder:plan-2") && $0.discussionID == command.discussionID }
            }
            #expect(try await bot.world.file("docs/NOTES.md", on: "feature", of: Self.project) == nil)
            _ = try await bot.world.comment("/ai approve", on: place, by: Self.dana, replyingTo: command.discussionID)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.world.file("docs/NOTES.md", on: "feature", of: Self.project) == "Notes.\n")
            #expect(try await bot.branches() == ["feature"])
        }
    }

    @Test("what no rule names is done without a plan being shown", .timeLimit(.minutes(2)))
    func notRequired() async throws {
        var files = LoopScript.files
        files[".ai-coder.yml"] = "test: [\"sh test.sh\"]\nplan_required: {paths: [\"db/**\"], files: 5}\n"
        try await AssembledBot.run(Self.script, files: files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Notes")
            try await bot.comment("/ai do write notes", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await Self.plans(bot).isEmpty)
        }
    }

    @Test("an unclear request ends in one question, and the reply goes on", .timeLimit(.minutes(2)))
    func question() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Notes")
            try await bot.comment("/ai do something unclear", issue: 1)
            try await bot.eventually("it waits and says for what") {
                try await bot.said(onIssue: 1).contains { $0.contains("ai-coder:progress=") && $0.contains("Which notes?") }
            }
            #expect(try await bot.said(onIssue: 1).count { $0.contains("ai-coder:question-") } == 1)
            #expect(try await bot.branches() == [])
            try await bot.comment("Those that belong into the docs folder.", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(bot.model.log.answered == ["ask/0": 1, "second plan/0": 1, "second code/0": 1, "second code/1": 1])
            #expect(try await bot.world.mergeRequests(of: Self.project).count == 1)
        }
    }

    @Test("without a plan there is nothing to approve, and it says so", .timeLimit(.minutes(1)))
    func nothingToApprove() async throws {
        try await AssembledBot.run(Self.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Notes")
            try await bot.comment("/ai approve", issue: 1)
            try await bot.eventually("it says so") { try await bot.said(onIssue: 1).contains { $0.contains("No plan waits") } }
        }
    }
}
