package import Domain

/// One run of the project's commands in one tree.
package struct TestRun: Sendable, Hashable, Codable {
    package var commands: [TestReport.Command]
    /// What single tests did, all commands together; a command that names no tests counts under its own line.
    package var outcomes: [String: TestOutput.Outcome]
    package var counts: TestReport.Counts?
    /// Why nothing could be run, in one sentence; nil when something was.
    package var obstacle: String?
    /// For people: where the commands came from.
    package var source: String?
    /// Network requests that were refused while it ran.
    package var refusedHosts: [String]

    package init(
        commands: [TestReport.Command] = [], outcomes: [String: TestOutput.Outcome] = [:],
        counts: TestReport.Counts? = nil, obstacle: String? = nil, source: String? = nil, refusedHosts: [String] = []
    ) {
        self.commands = commands
        self.outcomes = outcomes
        self.counts = counts
        self.obstacle = obstacle
        self.source = source
        self.refusedHosts = refusedHosts
    }

    package var failures: Set<String> { Set(outcomes.filter { $0.value == .failed }.keys) }
}
