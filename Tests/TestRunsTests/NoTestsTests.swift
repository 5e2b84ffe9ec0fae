import Domain
import Testing

@testable import TestRuns

@Suite("A project without tests")
struct NoTestsTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var runner: TestPlan.Runner
        var text: String
        var exitCode = 0
        var testDescription: String { "\(runner) \(exitCode)" }
    }

    @Test(
        "a runner that finds none counts as nothing, whatever its exit code",
        arguments: [
            Sample(runner: .cargo, text: "   Doc-tests demo\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out"),
            Sample(runner: .unittest, text: "\n----------\nRan 0 tests in 0.000s\n\nOK"),
            Sample(runner: .unittest, text: "\n----------\nRan 0 tests in 0.000s\n\nNO TESTS RAN", exitCode: 5),
            Sample(runner: .pytest, text: "collected 0 items\n\n===== no tests ran in 0.01s =====", exitCode: 5),
            Sample(runner: .ctest, text: "Test project /w/.build-tests\nNo tests were found!!!"),
            Sample(runner: .rspec, text: "No examples found.\n\n\nFinished in 0.0 seconds\n0 examples, 0 failures\n"),
            Sample(runner: .node, text: "TAP version 13\n1..0\n# tests 0\n# suites 0\n# pass 0\n# fail 0"),
            Sample(runner: .node, text: "ℹ tests 0\nℹ pass 0"),
            Sample(runner: .node, text: "No tests found, exiting with code 1\nRun with `--passWithNoTests`", exitCode: 1),
            Sample(runner: .go, text: "?   \texample.com/p\t[no test files]"),
            Sample(runner: .swift, text: "\t Executed 0 tests, with 0 failures\n✔ Test run with 0 tests in 0 suites passed after 0.001 seconds."),
            Sample(runner: .maven, text: "[INFO] No tests to run."), Sample(runner: .gradle, text: "> Task :test NO-SOURCE\n\nBUILD SUCCESSFUL in 1s"),
            Sample(runner: .phpunit, text: "PHPUnit 11.0\n\nNo tests executed!"), Sample(runner: .meson, text: "No tests defined."),
            Sample(runner: .minitest, text: "Finished in 0.001s\n\n0 runs, 0 assertions, 0 failures, 0 errors, 0 skips"),
            Sample(runner: .dotnet, text: "No test is available in /w/bin/Demo.dll."),
            Sample(runner: .make, text: "python3 -m unittest\nRan 0 tests in 0.000s\n\nOK"),
        ])
    func none(_ sample: Sample) {
        #expect(Self.judged(sample).outcomes.isEmpty)
    }

    @Test(
        "a command whose output tells nothing counts as one test, and so does one that only counts",
        arguments: [
            Sample(runner: .make, text: "cc -o t t.c\n./t\nall is well"), Sample(runner: .unknown, text: ""),
            Sample(runner: .rspec, text: "..\n\n2 examples, 0 failures"), Sample(runner: .go, text: "ok  \texample.com/p\t0.01s"),
        ])
    func plain(_ sample: Sample) {
        #expect(Self.judged(sample).outcomes == ["the line": .passed])
    }

    @Test(
        "a part without tests takes nothing from the parts that had some",
        arguments: [
            Sample(runner: .go, text: "?   \texample.com/cmd\t[no test files]\nok  \texample.com/p\t0.01s\nok  \texample.com/q\t(cached)"),
            Sample(runner: .unknown, text: "running 3 tests\n...\ntest result: ok. 3 passed; 0 failed\n\n   Doc-tests demo\nrunning 0 tests\n"),
            Sample(runner: .unknown, text: "[1/2] Testing DemoTests.A/one\n[2/2] Testing DemoTests.A/two\n✔ Test run with 0 tests in 0 suites passed."),
            Sample(runner: .unknown, text: "> Task :test NO-SOURCE\n> Task :core:compileTestJava\n> Task :core:test\nBUILD SUCCESSFUL"),
            Sample(runner: .dotnet, text: "No test is available in /w/Empty.dll.\nPassed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5"),
            Sample(
                runner: .minitest,
                text: "4 runs, 9 assertions, 0 failures, 0 errors, 0 skips\n\n0 runs, 0 assertions, 0 failures, 0 errors, 0 skips"),
        ])
    func beside(_ sample: Sample) {
        #expect(Self.judged(sample).outcomes == ["the line": .passed])
    }

    @Test("what fails without naming a test counts as a failure")
    func failing() {
        let broken = Sample(runner: .rspec, text: "0 examples, 0 failures, 1 error occurred outside of examples", exitCode: 1)
        #expect(Self.judged(broken).outcomes == ["the line": .failed])
        #expect(Self.judged(Sample(runner: .make, text: "", exitCode: 2)).outcomes == ["the line": .failed])
    }

    @Test("a syntax check or a lint that passes is not called a passed test")
    func checks() {
        var head = TestRun(commands: [Self.command(.syntax), Self.command(.test)], outcomes: ["syntax of a.py": .passed, "ruff": .passed])
        head.checks = ["syntax of a.py", "ruff"]
        let report = TestReport.comparing(base: nil, head: head, again: nil)
        #expect(report.verdict == .noTests)
        #expect(report.summary == "No tests were found.")
    }

    @Test("a missing tool or a set-up that fails is told, also beside a syntax check that passes")
    func obstacle() {
        var head = TestRun(commands: [Self.command(.syntax)], outcomes: ["syntax of a.py": .passed], checks: ["syntax of a.py"])
        head.obstacle = "The tests need `cargo`, which is not installed where AI Coder runs."
        let report = TestReport.comparing(base: nil, head: head, again: nil)
        #expect(report.verdict == .notRun && report.summary == head.obstacle)
        head.outcomes["syntax of a.py"] = .failed
        let failed = TestReport.comparing(base: nil, head: head, again: nil)
        #expect(failed.verdict == .failed && failed.newFailures == ["syntax of a.py"] && failed.summary.contains("cargo"))
    }

    @Test("tests that are all skipped have not passed")
    func skipped() {
        let head = TestRun(commands: [Self.command(.test)], outcomes: ["a": .skipped])
        let report = TestReport.comparing(base: nil, head: head, again: nil)
        #expect(report.verdict == .notRun && report.summary == "All tests were skipped.")
    }

    private static func judged(_ sample: Sample) -> TestOutput {
        var output = TestOutput.parse(sample.text, runner: sample.runner)
        output.judge(.init("the line", runner: sample.runner), exitCode: sample.exitCode, text: sample.text)
        return output
    }

    private static func command(_ purpose: TestReport.Command.Purpose) -> TestReport.Command {
        .init(line: "t", purpose: purpose, exitCode: 0, durationSeconds: 1)
    }

    @Test("A50: output that is made to be slow to read holds nobody up", .timeLimit(.minutes(1)))
    func slowLines() {
        let regions = String(repeating: "\u{1F1E6}", count: 64 << 10)
        let many = String(repeating: "a\n", count: 64 << 10)
        for text in [regions, many, regions + "\n" + many] {
            #expect(!TestOutput.saysNoTests(text) && !TestOutput.showsTests(text))
            #expect(!TestOutput.failsForNoTests(text, runner: .node, exitCode: 1))
        }
        #expect(TestOutput.showsTests(regions + "\nrunning 3 tests\n") && TestOutput.saysNoTests(regions + "\nno tests ran\n"))
    }
}
