import Domain

extension TestOutput {
    /// Lets a whole command count as one test where its runner names none. A command that found no tests counts as nothing.
    mutating func judge(_ test: TestPlan.Command, exitCode: Int?, text: String) {
        guard exitCode == 0 else {
            if outcomes.isEmpty, Self.failsForNoTests(text, runner: test.runner, exitCode: exitCode) { return }
            if !outcomes.values.contains(.failed) { add(test.line, .failed) }
            return
        }
        guard outcomes.isEmpty else { return }
        guard let summary, summary.passed + summary.failed + summary.skipped > 0 else {
            if summary == nil, Self.showsTests(text) || !Self.saysNoTests(text) { add(test.line, .passed) }
            return
        }
        add(test.line, summary.passed + summary.failed > 0 ? .passed : .skipped)
    }
}
