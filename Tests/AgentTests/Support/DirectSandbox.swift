import SystemPackage
import Workspaces

/// Runs commands on the tree without any walls, for tests of what the tools make of a command's outcome.
struct DirectSandbox: Sandbox {
    /// The files that it works on stay as long as it does.
    var keeping: Fixture?

    func run(_ command: SandboxedCommand, in tree: WorkTree) async throws -> CommandOutcome {
        let arguments =
            switch command.program {
            case .shell(let line): ["sh", "-c", "exec 2>&1\n" + line]
            case .arguments(let arguments): arguments
            }
        let result = try await ProcessRunner().run(
            ProcessRequest(
                executable: "/usr/bin/env", arguments: arguments, environment: ["PATH": "/usr/bin:/bin"],
                workingDirectory: tree.root, timeLimit: command.timeLimit, outputLimit: command.outputLimit,
                excessOutput: .isCutInTheMiddle))
        let ending: CommandOutcome.Ending =
            switch result.ending {
            case .exited(let code): .exited(code)
            case .signalled(let signal): .signalled(signal)
            case .timedOut: .timedOut
            case .outputLimit: .limit("output")
            }
        let total = result.standardOutputTotal + result.standardErrorTotal
        let text = String(decoding: result.standardOutput + result.standardError, as: UTF8.self)
        return CommandOutcome(
            ending: ending, duration: result.duration,
            output: CapturedOutput(text: text, totalBytes: total, isTruncated: total > text.utf8.count))
    }

    func selfTest() async -> SandboxReport { SandboxReport(kind: "none", checks: []) }
}

/// For stages that must not run anything.
struct NoSandbox: Sandbox {
    func run(_ command: SandboxedCommand, in tree: WorkTree) async throws -> CommandOutcome {
        throw SandboxFailure("The sandbox is not there; install bubblewrap.")
    }
    func selfTest() async -> SandboxReport { SandboxReport(kind: "none", checks: []) }
}
