import Foundation
import Logging
import SystemPackage
import TestSupport
import Testing
import Workspaces

@testable import ai_coder

@Suite("The sandbox that the settings ask for")
struct SandboxOfSettingsTests {
    private static func sandbox(_ environment: [String: String]) async throws -> SandboxSettings {
        let settings = try Settings(reading: await SettingsReader(flags: [:], environment: environment), environment: environment)
        return try Workbench.sandbox(settings, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test("A41: the workspace, and every file that a secret is read from, are hidden from commands")
    func hidden() async throws {
        try await withTemporaryFolder { folder in
            let names = ["GITLAB_API_TOKEN_FILE", "GITLAB_WEBHOOK_SECRET_FILE", "ANTHROPIC_API_KEY_FILE", "WEBHOOK_SECRET_FILE", "GIT_SSH_KEY_FILE"]
            var environment = ["HOME": folder, "WORKSPACE_DIR": "\(folder)/work", "DATABASE_URL": "sqlite:\(folder)/state/store.sqlite"]
            for name in names {
                let path = "\(folder)/\(name)"
                try Data("a-secret-of-the-tests-\(name)".utf8).write(to: URL(fileURLWithPath: path))
                environment[name] = path
            }
            let hidden = try await Self.sandbox(environment).hiddenPaths.map(\.string)
            for path in names.map({ "\(folder)/\($0)" }) + ["\(folder)/work", "\(folder)/state/store.sqlite"] {
                #expect(hidden.contains { path == $0 || path.hasPrefix("\($0)/") }, "\(path) is not among \(hidden)")
            }
        }
    }

    @Test("A43: what the operator does not list is not allowed, and an address is no name", arguments: ["127.0.0.1", "*.example.com", "https://x.example"])
    func hosts(host: String) async throws {
        #expect(try await Self.sandbox(["HOME": "/nowhere"]).allowedHosts == [])
        let failure = await #expect(throws: SettingsFailure.self) { try await Self.sandbox(["HOME": "/nowhere", "SANDBOX_ALLOW_HOSTS": host]) }
        #expect(failure?.description.contains("SANDBOX_ALLOW_HOSTS") == true)
    }
}
