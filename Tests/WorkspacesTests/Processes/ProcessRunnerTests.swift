import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Processes", .timeLimit(.minutes(2)))
struct ProcessRunnerTests {
    private let runner = ProcessRunner()

    private func shell(_ line: String) -> ProcessRequest {
        ProcessRequest(executable: "/bin/sh", arguments: ["-c", line], environment: ["PATH": "/usr/bin:/bin"])
    }

    @Test("the two streams are kept apart and the exit code is told")
    func streams() async throws {
        let result = try await runner.run(shell("echo out; echo err >&2; exit 7"))
        #expect(result.ending == .exited(7))
        #expect(result.standardOutput == Array("out\n".utf8))
        #expect(result.standardError == Array("err\n".utf8))
    }

    @Test("the environment is exactly what was listed, and standard input is empty unless given")
    func environment() async throws {
        var request = ProcessRequest(executable: "/usr/bin/env", environment: ["ONLY": "this"])
        #expect(try await runner.run(request).standardOutput == Array("ONLY=this\n".utf8))
        request = shell("cat; readlink /proc/self/fd/0")
        #expect(try await runner.run(request).standardOutput == Array("/dev/null\n".utf8))
        request = shell("cat")
        request.standardInput = Array(repeating: 65, count: 3 << 20)
        request.outputLimit = 4 << 20
        #expect(try await runner.run(request).standardOutput.count == 3 << 20)
    }

    @Test("A44: the memory of a process and of what it starts has a limit where one is set")
    func memory() async throws {
        // The limit comes from outside, a moment after the start.
        var request = shell("while [ \"$(ulimit -d)\" = unlimited ]; do :; done; sh -c 'ulimit -d'")
        request.memoryLimit = 64 << 20
        #expect(try await runner.run(request).standardOutput == Array("65536\n".utf8))
        request = shell("ulimit -d")
        #expect(try await runner.run(request).standardOutput == Array("unlimited\n".utf8))
    }

    @Test("A42: no descriptor above 2 reaches a child")
    func descriptors() async throws {
        // A number that no shell takes for the listing below.
        let opened = open("/etc/passwd", O_RDONLY)
        let planted = fcntl(opened, F_DUPFD, 200)
        defer { for descriptor in [opened, planted] { close(descriptor) } }
        #expect(planted >= 200)
        let result = try await runner.run(shell("for fd in /proc/$$/fd/*; do echo ${fd##*/}; done"))
        let seen = String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
        #expect(seen.filter { $0 <= 2 } == [0, 1, 2])
        // dash keeps its script, or its own saved copies, at 10 and above; nothing of ours is among them.
        #expect(!seen.contains(Int(planted)))
    }

    @Test("a signal is told apart from an exit code")
    func signal() async throws {
        #expect(try await runner.run(shell("kill -9 $$")).ending == .signalled(9))
    }

    @Test("A45: the time limit ends the whole group, also members that ignore the polite signal")
    func timeLimit() async throws {
        var request = shell("trap '' TERM; sh -c 'trap \"\" TERM; echo $$; sleep 1000; sleep 1000' & wait; sleep 1000")
        request.timeLimit = .milliseconds(300)
        let result = try await runner.run(request)
        #expect(result.ending == .timedOut)
        let child = try #require(Int32(String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n")[0]))
        #expect(await hasEnded(child))
    }

    @Test("A45: members of the group that outlive a polite leader are ended too")
    func stubbornMember() async throws {
        var request = shell("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & exec sleep 1000")
        request.timeLimit = .milliseconds(300)
        let result = try await runner.run(request)
        #expect(result.ending == .timedOut)
        let child = try #require(Int32(String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n")[0]))
        #expect(await hasEnded(child))
    }

