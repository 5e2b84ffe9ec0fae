/// What the project's own commands said, before and after the change.
package struct TestReport: Sendable, Hashable, Codable {
    package enum Verdict: String, Sendable, Codable {
        /// Commands ran and no new failure remains.
        case passed
        /// New failures remain.
        case failed
        /// The project has no tests that could be found: said so, never "passed".
        case noTests = "no_tests"
        /// Tests exist but could not be run here (a missing tool, for instance).
        case notRun = "not_run"
    }

    /// One command, run by the harness in the sandbox.
    package struct Command: Sendable, Hashable, Codable {
        package enum Purpose: String, Sendable, Codable { case setup, test, lint, syntax }
        package var line: String
        package var purpose: Purpose
        /// Nil when it was ended from outside: a limit, a signal.
        package var exitCode: Int?
        package var timedOut: Bool
        package var durationSeconds: Double
        package var counts: Counts?
        /// The end of what it printed, without control characters.
        package var outputTail: String

        package init(
            line: String, purpose: Purpose, exitCode: Int?, timedOut: Bool = false, durationSeconds: Double,
            counts: Counts? = nil, outputTail: String = ""
        ) {
            self.line = line
            self.purpose = purpose
            self.exitCode = exitCode
            self.timedOut = timedOut
            self.durationSeconds = durationSeconds
            self.counts = counts
            self.outputTail = outputTail
        }

        private enum CodingKeys: String, CodingKey {
            case line = "command", purpose, exitCode = "exit_code", timedOut = "timed_out"
            case durationSeconds = "duration_seconds", counts, outputTail = "output_tail"
        }
    }

    /// As the runner's own output or its JUnit XML tells them.
    package struct Counts: Sendable, Hashable, Codable {
        package var passed: Int
        package var failed: Int
        package var skipped: Int
        package init(passed: Int = 0, failed: Int = 0, skipped: Int = 0) {
            self.passed = passed
            self.failed = failed
            self.skipped = skipped
        }
    }

    package var verdict: Verdict
    /// One sentence: what was run, or why nothing was.
    package var summary: String
    package var commands: [Command]
    package var counts: Counts?
    /// Names of failing tests (or of whole commands where the runner names no tests), sorted by what they were on the base commit.
    package var newFailures: [String]
    package var oldFailures: [String]
    package var repaired: [String]
    package var flaky: [String]

    package init(
        verdict: Verdict, summary: String, commands: [Command] = [], counts: Counts? = nil, newFailures: [String] = [],
        oldFailures: [String] = [], repaired: [String] = [], flaky: [String] = []
    ) {
        self.verdict = verdict
        self.summary = summary
        self.commands = commands
        self.counts = counts
        self.newFailures = newFailures
        self.oldFailures = oldFailures
        self.repaired = repaired
        self.flaky = flaky
    }

    private enum CodingKeys: String, CodingKey {
        case verdict = "status", summary, commands, counts
        case newFailures = "new_failures", oldFailures = "old_failures", repaired, flaky
    }
}
