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

/// A GitLab with one project, one issue and no webhook, and the bot's parts five minutes later.
struct QuietGitLab: Sendable {
    static let project = "greenhouse/portal"
    static let publicURL = "https://bot.example.com"

    let world: GitLabWorld
    let parts: PipelineParts
    let access: GitLabAccess
    let store: any Store
    var reconciler: Reconciler { Reconciler(parts: parts, gitLab: access) }

    static func run(
        botIs role: GitLabWorld.AccessLevel = .developer, visibility: GitLabWorld.Visibility = .private, publicURL: String = publicURL,
        projects: [String] = [project],
        _ body: @Sendable @escaping (QuietGitLab) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let gitLab = RehearsalGitLab(dataDirectory: "\(folder)/gitlab")
            try await gitLab.serving { url in
                let world = gitLab.world
                await world.createUser("dana")
                await world.createUser("ai-coder", isBot: true)
                try await world.createProject(project, by: "dana", files: ["README.md": "x\n"], visibility: visibility)
                try await world.setMember("ai-coder", of: project, role)
                _ = try await world.openIssue(in: project, by: "dana", title: "Write notes")
                let token = Secret(try await world.createToken(for: "ai-coder"))
                let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
                let client = GitLabClient(
                    address: try #require(GitLabAddress(url)), token: token, transport: try NetworkTransport(logger: logger))
                let redactor = Redactor(secrets: [])
                let store = try SQLiteStore.open(path: "\(folder)/store.sqlite")
                let access = GitLabAccess(client: client, token: token, bot: { try await client.currentUser() }, projects: ProjectAllowList(projects))
                let parts = PipelineParts(
                    store: store,
                    git: GitClient(settings: GitSettings(), processes: ProcessRunner(), redactor: redactor, logger: logger),
                    sandbox: { throw TaskFailure(.configuration, "No sandbox is needed here.") },
                    model: { _ in throw TaskFailure(.configuration, "No model is needed here.") }, gitLab: access,
                    credentials: TaskCredentials(),
                    settings: PipelineSettings(workspace: "/nowhere", publicURL: publicURL), redactor: redactor,
                    now: { Date().addingTimeInterval(300) }, logger: logger)
                try await body(QuietGitLab(world: world, parts: parts, access: access, store: store))
            }
        }
    }

    var projectID: Int64 {
        get async throws { Int64(try #require(await world.projects.values.first).id) }
    }
}
