package import Domain

/// One run of the project's commands in one tree.
package struct TestRun: Sendable, Hashable, Codable {
    package var commands: [TestReport.Command]
    /// What single tests did, all commands together; a command that names no tests counts under its own line.
    package var outcomes: [String: TestOutput.Outcome]
    /// Those of `outcomes` that are no tests: set-up and lint lines, and the syntax of files. They can fail, but prove nothing.
    package var checks: Set<String>
    package var counts: TestReport.Counts?
    /// Why nothing could be run, in one sentence; nil when something was.
    package var obstacle: String?
    /// For people: where the commands came from.
    package var source: String?
    /// Network requests that were refused while it ran.
    package var refusedHosts: [String]

    package init(
        commands: [TestReport.Command] = [], outcomes: [String: TestOutput.Outcome] = [:], checks: Set<String> = [],
        counts: TestReport.Counts? = nil, obstacle: String? = nil, source: String? = nil, refusedHosts: [String] = []
    ) {
        self.commands = commands
        self.outcomes = outcomes
        self.checks = checks
        self.counts = counts
        self.obstacle = obstacle
        self.source = source
        self.refusedHosts = refusedHosts
    }

    package var failures: Set<String> { Set(outcomes.filter { $0.value == .failed }.keys) }

    /// What the tests alone did.
    package var testOutcomes: [String: TestOutput.Outcome] { outcomes.filter { !checks.contains($0.key) } }

    mutating func check(_ name: String, _ outcome: TestOutput.Outcome) {
        outcomes[name] = outcome
        checks.insert(name)
    }

    /// A run that an older version wrote down knows no checks.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        commands = try values.decode([TestReport.Command].self, forKey: .commands)
        outcomes = try values.decode([String: TestOutput.Outcome].self, forKey: .outcomes)
        checks = try values.decodeIfPresent(Set<String>.self, forKey: .checks) ?? []
        counts = try values.decodeIfPresent(TestReport.Counts.self, forKey: .counts)
        obstacle = try values.decodeIfPresent(String.self, forKey: .obstacle)
        source = try values.decodeIfPresent(String.self, forKey: .source)
        refusedHosts = try values.decode([String].self, forKey: .refusedHosts)
    }
}