    @Test("A45: a daemon that holds the pipe does not hold the result, and does not outlive it in its group")
    func daemon() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try await runner.run(shell("sleep 1000 & echo $!; exit 0"))
        #expect(result.ending == .exited(0))
        #expect(clock.now - start < .seconds(20))
        let child = try #require(Int32(String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n")[0]))
        #expect(await hasEnded(child))
        // One in a session of its own escapes the group, but holds nobody up.
        let again = clock.now
        let escaped = try await runner.run(shell("setsid sh -c 'echo $$; exec sleep 60' & sleep 0.2"))
        #expect(escaped.ending == .exited(0))
        #expect(clock.now - again < .seconds(20))
        let free = try #require(Int32(String(decoding: escaped.standardOutput, as: UTF8.self).split(separator: "\n")[0]))
        #expect(kill(free, SIGKILL) == 0)
    }

    @Test("cancellation ends the process and throws")
    func cancellation() async throws {
        let (lines, continuation) = AsyncStream.makeStream(of: Int32.self)
        var request = shell("echo $$; exec sleep 1000")
        request.onOutput = { _, bytes in
            if let pid = Int32(String(decoding: bytes, as: UTF8.self).split(separator: "\n")[0]) { continuation.yield(pid) }
        }
        let task = Task { [request] in try await runner.run(request) }
        var pid: Int32 = -1
        for await line in lines { pid = line; break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await hasEnded(pid))
    }

    @Test("A50: endless output ends the process, or is cut in the middle, in bounded memory")
    func excess() async throws {
        var endless = shell("exec yes")
        (endless.outputLimit, endless.timeLimit) = (1000, .seconds(30))
        #expect(try await runner.run(endless).ending == .outputLimit)
        var request = shell("yes | head -c 5000000; echo end")
        request.outputLimit = 1000
        #expect(try await runner.run(request).ending == .outputLimit)
        request.excessOutput = .isCutInTheMiddle
        let result = try await runner.run(request)
        #expect(result.ending == .exited(0))
        #expect(result.standardOutput.count == 1000)
        #expect(result.standardOutputTotal == 5_000_004)
        #expect(result.standardOutput.suffix(4) == Array("end\n".utf8)[...])
    }

    @Test("a process that ends before its output is read is told as one that printed too much, and the beginning is kept")
    func excessOfAQuickProcess() async throws {
        // Less than a pipe holds, so that it ends unread.
        var request = shell("seq 1 2000")
        request.outputLimit = 100
        for _ in 1...50 {
            let result = try await runner.run(request)
            #expect(result.ending == .outputLimit)
            #expect(result.standardOutput.count == 100 && result.standardOutput.starts(with: Array("1\n2\n3\n".utf8)))
            #expect(String(decoding: result.standardOutput, as: UTF8.self).hasSuffix("\n34\n35\n36\n3"))
        }
    }

    @Test("A49: what can't be started says why, and what is named by no whole path can't")
    func failures() async throws {
        func reason(_ request: ProcessRequest) async -> ProcessFailure.Reason? {
            do {
                _ = try await runner.run(request)
                return nil
            } catch { return (error as? ProcessFailure)?.reason }
        }
        #expect(await reason(ProcessRequest(executable: "/nowhere/program")) == .notFound)
        #expect(await reason(ProcessRequest(executable: "sh")) == .notFound)
        var relative = ProcessRequest(executable: "bin/sh", arguments: ["-c", "true"])
        relative.workingDirectory = "/"
        #expect(await reason(relative) == .notFound)
        #expect(await reason(ProcessRequest(executable: "/etc/passwd")) == .notExecutable)
        var request = shell("true")
        request.workingDirectory = "/nowhere"
        #expect(await reason(request) == .workingDirectory)
    }

    @Test("no descriptor and no process is left after many runs")
    func leaks() async throws {
        func open() -> Int {
            (0..<1024).count { fcntl($0, F_GETFD) >= 0 }
        }
        _ = try await runner.run(shell("true"))
        let before = open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    if index % 4 == 0 {
                        _ = try? await runner.run(ProcessRequest(executable: "/nowhere"))
                    } else {
                        let result = try await runner.run(shell("echo \(index)"))
                        #expect(result.standardOutput == Array("\(index)\n".utf8))
                    }
                }
            }
            try await group.waitForAll()
        }
        // Other tests of the process open and close things meanwhile.
        #expect(open() <= before + 20)
    }
}

@Suite("Bounded output")
struct BoundedOutputTests {
    @Test("head and tail survive any slicing of the stream", arguments: [1, 2, 3, 7, 10, 100])
    func slices(_ size: Int) {
        let all = (0..<1000).map { UInt8($0 % 251) }
        var output = BoundedOutput(limit: 21, keepsEnd: true)
        for start in stride(from: 0, to: all.count, by: size) { output.append(all[start..<min(all.count, start + size)]) }
        #expect(output.bytes == Array(all.prefix(11) + all.suffix(10)))
        #expect(output.total == 1000)
        #expect(output.omitted == 979)
    }

    @Test("short output is whole")
    func short() {
        var output = BoundedOutput(limit: 10, keepsEnd: true)
        output.append(Array("0123456789".utf8))
        #expect(output.bytes == Array("0123456789".utf8))
        #expect(!output.isTruncated)
    }
}
