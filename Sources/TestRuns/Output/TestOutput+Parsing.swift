import Domain
import Foundation

extension TestOutput {
    /// Reads what a runner printed. Unknown forms give nothing: then the command as a whole counts as one test.
    package static func parse(_ text: String, runner: TestPlan.Runner) -> TestOutput {
        var output = TestOutput()
        let read: (Substring, inout TestOutput) -> Void =
            switch runner {
            case .pytest: pytest
            case .unittest: unittest
            case .node: node
            case .go: go
            case .cargo: cargo
            case .swift: swift
            case .maven, .gradle: maven
            case .dotnet: dotnet
            case .rspec: rspec
            case .minitest: minitest
            case .phpunit: phpunit
            case .ctest: ctest
            case .meson: meson
            case .make, .unknown: any
            }
        for line in text.split(whereSeparator: \.isNewline) { read(line, &output) }
        return output
    }

    /// `tests/test_a.py::test_b PASSED [ 50%]`, `FAILED tests/test_a.py::test_b - reason`, `3 passed, 1 failed in 0.1s`.
    private static func pytest(_ line: Substring, _ output: inout TestOutput) {
        let words = line.split(separator: " ")
        if let name = words.first, name.contains("::") || name.hasSuffix(".py"), words.count >= 2 {
            let outcome = words.dropFirst().lazy.compactMap { Self.outcome(ofPytest: $0) }.first
            if name.contains("::"), let outcome { output.add(parameterised(line, outcome: outcome.word), outcome.value) }
        } else if let first = words.first, first == "FAILED" || first == "ERROR", words.count >= 2 {
            output.add(String(line.dropFirst(first.count + 1)).before(" - "), .failed)
        }
        if line.hasPrefix("="), line.contains(" in "), let counts = counted(line) { output.summary = counts }
    }

    private static func outcome(ofPytest word: Substring) -> (word: Substring, value: Outcome)? {
        switch word {
        case "PASSED", "XPASS": (word, .passed)
        case "FAILED", "ERROR": (word, .failed)
        case "SKIPPED", "XFAIL": (word, .skipped)
        default: nil
        }
    }

    /// The name before the outcome; parameters may hold blanks.
    private static func parameterised(_ line: Substring, outcome: Substring) -> String {
        String(line).before(" \(outcome)")
    }

    /// `test_a (tests.test_x.X.test_a) ... ok`, `FAIL: test_a (tests.test_x.X.test_a)`, `Ran 3 tests in 0.001s`.
    private static func unittest(_ line: Substring, _ output: inout TestOutput) {
        let text = String(line)
        if let dots = text.range(of: " ... ") {
            let name = String(text[..<dots.lowerBound])
            let word = text[dots.upperBound...]
            if word.hasPrefix("ok") { output.add(name, .passed) }
            if word.hasPrefix("FAIL") || word.hasPrefix("ERROR") { output.add(name, .failed) }
            if word.hasPrefix("skipped") { output.add(name, .skipped) }
        } else if let name = text.after("FAIL: ") ?? text.after("ERROR: ") {
            output.add(name, .failed)
        }
    }

    /// TAP (`ok 1 - name`, `not ok 2 - name # SKIP`), Jest and Vitest (`✓ name (5 ms)`, `✕ name`), Mocha's counts.
    private static func node(_ line: Substring, _ output: inout TestOutput) {
        let text = line.trimmed
        if tap(text, &output) { return }
        for (marks, outcome) in [(["✓ ", "√ ", "✔ "], Outcome.passed), (["✕ ", "✗ ", "× ", "✖ "], .failed), (["○ ", "↓ "], .skipped)] {
            for mark in marks where text.hasPrefix(mark) {
                let name = String(text.dropFirst(mark.count))
                // Node's own summary has lines such as `✖ failing tests:`.
                if !name.hasSuffix(":") { output.add(name.withoutTiming, outcome) }
                return
            }
        }
        if let counts = counted(line), text.hasPrefix("Tests:") || text.hasPrefix("Tests ") { output.summary = counts }
    }

    private static func tap(_ text: String, _ output: inout TestOutput) -> Bool {
        let failed = text.hasPrefix("not ok ")
        guard failed || text.hasPrefix("ok ") else { return false }
        var rest = text.dropFirst(failed ? 7 : 3)
        rest = rest.drop(while: { $0.isNumber || $0 == " " || $0 == "-" })
        // Both are directives of TAP: the test was left out, or belongs to work that is not done and may fail.
        let isSkipped = rest.uppercased().contains("# SKIP") || rest.uppercased().contains("# TODO")
        let name = String(rest).before(" # ").withoutTiming
        output.add(name, isSkipped ? .skipped : failed ? .failed : .passed)
        return true
    }

