import Domain
import Testing

@testable import TestRuns

@Suite("What runners print")
struct TestOutputTests {
    /// What a runner prints of a test that passes and of one that fails. The log shows the runner's name alone: lines that look like
    /// failures are kept out of it.
    struct Sample: CustomTestStringConvertible {
        let runner: TestPlan.Runner
        let text: String
        let passed: String
        let failed: String
        var testDescription: String { "\(runner)" }

        init(_ runner: TestPlan.Runner, _ text: String, _ passed: String, _ failed: String) {
            (self.runner, self.text, self.passed, self.failed) = (runner, text, passed, failed)
        }
    }

    @Test(
        "single tests are told apart",
        arguments: [
            Sample(
                .pytest, "tests/test_a.py::test_b PASSED [ 50%]\ntests/test_a.py::test_c FAILED [100%]", "tests/test_a.py::test_b", "tests/test_a.py::test_c"),
            Sample(.unittest, "test_a (test_x.X.test_a) ... ok\ntest_b (test_x.X.test_b) ... FAIL", "test_a (test_x.X.test_a)", "test_b (test_x.X.test_b)"),
            Sample(.node, "ok 1 - adds # time=1ms\nnot ok 2 - divides", "adds", "divides"),
            Sample(.go, "--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.01s)", "TestA", "TestB"),
            Sample(.cargo, "test a::works ... ok\ntest a::breaks ... FAILED", "a::works", "a::breaks"),
            Sample(.swift, "Test Case 'A.testB' passed (0.1 seconds)\n✘ Test \"mends\" failed after 0.1 seconds with 1 issue.", "A.testB", "\"mends\""),
            Sample(.ctest, "1/2 Test #1: adds .......   Passed    0.00 sec\n2/2 Test #2: divides ....***Failed    0.00 sec", "adds", "divides"),
            Sample(.meson, "1/2 adds        OK       0.01s\n2/2 divides   FAIL     0.01s", "adds", "divides"),
            Sample(.make, "PASS: adds\nFAIL: divides", "adds", "divides"),
            Sample(.minitest, "TestCalc#test_adds = 0.00 s = .\nTestCalc#test_div = 0.00 s = F", "TestCalc#test_adds", "TestCalc#test_div"),
            Sample(.dotnet, "  Passed N.C.Adds [12 ms]\n  Failed N.C.Divides [3 ms]", "N.C.Adds", "N.C.Divides"),
        ])
    func names(_ sample: Sample) {
        let output = TestOutput.parse(sample.text, runner: sample.runner)
        #expect(output.outcomes == [sample.passed: .passed, sample.failed: .failed])
    }

    @Test("A50: a line that only looks like a runner's is no test and ends nothing", arguments: [TestPlan.Runner.cargo, .make, .unknown])
    func lookalike(runner: TestPlan.Runner) {
        #expect(TestOutput.parse("test ... ok\ntest  ... FAILED\n", runner: runner).counts?.failed ?? 0 <= 1)
    }

    struct Counted: CustomTestStringConvertible {
        let runner: TestPlan.Runner
        let text: String
        let counts: TestReport.Counts?
        var failed: [String] = []
        var testDescription: String { "\(runner)" }
    }

    @Test(
        "failures are named and tests counted as each runner tells them",
        arguments: [
            Counted(
                runner: .maven,
                text: """
                    [INFO] Running com.example.CalcTest
                    [ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1, Time elapsed: 0.05 s <<< FAILURE! - in com.example.CalcTest
                    [ERROR]   CalcTest.adds:12 expected: <3> but was: <4>
                    [ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1
                    """, counts: .init(passed: 1, failed: 1, skipped: 1)),
            Counted(runner: .maven, text: "[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0\n[INFO] BUILD SUCCESS", counts: .init(passed: 5)),
            Counted(
                runner: .rspec,
                text: "Failed examples:\n\nrspec ./spec/calc_spec.rb:4 # Calc adds\n\n5 examples, 1 failure, 2 pending",
                counts: .init(passed: 2, failed: 1, skipped: 2), failed: ["./spec/calc_spec.rb:4"]),
            Counted(runner: .rspec, text: "..\n\n2 examples, 0 failures", counts: .init(passed: 2)),
            Counted(
                runner: .phpunit, text: "1) CalcTest::testAdds\nFailed asserting that 4 matches 3.\n\nTests: 4, Assertions: 4, Failures: 1, Skipped: 1.",
                counts: .init(passed: 2, failed: 1, skipped: 1), failed: ["CalcTest::testAdds"]),
            Counted(runner: .phpunit, text: "OK (5 tests, 7 assertions)", counts: .init(passed: 5)),
            Counted(
                runner: .go,
                text:
                    "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- FAIL: TestB/empty (0.00s)\n--- SKIP: TestC (0.00s)\nFAIL\texample.com/p [build failed]",
                counts: .init(passed: 1, failed: 2, skipped: 1), failed: ["TestB/empty", "example.com/p"]),
            Counted(
                runner: .cargo, text: "running 3 tests\ntest a::works ... ok\ntest a::breaks ... FAILED\ntest a::later ... ignored",
                counts: .init(passed: 1, failed: 1, skipped: 1), failed: ["a::breaks"]),
            Counted(
                runner: .pytest, text: "FAILED tests/test_a.py::test_b - assert 1 == 2\n===== 1 failed, 3 passed, 1 skipped in 0.12s =====",
                counts: .init(passed: 3, failed: 1, skipped: 1), failed: ["tests/test_a.py::test_b"]),
        ])
    func counts(_ sample: Counted) {
        let output = TestOutput.parse(sample.text, runner: sample.runner)
        #expect(output.counts == sample.counts)
        #expect(output.outcomes.filter { $0.value == .failed }.keys.sorted() == sample.failed.sorted())
    }

