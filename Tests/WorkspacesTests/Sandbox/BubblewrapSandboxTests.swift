import Glibc
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Bubblewrap sandbox", .timeLimit(.minutes(3)), .enabled(if: SystemProgram.find("bwrap") != nil, "needs bubblewrap"))
struct BubblewrapSandboxTests {
    @Test("a command runs in the work tree and its outcome is told")
    func basics() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await sandbox.shell("pwd; echo to-stderr >&2; echo content >new.txt; exit 3", in: fixture.tree)
            #expect(outcome.ending == .exited(3))
            #expect(outcome.output.text == "/workspace\nto-stderr\n")
            #expect(try fixture.tree.read("new.txt") == Array("content\n".utf8))
            let missing = try await sandbox.run(SandboxedCommand(.arguments(["no-such-program"])), in: fixture.tree)
            #expect(missing.ending == .exited(127))
            #expect(try await sandbox.shell("kill -9 $$", in: fixture.tree).ending == .signalled(9))
        }
    }

    @Test("A47: the self-test sees every wall stand")
    func selfTest() async throws {
        try await SandboxFixture.with { _, sandbox in
            let report = await sandbox.selfTest()
            for check in report.checks { #expect(check.passed, "\(check.name): \(check.detail)") }
            #expect(report.checks.count > 15)
        }
    }
}
