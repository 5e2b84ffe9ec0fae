extension TestOutput {
    /// Whether a runner says in so many words that it found nothing to run. To be asked only where its output names and counts no test:
    /// several runners say it of a part of their work, beside a part that had tests.
    package static func saysNoTests(_ text: String) -> Bool {
        summaryLines(of: text).contains { saysNoTests(line: $0) }
    }

    /// The lines that a runner may have written itself. Their text is the project's all the same, and may be made to be slow to look
    /// through: one endless line, say, of signs that join each other.
    private static func summaryLines(of text: String) -> some Sequence<String> {
        text.split(whereSeparator: \.isNewline).lazy.filter { $0.utf8.count <= 1000 }.map(\.trimmed)
    }

    private static func saysNoTests(line: String) -> Bool {
        let whole: Set<String> = [
            // node --test, by reporter
            "# tests 0", "ℹ tests 0",
            // cargo, meson, Maven's Surefire
            "running 0 tests", "No tests defined.", "No tests to run.", "[INFO] No tests to run.",
            // pytest -q, go vet of an empty folder
            "no tests ran", "testing: warning: no tests to run",
        ]
        if whole.contains(line) { return true }
        let beginnings = [
            // unittest, XCTest, Swift Testing
            "Ran 0 tests in ", "Executed 0 tests", "NO TESTS RAN", "error: no tests found",
            // pytest, rspec, minitest, phpunit, ctest
            "collected 0 items", "0 examples, 0 failures", "0 runs, 0 assertions", "0 tests, 0 assertions", "No tests executed!", "No tests were found!!!",
            // Jest, Vitest, Mocha, .NET
            "No tests found", "No test files found", "0 passing", "Error: No test files found", "No test is available in ",
            // Gradle
            "> Task :test NO-SOURCE",
        ]
        if beginnings.contains(where: line.hasPrefix) { return true }
        // Swift Testing's mark stands before it; go names the package first; pytest and .NET draw or indent around it.
        return ["Test run with 0 tests", "[no test files]", "[no tests to run]", " no tests ran in "].contains(where: line.contains)
    }

    /// Whether something in the output says that tests ran, beside parts of the work that had none.
    package static func showsTests(_ text: String) -> Bool {
        let evidence = Self.evidence
        return summaryLines(of: text).contains { line in
            // `ok  \tpkg\t0.01s` of go, `test result: ok. 3 passed` and `running 3 tests` of cargo, `[3/7] Testing` of XCTest.
            if line.hasPrefix("ok"), line.contains("\t"), !line.contains("[no test"), line.hasSuffix("s") || line.hasSuffix("(cached)") { return true }
            if line.contains("Test run with "), line.firstMatch(of: #/Test run with [1-9]/#) != nil { return true }
            return evidence.contains { line.hasPrefix($0.beginning) && line.prefixMatch(of: $0.whole) != nil }
        }
    }

    /// The beginning alone is enough for nearly every line, and takes a thousandth of the time.
    private static var evidence: [(beginning: String, whole: Regex<Substring>)] {
        [
            ("running ", #/running [1-9][0-9]* tests?$/#), ("test result: ok. ", #/test result: ok\. [1-9]/#),
            ("[", #/\[[0-9]+/[1-9][0-9]*\] Testing /#), ("Executed ", #/Executed [1-9][0-9]* tests?/#),
            ("Passed!", #/Passed!\s+- Failed:\s+0, Passed:\s+[1-9]/#), ("> Task :", #/> Task :(?:\S+:)?test$/#),
        ]
    }

    /// Exit codes and words by which a runner fails only because there is nothing to run.
    package static func failsForNoTests(_ text: String, runner: TestPlan.Runner, exitCode: Int?) -> Bool {
        switch (runner, exitCode) {
        case (.pytest, 5?), (.unittest, 5?): true
        default:
            summaryLines(of: text).contains { line in
                let beginnings = [
                    "No tests found, exiting with code 1", "No test files found, exiting with code 1", "Error: No test files found",
                    "error: no tests found",
                ]
                return beginnings.contains(where: line.hasPrefix)
            }
        }
    }
}
