import Domain
import Foundation
import Logging
import SystemPackage
import TestSupport
import Testing
import Workspaces

@testable import ai_coder

@Suite("The sandbox of the process", .timeLimit(.minutes(1)))
struct SharedSandboxTests {
    /// Runs the command as it is, and says what the launcher says when all walls stand.
    private static let pretender = """
        #!/bin/sh
        if [ "$1" = --help ]; then exec /usr/bin/bwrap --help; fi
        while [ "$1" != -- ]; do shift; done; shift
        cd /tmp; "$@"
        echo '{ "exit-code": '$?' }' >&3
        """

    @Test(
        "A48: a sandbox whose self-test fails is handed to no task, however often one asks",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/bwrap"), "needs bubblewrap"))
    func pretending() async throws {
        try await withTemporaryFolder { folder in
            let launcher = folder + "/bwrap"
            try Data(Self.pretender.utf8).write(to: URL(fileURLWithPath: launcher))
            for path in [folder, launcher] { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
            var settings = SandboxSettings()
            settings.launcher = FilePath(launcher)
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let shared = SharedSandbox(settings: settings, processes: ProcessRunner(), logger: logger)
            for _ in 1...2 {
                let failure = await #expect(throws: TaskFailure.self) { _ = try await shared.proven() }
                #expect(failure?.kind == .configuration && failure?.message.contains("does not hold") == true, "\(String(describing: failure))")
            }
        }
    }
}
