import Domain
import Foundation
import GitLabAPI
import Logging
import Rehearsal
import SQLiteStore
import Secrets
import SystemPackage
import TestSupport
import Testing
import Transport
import Workspaces

@testable import Pipeline

@Suite("What webhooks have missed")
struct MissedCommandTests {
    private static let project = "greenhouse/portal"

    @Test("a mention that no delivery told becomes a task, once, with its comment and thread", .timeLimit(.minutes(1)))
    func mention() async throws {
        try await Self.run { world, reconciler, store in
            let note = try #require(
                try await world.comment("@ai-coder write the notes", on: .issue(Self.project, 1), by: "dana", asThread: true))
            #expect(try await reconciler.look() == 1)
            #expect(try await reconciler.look() == 0)
            let task = try #require(try await store.tasks(TaskQuery()).tasks.first?.task)
            #expect((task.kind, task.intent) == (.change, "write the notes"))
            #expect(task.gitLab?.noteID == Int64(note.id))
            #expect(task.gitLab?.discussionID == note.discussionID)
            #expect(task.gitLab?.trigger == .todo)
            #expect(task.gitLab?.requester.username == "dana")
        }
    }

    @Test("a mention that a delivery told already is not done twice", .timeLimit(.minutes(1)))
    func told() async throws {
        try await Self.run { world, reconciler, store in
            let note = try #require(try await world.comment("@ai-coder write the notes", on: .issue(Self.project, 1), by: "dana"))
            let project = try #require(await world.projects.values.first).id
            let task = CodingTask(
                id: try #require(TaskID(rawValue: "told")), intent: "write the notes",
                origin: .gitLab(
                    GitLabOrigin(
                        projectID: Int64(project), projectPath: Self.project, subject: .issue(iid: 1), trigger: .mention,
                        requester: .init(id: 1, username: "dana", name: "Dana"), at: Date())), createdAt: Date())
            _ = try await store.accept(
                NewDelivery(
                    id: "d1", meaning: "\(project):note:\(note.id)", receivedAt: Date(), event: "Note Hook", projectID: Int64(project),
                    projectPath: Self.project, task: task, reason: "command_do"))
            #expect(try await reconciler.look() == 0)
            #expect(try await store.tasks(TaskQuery()).tasks.count == 1)
        }
    }

    @Test(
        "what is no command leads to nothing", .timeLimit(.minutes(1)),
        arguments: ["thanks to @ai-coder for this", "> @ai-coder do it", "```\n@ai-coder do it\n```"])
    func noCommand(_ text: String) async throws {
        try await Self.run { world, reconciler, store in
            _ = try await world.comment(text, on: .issue(Self.project, 1), by: "dana")
            #expect(try await reconciler.look() == 0)
            #expect(try await store.tasks(TaskQuery(includesControl: true)).tasks.isEmpty)
        }
    }

    @Test("an assignment that no delivery told becomes a task, once", .timeLimit(.minutes(1)))
    func assignment() async throws {
        try await Self.run { world, reconciler, store in
            try await world.assign(issue: 1, of: Self.project, to: ["ai-coder"], by: "dana")
            #expect(try await reconciler.look() == 1)
            #expect(try await reconciler.look() == 0)
            #expect(try await store.tasks(TaskQuery()).tasks.map(\.task.kind) == [.change])
        }
    }

    /// A project without any hook; the look comes five minutes later.
    private static func run(
        _ body: @Sendable @escaping (GitLabWorld, Reconciler, SQLiteStore) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let gitLab = RehearsalGitLab(dataDirectory: "\(folder)/gitlab")
            try await gitLab.serving { url in
                let world = gitLab.world
                await world.createUser("dana")
                await world.createUser("ai-coder", isBot: true)
                try await world.createProject(project, by: "dana", files: ["README.md": "x\n"])
                try await world.setMember("ai-coder", of: project, .developer)
                _ = try await world.openIssue(in: project, by: "dana", title: "Write notes")
                let token = Secret(try await world.createToken(for: "ai-coder"))
                let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
                let client = GitLabClient(
                    address: try #require(GitLabAddress(url)), token: token, transport: try NetworkTransport(logger: logger))
                let redactor = Redactor(secrets: [])
                let store = try SQLiteStore.open(path: "\(folder)/store.sqlite")
                let access = GitLabAccess(client: client, token: token, bot: { try await client.currentUser() })
                let parts = PipelineParts(
                    store: store,
                    git: GitClient(settings: GitSettings(), processes: ProcessRunner(), redactor: redactor, logger: logger),
                    sandbox: { throw TaskFailure(.configuration, "No sandbox is needed here.") },
                    model: { _ in throw TaskFailure(.configuration, "No model is needed here.") }, gitLab: access,
                    credentials: TaskCredentials(), settings: PipelineSettings(workspace: "/nowhere"), redactor: redactor,
                    now: { Date().addingTimeInterval(300) }, logger: logger)
                try await body(world, Reconciler(parts: parts, gitLab: access), store)
            }
        }
    }
}