    @Test("JUnit XML is read")
    func junit() throws {
        let xml = "<testsuite><testcase classname=\"A\" name=\"b\"/><testcase classname=\"A\" name=\"c\"><failure>x</failure></testcase></testsuite>"
        let output = try #require(JUnitReport.parse(Array(xml.utf8)))
        #expect(output.outcomes == ["A.b": .passed, "A.c": .failed])
    }

    @Test("failures are new, old, repaired or flaky by what the base commit and a second run say")
    func comparison() {
        let base = TestRun(outcomes: ["old": .failed, "mended": .failed, "fine": .passed])
        let head = TestRun(
            commands: [.init(line: "t", purpose: .test, exitCode: 1, durationSeconds: 1)],
            outcomes: ["old": .failed, "mended": .passed, "fine": .failed, "shaky": .failed])
        let again = TestRun(outcomes: ["old": .failed, "fine": .failed, "shaky": .passed])
        let report = TestReport.comparing(base: base, head: head, again: again)
        #expect(report.verdict == .failed)
        #expect(report.newFailures == ["fine"])
        #expect(report.oldFailures == ["old"])
        #expect(report.repaired == ["mended"])
        #expect(report.flaky == ["shaky"])
    }

    @Test("no tests found is never called passed")
    func nothing() {
        #expect(TestReport.comparing(base: nil, head: TestRun(), again: nil).verdict == .noTests)
    }

    @Test(
        "A08: a report with a document type, or in a disguised one, is not read",
        arguments: [
            "<!DOCTYPE t [<!ENTITY a \"b\">]><testsuite><testcase name=\"&a;\"/></testsuite>",
            "<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADwAIQ-DOCTYPE t><testsuite/>",
            "<!-- x --><?pi y?>\n<!DOCTYPE t SYSTEM \"file:///etc/passwd\"><testsuite/>", "<?xml encoding", "", "x",
        ])
    func documentType(text: String) {
        #expect(JUnitReport.parse(Array(text.utf8)) == nil)
        #expect(
            JUnitReport.parse(Array("<?xml version='1.0' encoding='utf-8'?>\n<!-- a --><testsuite><testcase name='n'/></testsuite>".utf8))?.outcomes == [
                "n": .passed
            ])
    }

    @Test(
        "A08: odd declarations and references that nobody declared end nothing",
        arguments: [
            "<?xml?><testsuite><testcase name=\"a\"/></testsuite>", "<?xml?>\n<?xml?><testsuite><testcase name=\"a\"/></testsuite>",
            "<testsuite><testcase name=\"a\"/><?xml?></testsuite>", "<testsuite><testcase name=\"a\"/>&e;</testsuite>",
            "<testsuite><testcase name=\"a\"/><b c=\"&e;\"/><![CDATA[&e;]]></testsuite>",
            "<?xml version=\"1.0\"?><testsuite><testcase name=\"&#97;\"/></testsuite>",
        ])
    func odd(text: String) {
        let outcomes = JUnitReport.parse(Array(text.utf8))?.outcomes
        #expect(outcomes == nil || outcomes == ["a": .passed])
    }

    @Test(
        "A50: counts that no machine can add up are read as many, and end nothing",
        arguments: [
            ("===== 9223372036854775807 passed, 9223372036854775807 error in 0.10s =====", TestPlan.Runner.pytest),
            ("Tests run: 9223372036854775807, Failures: 9223372036854775807, Errors: 9223372036854775807, Skipped: 9", .maven),
            ("9223372036854775807 runs, 1 assertions, 9223372036854775807 failures, 9223372036854775807 errors, 1 skips", .minitest),
            ("9223372036854775807 examples, 9223372036854775807 failures, 9223372036854775807 pending", .rspec),
            ("Tests: -9223372036854775808, Failures: 9223372036854775807, Errors: 1.", .phpunit),
        ])
    func hugeCounts(text: String, runner: TestPlan.Runner) throws {
        let counts = try #require(TestOutput.parse(text, runner: runner).counts)
        #expect([counts.passed, counts.failed, counts.skipped].allSatisfy { (0...4_000_000_000).contains($0) })
    }
}
