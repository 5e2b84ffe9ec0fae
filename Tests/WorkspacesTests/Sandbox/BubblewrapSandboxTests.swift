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

    @Test("A44: a directory that is shut hides nothing, and stays as it is", arguments: ["h", "."])
    func shutDirectories(_ directory: String) async throws {
        var settings = SandboxSettings()
        settings.treeSize = 32 << 20
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let line = """
                mkdir -p \(directory)/below; cd \(directory); chmod 300 .; chmod 000 below; for i in 1 2 3 4 5 6 7 8; do head -c 9000000 /dev/zero >f$i; done; sleep 20
                """
            let outcome = try await sandbox.shell(line, in: fixture.tree)
            #expect(outcome.ending == .limit("disk (32 MiB)"))
            #expect(TreeSize.of([fixture.tree.root.string], entryLimit: 1000).bytes > 32 << 20)
            let place = fixture.tree.root.appending(directory)
            var status = stat()
            #expect(stat(place.string, &status) == 0 && status.st_mode & 0o777 == 0o300)
            chmod(place.string, 0o700)
            #expect(stat(place.appending("below").string, &status) == 0 && status.st_mode & 0o777 == 0)
        }
    }

    @Test("A45, A46: what stands in a task's directory that nobody works on is ended, and nothing else")
    func survivors() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            try await SandboxFixture.with { other, _ in
                let begun = try [fixture.tree, other.tree].map { try Milestone(at: $0.root.appending("up")) }
                let waiting = "echo up >up; sleep 60; echo on"
                let survivor = Task { try await sandbox.shell(waiting, in: fixture.tree) }
                let neighbour = Task { try await sandbox.shell("echo up >up; while [ ! -e stop ]; do sleep 0.1; done", in: other.tree) }
                for milestone in begun { #expect(await milestone.isReached()) }
                SurvivingProcesses.end(in: fixture.place)
                #expect(try await survivor.value.ending == .signalled(SIGKILL))
                try other.plant("", at: other.tree.root.appending("stop"))
                #expect(try await neighbour.value.ending == .exited(0))
            }
        }
    }
}
