package import Domain

extension TestReport {
    /// Holds the run on the changed tree against the one on the base commit.
    ///
    /// - Parameters:
    ///   - base: nil for an empty repository.
    ///   - again: a second run on the changed tree, made when the first had failures that the base has not.
    package static func comparing(base: TestRun?, head: TestRun, again: TestRun?) -> TestReport {
        guard head.obstacle == nil || !head.commands.isEmpty else {
            return TestReport(verdict: .notRun, summary: head.obstacle ?? "Nothing was run.")
        }
        let refused = [base, head, again].flatMap { $0?.refusedHosts ?? [] }
        let before = base?.failures ?? []
        let failing = head.failures
        let candidates = failing.subtracting(before)
        let flaky = again.map { second in candidates.filter { second.outcomes[$0] == .passed } } ?? []
        let new = candidates.subtracting(flaky)
        let repaired = before.filter { head.outcomes[$0] == .passed }
        let old = failing.intersection(before)
        var report = TestReport(
            verdict: new.isEmpty ? .passed : .failed, summary: "", commands: head.commands, counts: head.counts,
            newFailures: new.sorted(), oldFailures: old.sorted(), repaired: repaired.sorted(), flaky: flaky.sorted())
        let tests = head.testOutcomes.values
        // Nothing but failures that were there before, or skipped tests, and not one that passes: that proves nothing.
        if new.isEmpty, !tests.contains(.passed) {
            report.verdict = head.obstacle != nil || !tests.isEmpty ? .notRun : .noTests
        }
        report.summary = summary(of: report, head: head)
        if !refused.isEmpty {
            report.summary += " The network rules refused: \(Set(refused).sorted().prefix(20).joined(separator: ", "))."
        }
        return report
    }

    private static func summary(of report: TestReport, head: TestRun) -> String {
        let from = head.source.map { " (\($0))" } ?? ""
        switch report.verdict {
        case .noTests: return "No tests were found\(from)."
        case .notRun:
            if let obstacle = head.obstacle { return obstacle }
            let isSkipped = !head.testOutcomes.values.contains(.failed)
            return isSkipped ? "All tests were skipped\(from)." : "The project's tests can't run here: they fail as a whole without the change, too\(from)."
        case .failed:
            let count = "\(report.newFailures.count) new failure\(report.newFailures.count == 1 ? "" : "s")\(from)."
            return head.obstacle.map { "\(count) \($0)" } ?? count
        case .passed:
            var parts: [String] = []
            if let counts = report.counts { parts.append("\(counts.passed) passed") }
            if !report.oldFailures.isEmpty { parts.append("\(report.oldFailures.count) failed before the change, too") }
            if !report.repaired.isEmpty { parts.append("\(report.repaired.count) repaired") }
            if !report.flaky.isEmpty { parts.append("\(report.flaky.count) flaky") }
            return (parts.isEmpty ? "All commands succeeded" : parts.joined(separator: ", ")) + "\(from)."
        }
    }
}
