import Foundation
import Rehearsal
import TestSupport
import Testing

/// What an operator types, against a stand-in GitLab.
@Suite("An operator's commands", .serialized, .timeLimit(.minutes(2)))
struct OperatorTests {
    private static let project = "greenhouse/portal"

    /// A GitLab with one project in a group, and the settings that lead to it.
    private static func run(
        version: String = "19.1.0", _ body: @Sendable @escaping (GitLabWorld, [String: String]) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            var options = RehearsalGitLab.Options()
            options.version = version
            let gitLab = RehearsalGitLab(dataDirectory: "\(folder)/gitlab", options: options)
            try await gitLab.serving { url in
                let world = gitLab.world
                await world.createUser("dana")
                await world.createUser("ai-coder", isBot: true)
                try await world.createProject(project, by: "dana", files: ["README.md": "x\n"])
                try await world.setMember("ai-coder", of: project, .maintainer)
                _ = try await world.openIssue(in: project, by: "dana", title: "Write notes")
                try await body(
                    world,
                    [
                        "GITLAB_URL": url, "GITLAB_API_TOKEN": try await world.createToken(for: "ai-coder"), "PUBLIC_URL": "http://127.0.0.1:1",
                        "GITLAB_WEBHOOK_SECRET": AssembledBot.secret, "ANTHROPIC_API_KEY": "k-for-the-test", "PROJECTS": "greenhouse",
                    ])
            }
        }
    }

    @Test("the webhook is made once, brought up to date, listed and removed")
    func webhooks() async throws {
        try await Self.run { world, environment in
            func run(_ word: String, _ place: String = Self.project) async throws -> Product.Outcome {
                try await Product.run(["webhooks", word, place], environment: environment)
            }
            #expect(try await run("install").output.contains("was made in \(Self.project): http://127.0.0.1:1/webhooks/gitlab"))
            #expect(try await run("install").output.contains("is up to date"))
            #expect(await world.hooks.values.map(\.token) == [AssembledBot.secret])
            let list = try await run("list")
            #expect(list.output.contains("http://127.0.0.1:1/webhooks/gitlab") && list.output.contains("note_events"))
            #expect(!list.output.contains(AssembledBot.secret))
            #expect(try await run("remove").output.contains("Removed 1 webhook"))
            #expect(try await run("remove").output.contains("There is no webhook"))
            let nothing = try await run("list", "greenhouse/nothing")
            #expect(nothing.exitCode != 0 && nothing.errors.contains("neither a project nor a group"))
        }
    }

    @Test("a group's path is enough to have its webhook made, where the edition has them")
    func groupHook() async throws {
        try await Self.run(version: "19.1.0-ee") { world, environment in
            try await world.setMember("ai-coder", ofGroup: "greenhouse", .owner)
            let made = try await Product.run(["webhooks", "install", "greenhouse"], environment: environment)
            #expect(made.output.contains("was made in greenhouse"), "\(made)")
            let doctor = try await Product.run(["doctor"], environment: environment)
            #expect(doctor.output.contains("ok    \(Self.project), by its group greenhouse: webhook"), "\(doctor)")
        }
    }

    @Test("doctor looks at a group's projects, and says of each trouble what to do")
    func doctor() async throws {
        try await Self.run { world, environment in
            try await world.setMember("ai-coder", ofGroup: "greenhouse", .developer)
            let bare = try await Product.run(["doctor"], environment: environment)
            #expect(bare.exitCode == 1)
            #expect(bare.output.contains("ok    greenhouse: a group; 1 of its projects"), "\(bare)")
            #expect(bare.output.contains("WRONG \(Self.project): has no webhook to this service; `ai-coder webhooks install \(Self.project)`"))
            _ = try await Product.run(["webhooks", "install", Self.project], environment: environment)
            _ = try await world.comment("hello", on: .issue(Self.project, 1), by: "dana")
            await world.untilQuiet()
            let unreached = try await Product.run(["doctor"], environment: environment)
            #expect(unreached.output.contains("the last delivery failed: GitLab could not reach the service"), "\(unreached)")
            #expect(!unreached.output.contains("Outbound requests"))
            try await world.protect("ai/*", in: Self.project)
            let protected = try await Product.run(["doctor"], environment: environment.merging(["PROJECTS": "\(Self.project),nowhere/else"]) { $1 })
            #expect(protected.output.contains("the protected branch rule ai/* covers"))
            #expect(protected.output.contains("WRONG nowhere/else: is neither a project nor a group"))
            for outcome in [bare, unreached, protected] { #expect(!outcome.output.contains(AssembledBot.secret)) }
        }
    }

    @Test("tasks are listed, shown, exported, explained, stopped and started again")
    func tasks() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            func run(_ words: String...) async throws -> Product.Outcome { try await Product.run(["tasks"] + words, environment: bot.environment) }
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write the notes", issue: 1)
            let id = try #require(try await bot.ended().first).id
            #expect(try await run("list").output.contains("\(id)  completed"))
            #expect(try await run("list", "--status", "failed").output.isEmpty)
            let shown = try JSONSerialization.jsonObject(with: Data(try await run("show", id).output.utf8)) as? [String: Any]
            #expect((shown?["task"] as? [String: Any])?["intent"] as? String == "write the notes")
            let lines = try await run("export", id).output.split(separator: "\n")
            #expect(lines.count > 10)
            for line in lines { #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(line)") }

            let list = try await run("explain").output.split(separator: "\n")
            let asked = try #require(list.first { $0.contains("command_do") }?.split(separator: " ").first)
            let explained = try await run("explain", String(asked)).output
            #expect(explained.contains("A comment asked for a change."))
            #expect(explained.contains("The task has ended as completed.") && explained.contains("/merge_requests/1"), "\(explained)")
            let unknown = try await run("explain", "nothing")
            #expect(unknown.exitCode == 1 && unknown.output.contains("No delivery nothing was written down"))

            #expect(try await run("stop", id).output.contains("has ended already"))
            #expect(try await run("retry", id).output.contains("is queued"))
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            let none = try await run("show", "nothing")
            #expect(none.exitCode == 2 && none.errors.contains("There is no task"))
        }
    }
}
