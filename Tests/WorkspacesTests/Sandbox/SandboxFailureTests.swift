import Glibc
import Logging
import SystemPackage
import Testing

@testable import Workspaces

@Suite("A sandbox that does not work", .timeLimit(.minutes(2)))
struct SandboxFailureTests {
    private func failure(_ settings: SandboxSettings) async -> String? {
        do {
            _ = try await makeSandbox(settings, processes: ProcessRunner(), logger: SandboxFixture.logger)
            return nil
        } catch { return (error as? SandboxFailure)?.message }
    }

    @Test("A48: without the launcher there is no sandbox, and the message says what to do")
    func missing() async {
        var settings = SandboxSettings()
        settings.launcher = "/nowhere/bwrap"
        let message = await failure(settings)
        #expect(message?.contains("install") == true)
        #expect(message?.contains("SANDBOX=container") == true)
    }

    @Test("A48: a launcher that lacks one of the walls is too old, and the message says which")
    func old() async throws {
        let fixture = try SandboxFixture(SandboxSettings())
        defer { _ = HostileTree.remove(fixture.place) }
        let old = fixture.place.appending("bwrap")
        try fixture.plant("#!/bin/sh\necho '--unshare-user --json-status-fd --size --perms'\n", at: old, mode: 0o755)
        var settings = SandboxSettings()
        settings.launcher = old
        let message = await failure(settings)
        #expect(message?.contains("it lacks --seccomp") == true, "\(message ?? "")")
    }

    @Test("A48: a launcher that can't put up the walls runs no command, and the self-test says so")
    func broken() async throws {
        let fixture = try SandboxFixture(SandboxSettings())
        defer { _ = HostileTree.remove(fixture.place) }
        let broken = fixture.place.appending("bwrap")
        try fixture.plant(
            """
            #!/bin/sh
            if [ "$1" = --help ]; then exec /usr/bin/bwrap --help; fi
            echo "bwrap: setting up uid map: Permission denied" >&2
            exit 1
            """, at: broken, mode: 0o755)
        chmod(fixture.place.string, 0o755)
        var settings = SandboxSettings()
        settings.launcher = broken
        let sandbox = try await makeSandbox(settings, processes: ProcessRunner(), logger: SandboxFixture.logger)
        do {
            _ = try await sandbox.shell("touch ran", in: fixture.tree)
            Issue.record("it ran")
        } catch let error as SandboxFailure {
            #expect(error.message.contains("user namespaces"))
        }
        #expect(try fixture.tree.kind(of: "ran") == nil)
        let report = await sandbox.selfTest()
        #expect(!report.isUsable)
        #expect(report.checks.first?.detail.contains("uid map") == true)
    }

    @Test("A47: as root nothing is run without an unprivileged user to run as", .enabled(if: geteuid() == 0, "needs root"), arguments: [nil, 0] as [UInt32?])
    func nobodyToBe(uid: UInt32?) async throws {
        var settings = SandboxSettings()
        settings.user = uid.map { WorkTree.Owner(uid: $0, gid: $0) }
        try await SandboxFixture.with(settings) { fixture, sandbox in
            await #expect(throws: SandboxFailure.self) { try await sandbox.shell("touch ran", in: fixture.tree) }
            let left = try fixture.tree.kind(of: "ran")
            #expect(left == nil)
            #expect(await !sandbox.selfTest().isUsable)
        }
    }

    @Test("A48: a launcher that only pretends is seen through by the self-test", .enabled(if: SystemProgram.find("bwrap") != nil))
    func pretender() async throws {
        let fixture = try SandboxFixture(SandboxSettings())
        defer { _ = HostileTree.remove(fixture.place) }
        let pretender = fixture.place.appending("bwrap")
        // Runs the command as it is, and reports success as the real one does.
        try fixture.plant(
            """
            #!/bin/sh
            if [ "$1" = --help ]; then exec /usr/bin/bwrap --help; fi
            while [ "$1" != -- ]; do shift; done; shift
            cd /tmp; "$@"
            echo '{ "exit-code": '$?' }' >&3
            """, at: pretender, mode: 0o755)
        chmod(fixture.place.string, 0o755)
        var settings = SandboxSettings()
        settings.launcher = pretender
        let sandbox = try await makeSandbox(settings, processes: ProcessRunner(), logger: SandboxFixture.logger)
        let report = await sandbox.selfTest()
        #expect(!report.isUsable)
        for name in ["has a system call filter", "sees only its own processes"] {
            #expect(report.checks.first { $0.name == name }?.passed == false, "\(name)")
        }
    }

    @Test("A48: the kinds do not stand in for each other")
    func noFallback() async {
        var settings = SandboxSettings()
        settings.kind = .container
        settings.launcher = "/nowhere/podman"
        settings.image = "image"
        do {
            let sandbox = try await makeSandbox(settings, processes: ProcessRunner(), logger: SandboxFixture.logger)
            let report = await sandbox.selfTest()
            #expect(!report.isUsable)
        } catch { #expect(error is SandboxFailure) }
    }

    @Test("SANDBOX=none says so loudly, and keeps time, output and environment bounded")
    func unconfined() async throws {
        let settings = SandboxSettings(kind: .none)
        try await SandboxFixture.with(settings) { fixture, sandbox in
            setenv("AI_CODER_TEST_TOKEN", "secret", 1)
            defer { unsetenv("AI_CODER_TEST_TOKEN") }
            let outcome = try await sandbox.shell("echo hello; env | grep -c TEST_TOKEN", in: fixture.tree)
            #expect(outcome.output.text == "hello\n0\n")
            let mark = "1000.\(UInt32.random(in: .min ... .max))"
            func alive() -> [Int32] { ProcessTable.all().filter { Cgroup.read("/proc/\($0)/cmdline")?.hasPrefix("sleep\0\(mark)") == true } }
            let daemon = try await sandbox.shell("setsid sleep \(mark) & sleep 100", in: fixture.tree, timeLimit: .seconds(1))
            #expect(daemon.ending == .timedOut)
            for pid in alive() { #expect(await hasEnded(pid)) }
            #expect(alive() == [])
        }
    }
}
