import Domain
import Testing

@testable import TestRuns

@Suite("What runners print")
struct TestOutputTests {
    @Test(
        "single tests are told apart",
        arguments: [
            (
                TestPlan.Runner.pytest, "tests/test_a.py::test_b PASSED [ 50%]\ntests/test_a.py::test_c FAILED [100%]", ["tests/test_a.py::test_b"],
                ["tests/test_a.py::test_c"]
            ),
            (.unittest, "test_a (test_x.X.test_a) ... ok\ntest_b (test_x.X.test_b) ... FAIL", ["test_a (test_x.X.test_a)"], ["test_b (test_x.X.test_b)"]),
            (.node, "ok 1 - adds # time=1ms\nnot ok 2 - divides", ["adds"], ["divides"]),
            (.go, "--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.01s)", ["TestA"], ["TestB"]),
            (.cargo, "test a::works ... ok\ntest a::breaks ... FAILED", ["a::works"], ["a::breaks"]),
            (.swift, "Test Case 'A.testB' passed (0.1 seconds)\n✘ Test \"mends\" failed after 0.1 seconds with 1 issue.", ["A.testB"], ["\"mends\""]),
            (.ctest, "1/2 Test #1: adds .......   Passed    0.00 sec\n2/2 Test #2: divides ....***Failed    0.00 sec", ["adds"], ["divides"]),
            (.meson, "1/2 adds        OK       0.01s\n2/2 divides   FAIL     0.01s", ["adds"], ["divides"]),
            (.make, "PASS: adds\nFAIL: divides", ["adds"], ["divides"]),
            (.minitest, "TestCalc#test_adds = 0.00 s = .\nTestCalc#test_div = 0.00 s = F", ["TestCalc#test_adds"], ["TestCalc#test_div"]),
            (.dotnet, "  Passed N.C.Adds [12 ms]\n  Failed N.C.Divides [3 ms]", ["N.C.Adds"], ["N.C.Divides"]),
        ])
    func names(runner: TestPlan.Runner, text: String, passed: [String], failed: [String]) {
        let output = TestOutput.parse(text, runner: runner)
        #expect(output.outcomes.filter { $0.value == .passed }.keys.sorted() == passed)
        #expect(output.outcomes.filter { $0.value == .failed }.keys.sorted() == failed)
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
}