    /// `--- PASS: TestX (0.00s)`; packages that don't build: `FAIL\texample.com/p [build failed]`.
    private static func go(_ line: Substring, _ output: inout TestOutput) {
        let text = line.trimmed
        for (mark, outcome) in [("--- PASS: ", Outcome.passed), ("--- FAIL: ", .failed), ("--- SKIP: ", .skipped)] {
            if let name = text.after(mark) { output.add(name.withoutTiming, outcome) }
        }
        if text.hasPrefix("FAIL\t"), text.hasSuffix("failed]") {
            output.add(text.split(separator: "\t").dropFirst().first.map { String($0).before(" [") } ?? text, .failed)
        }
    }

    /// `test tests::works ... ok`.
    private static func cargo(_ line: Substring, _ output: inout TestOutput) {
        guard let text = String(line).after("test "), let dots = text.range(of: " ... ") else { return }
        let word = text[dots.upperBound...]
        output.add(String(text[..<dots.lowerBound]), word.hasPrefix("ok") ? .passed : word.hasPrefix("ignored") ? .skipped : .failed)
    }

    /// XCTest: `Test Case 'A.b' passed (0.1 seconds)`. Swift Testing: `✔ Test "name" passed after 0.1 seconds.`
    private static func swift(_ line: Substring, _ output: inout TestOutput) {
        let text = line.trimmed
        if let rest = text.after("Test Case '"), let quote = rest.firstIndex(of: "'") {
            let word = rest[quote...].dropFirst().trimmed
            if word.hasPrefix("passed") { output.add(String(rest[..<quote]), .passed) }
            if word.hasPrefix("failed") { output.add(String(rest[..<quote]), .failed) }
            if word.hasPrefix("skipped") { output.add(String(rest[..<quote]), .skipped) }
            return
        }
        guard let start = text.range(of: "Test "), text.distance(from: text.startIndex, to: start.lowerBound) <= 3 else { return }
        let rest = String(text[start.upperBound...])
        for (mark, outcome) in [(" passed after ", Outcome.passed), (" failed after ", .failed), (" skipped", .skipped)] {
            if let end = rest.range(of: mark), !rest.hasPrefix("run ") {
                output.add(String(rest[..<end.lowerBound]).before(" with "), outcome)
                return
            }
        }
    }

    /// `[ERROR] Tests run: 5, Failures: 1, Errors: 0, Skipped: 0`, once for each module; lines with a time are single classes.
    private static func maven(_ line: Substring, _ output: inout TestOutput) {
        let text = String(line)
        guard let start = text.range(of: "Tests run: "), !text.contains("Time elapsed") else { return }
        var numbers: [String: Int] = [:]
        for part in text[start.lowerBound...].split(separator: ",") {
            let pair = part.split(separator: ":")
            if pair.count == 2, let number = count(pair[1].trimmed.prefix(while: \.isNumber)) { numbers[pair[0].trimmed] = number }
        }
        guard let run = numbers["Tests run"] else { return }
        let failed = (numbers["Failures"] ?? 0) + (numbers["Errors"] ?? 0)
        let skipped = numbers["Skipped"] ?? 0
        var module = TestOutput()
        module.summary = TestReport.Counts(passed: max(0, run - failed - skipped), failed: failed, skipped: skipped)
        output.merge(module)
    }

    /// `  Passed Namespace.Class.Test [12 ms]`.
    private static func dotnet(_ line: Substring, _ output: inout TestOutput) {
        let text = line.trimmed
        for (mark, outcome) in [("Passed ", Outcome.passed), ("Failed ", .failed), ("Skipped ", .skipped)] {
            guard let name = text.after(mark), name.hasSuffix("]") else { continue }
            output.add(name.before(" ["), outcome)
        }
    }

    /// `rspec ./spec/a_spec.rb:4 # A adds`, `5 examples, 1 failure, 2 pending`.
    private static func rspec(_ line: Substring, _ output: inout TestOutput) {
        if let rest = String(line).after("rspec ") { output.add(rest.before(" # "), .failed) }
        let parts = line.split(separator: ",").map(\.trimmed)
        guard let all = parts.first.flatMap({ number($0, "example") }) else { return }
        let failed = parts.lazy.compactMap { number($0, "failure") }.first ?? 0
        let pending = parts.lazy.compactMap { number($0, "pending") }.first ?? 0
        output.add(TestReport.Counts(passed: max(0, all - failed - pending), failed: failed, skipped: pending))
    }

    /// `TestCalc#test_adds = 0.00 s = .`, `5 runs, 5 assertions, 1 failures, 0 errors, 0 skips`.
    private static func minitest(_ line: Substring, _ output: inout TestOutput) {
        let columns = String(line).components(separatedByText: " = ")
        if columns.count == 3, columns[0].contains("#") {
            let outcome: Outcome = columns[2].hasPrefix(".") ? .passed : columns[2].hasPrefix("S") ? .skipped : .failed
            output.add(columns[0], outcome)
        }
        let parts = line.split(separator: ",").map(\.trimmed)
        guard let all = parts.first.flatMap({ number($0, "run") ?? number($0, "test") }), parts.count >= 4 else { return }
        let failed = parts.lazy.compactMap { number($0, "failure") }.first ?? 0
        let errors = parts.lazy.compactMap { number($0, "error") }.first ?? 0
        let skipped = parts.lazy.compactMap { number($0, "skip") }.first ?? 0
        // One line for each suite that ran.
        output.add(TestReport.Counts(passed: max(0, all - failed - errors - skipped), failed: failed + errors, skipped: skipped))
    }

