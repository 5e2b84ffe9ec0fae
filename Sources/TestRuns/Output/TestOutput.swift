package import Domain

/// What single tests did, as a runner's output tells it.
package struct TestOutput: Sendable, Hashable {
    package enum Outcome: String, Sendable, Codable, Hashable { case passed, failed, skipped }

    /// By name; a name that appears twice keeps its worst outcome.
    package private(set) var outcomes: [String: Outcome] = [:]
    /// Counts that the runner prints itself, for tests that it does not name.
    package var summary: TestReport.Counts?

    package init() {}

    package mutating func add(_ name: String, _ outcome: Outcome) {
        let name = String(name.prefix(300))
        guard !name.isEmpty, outcomes.count < 20_000 || outcomes[name] != nil else { return }
        if outcomes[name] == .failed { return }
        outcomes[name] = outcome
    }

    package mutating func merge(_ other: TestOutput) {
        for (name, outcome) in other.outcomes { add(name, outcome) }
        if let more = other.summary { add(more) }
    }

    /// The counts of one more part of the run.
    mutating func add(_ more: TestReport.Counts) {
        let sum = summary ?? TestReport.Counts()
        summary = TestReport.Counts(
            passed: sum.passed + more.passed, failed: sum.failed + more.failed, skipped: sum.skipped + more.skipped)
    }

    package var counts: TestReport.Counts? {
        if let summary { return summary }
        guard !outcomes.isEmpty else { return nil }
        var counts = TestReport.Counts()
        for outcome in outcomes.values {
            switch outcome {
            case .passed: counts.passed += 1
            case .failed: counts.failed += 1
            case .skipped: counts.skipped += 1
            }
        }
        return counts
    }
}
