import Glibc
import SystemPackage
import Testing

@testable import Workspaces

/// The walls must stand for a service that is not root, which is how it should be run: this runs the same suites again in a
/// process of an ordinary user.
@Suite("As a plain user", .timeLimit(.minutes(5)))
struct PlainUserTests {
    @Test(
        "A47: the same proofs hold under a plain user",
        .enabled(if: geteuid() == 0 && SystemProgram.find("setpriv") != nil, "needs root to become another user"))
    func suites() async throws {
        let suites = ["BubblewrapSandboxTests", "SandboxSecretsTests", "SystemCallFilterTests", "EgressTests", "TaskDirectoryTests/hostileTree"]
        let text = try await run(["--reuid=60999", "--regid=60999", "--clear-groups"], suites)
        #expect(text.contains("the self-test sees every wall stand"), "\(text.suffix(2000))")
    }

    @Test(
        "A47: a service that is root and in more groups takes none of them inside",
        .enabled(if: geteuid() == 0 && SystemProgram.find("setpriv") != nil, "needs root to join groups"))
    func groups() async throws {
        let text = try await run(["--groups=4,27"], ["SandboxSecretsTests/identity"])
        #expect(text.contains("Test run with 1 test"), "\(text.suffix(2000))")
    }

    /// Runs tests of this program in a process of another identity, and returns what it says.
    private func run(_ identity: [String], _ tests: [String]) async throws -> String {
        let words = try #require(Cgroup.read("/proc/self/cmdline")).split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
        var arguments: [String] = []
        var rest = words.dropFirst()[...]
        while let word = rest.popFirst() {
            // Its own choice of tests, and its own files for results.
            if ["--filter", "--skip", "--xunit-output", "--event-stream-output-path"].contains(word) { rest = rest.dropFirst(); continue }
            if word.hasPrefix("--filter=") || word.hasPrefix("--xunit-output=") { continue }
            arguments.append(word)
        }
        let program = try #require(ToolchainRoots.realPath("/proc/self/exe"))
        var environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"]
        if let libraries = SandboxSettings.environment("LD_LIBRARY_PATH") { environment["LD_LIBRARY_PATH"] = libraries }
        let filters = tests.flatMap { ["--filter", "WorkspacesTests.\($0)"] }
        let setpriv = try #require(SystemProgram.find("setpriv"))
        let request = ProcessRequest(
            executable: setpriv, arguments: identity + ["--", program] + arguments + filters, environment: environment,
            timeLimit: .seconds(240),
            outputLimit: 256 << 10, excessOutput: .isCutInTheMiddle)
        let result = try await ProcessRunner().run(request)
        let text = String(decoding: result.standardOutput + result.standardError, as: UTF8.self)
        #expect(result.ending == .exited(0), "\(text.split(separator: "\n").filter { $0.contains("✘") || $0.contains("rror") }.joined(separator: "\n"))")
        return text
    }
}
