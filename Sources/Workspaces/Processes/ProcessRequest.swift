package import SystemPackage

/// One program to run, with everything it gets said in full: nothing is inherited from the service.
package struct ProcessRequest: Sendable {
    /// What happens when a stream prints more than `outputLimit` bytes.
    package enum ExcessOutput: Sendable, Hashable {
        /// The process is ended and the result says `.outputLimit` and holds the beginning: for output that is parsed and useless when cut.
        case endsProcess
        /// The first and the last half are kept, and the process goes on: for output that people read.
        case isCutInTheMiddle
    }

    /// An absolute path; `PATH` is never searched.
    package var executable: FilePath
    package var arguments: [String]
    /// The whole environment.
    package var environment: [String: String]
    package var workingDirectory: FilePath?
    /// Nil for `/dev/null`.
    package var standardInput: [UInt8]?
    package var timeLimit: Duration
    /// Bytes of memory of its own that it, and each process that it starts, may have; nil for no limit.
    package var memoryLimit: Int?
    /// Bytes kept of each stream.
    package var outputLimit: Int
    package var excessOutput: ExcessOutput
    /// Sees output as it comes, in order for each stream, from a queue of the runner's: must not block.
    package var onOutput: (@Sendable (ProcessStream, [UInt8]) -> Void)?

    package init(
        executable: FilePath, arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: FilePath? = nil, standardInput: [UInt8]? = nil, timeLimit: Duration = .seconds(60),
        outputLimit: Int = 1 << 20, excessOutput: ExcessOutput = .endsProcess,
        onOutput: (@Sendable (ProcessStream, [UInt8]) -> Void)? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.standardInput = standardInput
        self.timeLimit = timeLimit
        self.outputLimit = outputLimit
        self.excessOutput = excessOutput
        self.onOutput = onOutput
    }
}

package enum ProcessStream: Sendable, Hashable { case standardOutput, standardError }
