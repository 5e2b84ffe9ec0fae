import Agent
import Domain
import Foundation
import LanguageModels
import Logging
import Synchronization
import SystemPackage
import Workspaces

/// A work tree in a temporary folder, gone with the fixture.
final class Fixture: Sendable {
    let tree: WorkTree
    private let folder: URL

    init(_ files: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "agent-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        tree = WorkTree(root: FilePath(folder.resolvingSymlinksInPath().path(percentEncoded: false)), owner: nil)
        for (path, content) in files { try put(Array(content.utf8), at: path) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func put(_ bytes: [UInt8], at path: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: path).path(percentEncoded: false), withDestinationPath: target)
    }

    func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: path))) }
    func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }
    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: path).path(percentEncoded: false))
    }

    func agent(
        _ model: any LanguageModel, journal: any StepJournal = MemoryJournal(), settings: AgentSettings = AgentSettings(),
        sandbox: (any Sandbox)? = nil, elapsed: @escaping @Sendable () -> Duration = { .seconds(1) },
        changes: (@Sendable () async throws -> String)? = nil,
        progress: @escaping @Sendable (AgentProgress) -> Void = { _ in }
    ) -> Agent {
        Agent(
            model: model, sandbox: sandbox ?? DirectSandbox(keeping: self), journal: journal, settings: settings, logger: Logger(label: "test"),
            redact: { $0.replacing("hunter2-secret", with: "***") }, elapsed: elapsed, changes: changes, progress: progress)
    }
}

extension AgentContext {
    static let sample = AgentContext(intent: "Make greet polite.", repository: "group/project", branch: "main")
}

extension Plan {
    static let sample = Plan(summary: "Say please.", files: ["greet.py"], changes: ["greet says please"], tests: ["run test_greet"])
}
