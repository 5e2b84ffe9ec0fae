import Testing

@testable import Pipeline

@Suite("Failed jobs' logs")
struct JobLogTests {
    private static let noise = (1...5000).map { "line \($0) of output that nobody needs" }

    @Test("the end and the lines around an error are kept, the rest is left out")
    func cut() {
        let text = (Self.noise + ["compiling a.c", "a.c:3: error: no such thing", "   ^"] + Self.noise + ["the last words"]).joined(separator: "\n")
        let excerpt = JobLog(text).excerpt(limit: 4000)
        #expect(excerpt.utf8.count < 5000)
        #expect(excerpt.contains("a.c:3: error: no such thing") && excerpt.contains("compiling a.c"))
        #expect(excerpt.hasSuffix("the last words"))
        #expect(excerpt.contains("lines left out"))
    }

    @Test("a flood of errors, endless lines and an empty log stay within the limit")
    func bounded() {
        let flood = Array(repeating: "error: " + String(repeating: "x", count: 5000), count: 2000).joined(separator: "\n")
        #expect(JobLog(flood).excerpt(limit: 4000).utf8.count < 6000)
        #expect(JobLog(flood).errorLines().count == 12)
        #expect(JobLog("").excerpt() == "")
        #expect(JobLog(String(repeating: "y", count: 1 << 20)).excerpt(limit: 4000).utf8.count < 4000)
    }

    @Test("stamps of newer runners are taken off")
    func stamps() {
        #expect(JobLog("2024-05-22T12:43:46.962646Z 00O not ok 1 - a\n2024-05-22T12:43:47.1Z 01E+more").excerpt() == "not ok 1 - a\nmore")
    }

    /// Two logs. Shown by a word, so that their lines do not stand in the log of these tests.
    struct Pair: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let now: String
        let then: String
        let isSame: Bool
    }

    @Test(
        "two runs that fail in the same way tell the same failures",
        arguments: [
            Pair(testDescription: "other order and number", now: "not ok 1 - a\nok 2 - b", then: "# took 3 s\nnot ok 2 - a\nok 1 - b", isSame: true),
            Pair(testDescription: "other test", now: "not ok 1 - a", then: "not ok 1 - c", isSame: false),
            Pair(
                testDescription: "other line", now: "src/a.c:12: error: bad", then: "src/a.c:14: error: bad\nERROR: Job failed: exit code 2", isSame: true),
            Pair(testDescription: "other file", now: "src/a.c:12: error: bad", then: "src/b.c:12: error: worse", isSame: false),
            Pair(
                testDescription: "summary and progress", now: "FAILED tests/test_a.py::test_x - assert 1", then: "tests/test_a.py::test_x FAILED [ 50%]",
                isSame: true),
            Pair(testDescription: "nothing told now", now: "killed\n", then: "not ok 1 - a", isSame: false),
            Pair(testDescription: "nothing told at all", now: "", then: "", isSame: false),
            Pair(
                testDescription: "old test and new compiler error", now: "not ok 1 - a\nsrc/b.c:3: error: no such thing", then: "not ok 1 - a",
                isSame: false),
            Pair(
                testDescription: "old test and old compiler error", now: "not ok 1 - a\nsrc/b.c:3: error: no such thing",
                then: "src/b.c:9: error: no such thing\nnot ok 4 - a", isSame: true),
            Pair(
                testDescription: "old test with another message", now: "not ok 1 - a\n  AssertionError: 3 != 4", then: "not ok 1 - a\n  AssertionError: x",
                isSame: true),
        ])
    func comparison(_ pair: Pair) {
        let (now, then) = (JobLog(pair.now), JobLog(pair.then))
        #expect(now.failsOnly(as: then) == pair.isSame, "\(now.failures) \(then.failures)")
    }

    @Test("what failed before is told beside what is new")
    func known() {
        let then = JobLog("not ok 1 - a\nnot ok 2 - b")
        #expect(JobLog("not ok 1 - a\nnot ok 2 - c").known(from: then).map { $0.contains("a") } == [true])
    }
}
