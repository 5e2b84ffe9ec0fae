import Glibc
import Logging
import SystemPackage

@testable import Workspaces

/// A work tree in a place of its own, and a sandbox over it.
struct SandboxFixture {
    let place: FilePath
    let tree: WorkTree
    let settings: SandboxSettings

    static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// Removes what was made, whatever happened in `body`.
    static func with<Result>(
        _ settings: SandboxSettings = SandboxSettings(), _ body: (SandboxFixture, any Sandbox) async throws -> Result
    ) async throws -> Result {
        let fixture = try SandboxFixture(settings)
        defer { _ = HostileTree.remove(fixture.place) }
        let sandbox = try await makeSandbox(settings, processes: ProcessRunner(), logger: logger)
        return try await body(fixture, sandbox)
    }

    init(_ settings: SandboxSettings) throws {
        self.settings = settings
        var template = Array("/tmp/ai-coder-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        place = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
        let root = place.appending("files")
        guard mkdir(root.string, 0o755) == 0 else { throw Errno(rawValue: errno) }
        if let user = settings.user { chown(root.string, user.uid, user.gid) }
        tree = WorkTree(root: root, owner: settings.user)
    }

    func plant(_ text: String, at path: FilePath, mode: mode_t = 0o644) throws {
        let descriptor = open(path.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        defer { close(descriptor) }
        _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
}

extension Sandbox {
    func shell(_ line: String, in tree: WorkTree, timeLimit: Duration = .seconds(60)) async throws -> CommandOutcome {
        try await run(SandboxedCommand(.shell(line), timeLimit: timeLimit), in: tree)
    }
}
