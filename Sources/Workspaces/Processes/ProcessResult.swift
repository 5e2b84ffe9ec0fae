/// How a process ended and what it printed, within the request's limit.
package struct ProcessResult: Sendable {
    package enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
        /// It printed more than it may, and was ended for it unless it had ended before that was seen.
        case outputLimit
    }

    package var ending: Ending
    package var standardOutput: [UInt8]
    package var standardError: [UInt8]
    /// How much was printed in all; more than what is kept when the middle was cut out.
    package var standardOutputTotal: Int
    package var standardErrorTotal: Int
    package var duration: Duration

    package init(
        ending: Ending, standardOutput: [UInt8], standardError: [UInt8], standardOutputTotal: Int,
        standardErrorTotal: Int, duration: Duration
    ) {
        self.ending = ending
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.standardOutputTotal = standardOutputTotal
        self.standardErrorTotal = standardErrorTotal
        self.duration = duration
    }

    package var succeeded: Bool { ending == .exited(0) }
}

/// A process could not be started; `message` names the program and the reason.
package struct ProcessFailure: Error, Sendable {
    package enum Reason: Sendable, Hashable { case notFound, notExecutable, workingDirectory, other }
    package var reason: Reason
    package var message: String
    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}
