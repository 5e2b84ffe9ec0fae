import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Workspaces

/// The walls of `SANDBOX=container`, on a machine that has podman and the image.
@Suite("Container sandbox", .serialized, .timeLimit(.minutes(5)))
struct ContainerSandboxTests {
    static let image = "docker.io/library/debian:bookworm-slim"

    private static func settings() -> SandboxSettings {
        var settings = SandboxSettings(kind: .container, image: image)
        // What works in a machine that is itself a container.
        settings.containerOptions = ["--runtime", "runc", "--cgroup-manager", "cgroupfs"]
        settings.launcher = SystemProgram.find("podman")
        return settings
    }

    private static func canRun() async -> Bool {
        guard let podman = SystemProgram.find("podman") else { return false }
        let home = SandboxSettings.environment("HOME") ?? "/root"
        let request = ProcessRequest(
            executable: podman, arguments: ["image", "exists", image], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home],
            timeLimit: .seconds(60))
        return (try? await ProcessRunner().run(request))?.succeeded == true
    }

    @Test("A47: the self-test sees every wall of a container stand", .enabled("needs podman and \(image)") { await canRun() })
    func selfTest() async throws {
        try await SandboxFixture.with(Self.settings()) { _, sandbox in
            let report = await sandbox.selfTest()
            for check in report.checks { #expect(check.passed, "\(check)") }
            #expect(report.checks.count > 10)
        }
    }

    @Test(
        "A41, A43, A44, A45: a command in a container has its outcome, no secret, no network, its measure, and leaves nothing",
        .enabled("needs podman and \(image)") { await canRun() })
    func walls() async throws {
        var settings = Self.settings()
        settings.memory = 128 << 20
        setenv("AI_CODER_PLANTED", "planted-secret-value", 1)
        defer { unsetenv("AI_CODER_PLANTED") }
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let plain = try await sandbox.shell("echo made > made.txt; pwd; exit 3", in: fixture.tree)
            #expect(plain.ending == .exited(3) && plain.output.text == "/workspace\n", "\(plain)")
            #expect(access(fixture.tree.root.appending("made.txt").string, R_OK) == 0)
            let secret = try await sandbox.shell("cat /proc/*/environ | tr '\\0' '\\n' | grep -c planted-secret; true", in: fixture.tree)
            #expect(secret.output.text.hasPrefix("0"), "\(secret)")
            let network = try await sandbox.shell(
                "sed 1,2d /proc/net/dev | grep -cv ' lo:'; (exec 3<>/dev/tcp/1.1.1.1/80) 2>/dev/null && echo OUT; true", in: fixture.tree)
            #expect(!network.output.text.contains("OUT"))
            let hog = try await sandbox.shell("head -c 600m /dev/zero | tail", in: fixture.tree)
            #expect(!hog.succeeded, "\(hog)")
            let reading = try await sandbox.run(SandboxedCommand(.shell("echo x > other.txt"), treeIsWritable: false), in: fixture.tree)
            #expect(!reading.succeeded && access(fixture.tree.root.appending("other.txt").string, F_OK) != 0)
            let endless = try await sandbox.shell("setsid sleep 300 & sleep 300", in: fixture.tree, timeLimit: .seconds(3))
            #expect(endless.ending == .timedOut)
            let left = ProcessTable.all().filter { (Cgroup.read("/proc/\($0)/cmdline") ?? "").hasPrefix("sleep\0300") }
            #expect(left == [])
        }
    }

    @Test(
        "A44: in a container too the disk has a measure, the home stays, 125 is an ending, and no image is pulled",
        .enabled("needs podman and \(image)") { await canRun() })
    func equalLimits() async throws {
        var settings = Self.settings()
        settings.treeSize = 32 << 20
        try await SandboxFixture.with(settings) { fixture, sandbox in
            #expect(try await sandbox.shell("exit 125", in: fixture.tree).ending == .exited(125))
            #expect(try await sandbox.shell("echo kept >~/kept; printf out", in: fixture.tree).output.text == "out")
            #expect(try await sandbox.shell("cat ~/kept", in: fixture.tree).output.text == "kept\n")
            let filler = try await sandbox.shell("for i in 1 2 3 4 5 6 7 8 9; do head -c 9000000 /dev/zero >f$i; done; sleep 20", in: fixture.tree)
            #expect(filler.ending == .limit("disk (32 MiB)"))
            var other = SandboxedCommand(.shell("true"), allowedHosts: ["packages.example.com"])
            for file in ["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9"] { unlink(fixture.tree.root.appending(file).string) }
            #expect(try await sandbox.run(other, in: fixture.tree).refusedHosts == ["packages.example.com"])
            other.image = "registry.example.com/not/here:1"
            do {
                _ = try await sandbox.run(other, in: fixture.tree)
                Issue.record("an image from nowhere ran")
            } catch let failure as SandboxFailure {
                #expect(failure.message.contains("not pulled"))
            }
        }
    }

    @Test(
        "A43: a container reaches the hosts that operator and project name, and no other, through the proxy alone",
        .enabled("needs podman and \(image)") { await canRun() })
    func network() async throws {
        try await ByteServer.serving { connection in
            while await connection.request() != nil {
                try await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n")
                await connection.close()
            }
        } during: { port in
            var settings = Self.settings()
            settings.allowedHosts = ["internal:localhost:\(port)", "not-asked.example"]
            try await SandboxFixture.with(settings) { fixture, sandbox in
                let ask = """
                    ask() { bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128; printf "$1" >&3; tr -d "\\r" <&3 | sed -n "1p;\\$p"' ask "$1"; }
                    """
                let lines = """
                    printf '%s\n' "$https_proxy"
                    ask 'GET http://localhost:\(port)/ HTTP/1.1\\r\\n\\r\\n'
                    ask 'CONNECT not-asked.example:443 HTTP/1.1\\r\\n\\r\\n'
                    bash -c 'exec 3<>/dev/tcp/127.0.0.1/\(port)' 2>/dev/null && echo REACHED || echo closed
                    """
                let command = SandboxedCommand(.shell(ask + "\n" + lines), timeLimit: .seconds(60), allowedHosts: ["localhost:\(port)"])
                let outcome = try await sandbox.run(command, in: fixture.tree)
                let said = outcome.output.text.split(separator: "\n").map(String.init)
                #expect(outcome.succeeded && said.first == "http://127.0.0.1:3128" && said.last == "closed", "\(outcome)")
                #expect(said.contains("HTTP/1.1 200 OK") && said.contains("hello") && said.contains { $0.hasPrefix("HTTP/1.1 403") }, "\(outcome)")
                #expect(outcome.refusedHosts == ["not-asked.example:443"])
                let plain = try await sandbox.shell("env | grep -ci proxy; ls /run", in: fixture.tree)
                #expect(plain.output.text.hasPrefix("0\n") && !plain.output.text.contains("egress"), "\(plain)")
            }
        }
    }

    @Test("A43: where the container's network can't be entered, the command is refused and its container taken away")
    func closedNetwork() async throws {
        // An engine that begins a container and then tells of a process that is none of its own.
        try await withTemporaryFolder { folder in
            let engine = folder + "/podman"
            let script = """
                #!/bin/sh
                case "$*" in
                "container inspect "*) echo \(getpid()) ;;
                "rm "*) echo "$*" >\(folder)/removed ;;
                *) for word; do case "$word" in begun-*) printf %s "$word";; esac; done; exec sleep 60 ;;
                esac

                """
            #expect(FileManager.default.createFile(atPath: engine, contents: Data(script.utf8), attributes: [.posixPermissions: 0o755]))
            var settings = SandboxSettings(kind: .container, image: "any")
            settings.launcher = FilePath(engine)
            settings.allowedHosts = ["packages.example"]
            try await SandboxFixture.with(settings) { fixture, sandbox in
                let command = SandboxedCommand(.shell("true"), timeLimit: .seconds(40), allowedHosts: ["packages.example"])
                let failure = await #expect(throws: SandboxFailure.self) { try await sandbox.run(command, in: fixture.tree) }
                #expect(failure?.message.contains("can't be entered") == true, "\(String(describing: failure))")
                let removed = try String(contentsOfFile: folder + "/removed", encoding: .utf8)
                #expect(removed.contains("rm --force ai-coder-"))
            }
        }
    }

    @Test(
        "an image of an odd name, or none, is refused before an engine sees it",
        arguments: [
            "--privileged", "a b", "x\n", "é", "docker-archive:files/image.tar", "docker-archive:image.tar", "oci-archive:/tmp/image.tar", "oci:files",
            "dir:files", "DIR:files", "containers-storage:debian", "docker://registry.example.com/x", "docker-daemon:x:1", "a//b", "../x", "/etc", "a:b:c",
        ])
    func names(image: String) async throws {
        guard SystemProgram.find("podman") != nil || SystemProgram.find("docker") != nil else { return }
        var settings = SandboxSettings(kind: .container, image: nil)
        settings.launcher = SystemProgram.find("true")
        try await SandboxFixture.with(settings) { fixture, sandbox in
            var command = SandboxedCommand(.shell("true"))
            await #expect(throws: SandboxFailure.self) { try await sandbox.run(command, in: fixture.tree) }
            command.image = image
            let failure = await #expect(throws: SandboxFailure.self) { try await sandbox.run(command, in: fixture.tree) }
            #expect(failure?.message.contains("not the name of an image") == true)
        }
    }

    @Test(
        "the usual names of images are names",
        arguments: [
            "node", "node:22", "localhost/ai-coder:test", "registry.example.com:5000/group/sub_group/app-x:1.2.3-slim", "bc31877c4764",
            "docker.io/library/debian@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "docker/app", "dir/app:1", "a__b/c",
        ])
    func usualNames(image: String) async throws {
        var settings = SandboxSettings(kind: .container, image: image)
        // An engine that does nothing, so that only the name decides.
        settings.launcher = SystemProgram.find("true")
        try await SandboxFixture.with(settings) { fixture, sandbox in
            let outcome = try await sandbox.run(SandboxedCommand(.shell("true")), in: fixture.tree)
            #expect(outcome.ending == .exited(0))
        }
    }
}
