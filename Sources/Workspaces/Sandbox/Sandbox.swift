/// Runs what the repository or the model chose, behind walls. One policy for all callers.
package protocol Sandbox: Sendable {
    /// Runs one command in the work tree and returns when its whole process tree is gone.
    ///
    /// A command that fails, is killed or meets a limit is an outcome, not an error.
    /// - Throws: `SandboxFailure` when the walls can't be put up, `CancellationError` when the task is cancelled.
    func run(_ command: SandboxedCommand, in tree: WorkTree) async throws -> CommandOutcome

    /// Proves from the inside that the walls stand.
    func selfTest() async -> SandboxReport
}

package struct SandboxedCommand: Sendable {
    package enum Program: Sendable {
        /// A line for `/bin/sh -c`.
        case shell(String)
        /// A program and its arguments, with no shell between.
        case arguments([String])
    }

    package var program: Program
    /// Relative to the work tree's root; "" for the root itself.
    package var directory: String
    /// Added to the sandbox's fixed environment. Never a secret.
    package var environment: [String: String]
    package var timeLimit: Duration
    /// Bytes kept of stdout and stderr together: the head and the tail of what was printed.
    package var outputLimit: Int
    package var treeIsWritable: Bool
    /// Hosts that it may reach, already cut to what the operator allows; empty for no network.
    package var allowedHosts: [String]
    /// The container image, for `SANDBOX=container`; nil for the configured one.
    package var image: String?

    package init(
        _ program: Program, directory: String = "", environment: [String: String] = [:],
        timeLimit: Duration = .seconds(600), outputLimit: Int = 256 << 10, treeIsWritable: Bool = true,
        allowedHosts: [String] = [], image: String? = nil
    ) {
        self.program = program
        self.directory = directory
        self.environment = environment
        self.timeLimit = timeLimit
        self.outputLimit = outputLimit
        self.treeIsWritable = treeIsWritable
        self.allowedHosts = allowedHosts
        self.image = image
    }
}

package struct CommandOutcome: Sendable {
    package enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
        /// A limit of the sandbox was met: memory, processes, disk.
        case limit(String)
    }
    package var ending: Ending
    package var duration: Duration
    package var output: CapturedOutput
    /// Network requests that were refused, `host:port`.
    package var refusedHosts: [String]

    package init(ending: Ending, duration: Duration, output: CapturedOutput, refusedHosts: [String] = []) {
        self.ending = ending
        self.duration = duration
        self.output = output
        self.refusedHosts = refusedHosts
    }

    package var succeeded: Bool { ending == .exited(0) }
}

/// The bounded output of a process: its head and its tail, with what was left out counted between them.
package struct CapturedOutput: Sendable, Hashable {
    /// Text with invalid UTF-8 replaced and control characters but newline and tab escaped; a line in brackets stands for what was cut.
    package var text: String
    package var totalBytes: Int
    package var isTruncated: Bool

    package init(text: String, totalBytes: Int, isTruncated: Bool) {
        self.text = text
        self.totalBytes = totalBytes
        self.isTruncated = isTruncated
    }
}

package struct SandboxReport: Sendable {
    package struct Check: Sendable {
        package var name: String
        package var passed: Bool
        /// What was seen, and the remedy when it did not pass.
        package var detail: String
        package init(name: String, passed: Bool, detail: String) {
            self.name = name
            self.passed = passed
            self.detail = detail
        }
    }
    package var kind: String
    package var checks: [Check]
    package init(kind: String, checks: [Check]) {
        self.kind = kind
        self.checks = checks
    }
    package var isUsable: Bool { checks.allSatisfy(\.passed) }
}

/// The sandbox can't be used; `message` says why and what to do.
package struct SandboxFailure: Error, Sendable {
    package var message: String
    package init(_ message: String) { self.message = message }
}