    /// `1) CalcTest::testAdds`, `Tests: 5, Assertions: 5, Failures: 1.`, `OK (5 tests, 5 assertions)`.
    private static func phpunit(_ line: Substring, _ output: inout TestOutput) {
        let text = line.trimmed
        if let close = text.firstIndex(of: ")"), Int(text[..<close]) != nil, text.contains("::") {
            output.add(text[close...].dropFirst().trimmed, .failed)
        }
        if let rest = text.after("OK ("), let all = count(rest.prefix(while: \.isNumber)) {
            output.add(TestReport.Counts(passed: all))
        }
        guard text.hasPrefix("Tests: ") else { return }
        var numbers: [String: Int] = [:]
        for part in text.split(whereSeparator: { $0 == "," || $0 == "." }) {
            let pair = part.split(separator: ":")
            if pair.count == 2 { numbers[pair[0].trimmed] = count(pair[1].trimmed) }
        }
        let failed = (numbers["Failures"] ?? 0) + (numbers["Errors"] ?? 0)
        output.add(
            TestReport.Counts(
                passed: max(0, (numbers["Tests"] ?? 0) - failed - (numbers["Skipped"] ?? 0)), failed: failed, skipped: numbers["Skipped"] ?? 0))
    }

    /// `1/3 Test #1: adds .......   Passed    0.00 sec`.
    private static func ctest(_ line: Substring, _ output: inout TestOutput) {
        guard line.contains("Test "), let hash = line.firstIndex(of: "#"), let colon = line[hash...].firstIndex(of: ":") else { return }
        let rest = line[colon...].dropFirst().trimmed
        guard let end = rest.range(of: " .") ?? rest.range(of: "..") else { return }
        let name = rest[..<end.lowerBound].trimmed
        if rest.contains("Passed") { output.add(name, .passed) }
        if rest.contains("***Failed") || rest.contains("***Exception") || rest.contains("***Timeout") || rest.contains("***Not Run") {
            output.add(name, .failed)
        }
        if rest.contains("***Skipped") { output.add(name, .skipped) }
    }

    /// `1/3 adds        OK       0.01s`.
    private static func meson(_ line: Substring, _ output: inout TestOutput) {
        let words = line.split(separator: " ")
        guard words.count >= 3, words[0].contains("/"), words[0].allSatisfy({ $0.isNumber || $0 == "/" }) else { return }
        let outcomes: [Substring: Outcome] = ["OK": .passed, "FAIL": .failed, "TIMEOUT": .failed, "ERROR": .failed, "SKIP": .skipped]
        guard let at = words.firstIndex(where: { outcomes[$0] != nil }), let outcome = outcomes[words[at]] else { return }
        output.add(words[1..<at].joined(separator: " "), outcome)
    }

    /// Automake's and TAP's lines, and what other runners print when a Makefile or script calls them.
    private static func any(_ line: Substring, _ output: inout TestOutput) {
        let text = line.trimmed
        if tap(text, &output) { return }
        for (mark, outcome) in [("PASS: ", Outcome.passed), ("FAIL: ", .failed), ("ERROR: ", .failed), ("SKIP: ", .skipped), ("XFAIL: ", .skipped)] {
            if let name = text.after(mark) { return output.add(name, outcome) }
        }
        if text.contains("::"), text.contains("PASSED") || text.contains("FAILED") || text.contains("ERROR") { return pytest(line, &output) }
        if text.hasPrefix("--- ") { return go(line, &output) }
        if text.hasPrefix("test "), text.contains(" ... ") { return cargo(line, &output) }
        if text.contains(" ... ") { return unittest(line, &output) }
        if text.contains("Test Case '") || text.contains(" passed after ") || text.contains(" failed after ") { return swift(line, &output) }
    }

    /// `3 passed, 1 failed, 2 skipped` anywhere in the line.
    private static func counted(_ line: Substring) -> TestReport.Counts? {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "=" })
        var counts = TestReport.Counts()
        var found = false
        for (number, word) in zip(words, words.dropFirst()) {
            guard let number = count(number) else { continue }
            switch word {
            case "passed": counts.passed += number
            case "failed", "error", "errors": counts.failed += number
            case "skipped", "xfailed", "todo": counts.skipped += number
            default: continue
            }
            found = true
        }
        return found ? counts : nil
    }

    private static func number(_ text: String, _ word: String) -> Int? {
        let parts = text.split(separator: " ")
        guard parts.count >= 2, parts[1].hasPrefix(word) else { return nil }
        return count(parts[0])
    }

    /// A number of tests. The text is the project's own, so it may be any; sums of these stay within an `Int`.
    private static func count(_ text: some StringProtocol) -> Int? { Int(text).map { min(max($0, 0), 1_000_000_000) } }
}
