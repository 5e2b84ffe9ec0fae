import TestRuns

/// A failed job's log as plain text, cut to what matters: its end, and the lines around whatever looks like an error.
///
/// What stands in it is written by whoever can make a job print something, so it only ever becomes data for a model or a quote.
struct JobLog: Sendable {
    private let lines: [Substring]

    /// Lines around an error that are kept: what led to it, and what it says.
    private static let before = 3
    private static let after = 8
    private static let longestLine = 400
    /// Lines that are compared between two runs.
    private static let mostErrors = 2000

    init(_ text: String) {
        // By bytes: a log has many lines.
        lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Self.withoutStamp(Substring($0)) }
    }

    /// At most about `limit` characters: half for the end, half for the errors before it, the first ones first.
    func excerpt(limit: Int = 12_000) -> String {
        let shown = lines.map { $0.utf8.count > Self.longestLine ? $0.prefix(Self.longestLine) + "…" : $0 }
        let sizes = shown.map { $0.utf8.count + 1 }
        var start = shown.endIndex
        var left = limit / 2
        while start > 0, sizes[start - 1] <= left {
            start -= 1
            left -= sizes[start]
        }
        var kept: Set<Int> = []
        left += limit - limit / 2
        for index in 0..<start where Self.looksLikeError(shown[index]) {
            let range = max(0, index - Self.before)..<min(start, index + Self.after)
            let cost = range.reduce(0) { $0 + (kept.contains($1) ? 0 : sizes[$1]) }
            guard cost <= left else { break }
            left -= cost
            kept.formUnion(range)
        }
        var text: [Substring] = []
        var next = 0
        for index in kept.sorted() + Array(start..<shown.endIndex) {
            if index > next { text.append("[… \(index - next) lines left out …]") }
            text.append(shown[index])
            next = index + 1
        }
        return text.joined(separator: "\n")
    }

    /// What failed, so that two runs of a job can be compared: the tests that a runner names, and the lines that tell an error,
    /// without what differs from run to run.
    struct Failures: Sendable, Hashable {
        var tests: Set<String> = []
        /// Where a runner names tests, only what is no part of its report: a compiler's or a tool's errors.
        var errors: Set<String> = []

        /// Whether all of it was there before. A log that tells nothing says nothing about that.
        func areKnown(from before: Failures, allErrors: Set<String>) -> Bool {
            guard !tests.isEmpty || !errors.isEmpty else { return false }
            return tests.isSubset(of: before.tests) && errors.isSubset(of: allErrors)
        }
    }

    var failures: Failures {
        let output = TestOutput.parse(lines.joined(separator: "\n"), runner: .unknown)
        let tests = Set(output.outcomes.filter { $0.value == .failed && !Self.isEnding($0.key) }.map(\.key))
        guard !tests.isEmpty else { return Failures(errors: allErrors) }
        let others = errors.filter { line in Self.isOfATool(line) && !tests.contains { line.contains($0) } }
        return Failures(tests: tests, errors: Set(others.prefix(Self.mostErrors).map(Self.withoutNumbers)))
    }

    private var allErrors: Set<String> { Set(errors.prefix(Self.mostErrors).map(Self.withoutNumbers)) }

    /// Whether this job fails only in ways in which it failed in another run.
    func failsOnly(as before: JobLog) -> Bool { failures.areKnown(from: before.failures, allErrors: before.allErrors) }

    /// What failed in the other run, too.
    func known(from before: JobLog) -> Set<String> {
        let (now, then) = (failures, before.failures)
        return now.tests.intersection(then.tests).union(now.errors.intersection(before.allErrors))
    }

    /// `error: no such thing`, `error[E0308]: mismatched types`, but not `AssertionError: 3 != 4`, which belongs to a test.
    private static func isOfATool(_ line: Substring) -> Bool {
        line.prefix(longestLine).lowercased().contains(/(?:^|[^a-z])(?:fatal error|error|fatal)(?:\[[a-z0-9]+\])?:/)
    }

    /// The lines that tell an error, at most `limit` of them.
    func errorLines(limit: Int = 12) -> [String] { Array(errors.prefix(limit)).map { String($0.prefix(Self.longestLine)) } }

    private var errors: some Sequence<Substring> { lines.lazy.filter { Self.looksLikeError($0) && !Self.isEnding($0) } }

    private static let words = [
        "error", "fail", "fatal", "panic", "exception", "traceback", "assert", "not ok", "undefined", "cannot ", "can't ", "no such ",
        "denied", "not found", "✗", "✘", "✖", "segmentation",
    ]
    private static let harmless = ["0 error", "0 fail", "no error", "no fail", "errors: 0", "failed: 0", "failures: 0"]

    private static func looksLikeError(_ line: Substring) -> Bool {
        let line = line.prefix(longestLine).lowercased()
        return words.contains { line.contains($0) } && !harmless.contains { line.contains($0) }
    }

    /// The runner's own last words, the same for every job that fails.
    private static func isEnding(_ line: some StringProtocol) -> Bool {
        line.contains("Job failed") || line.contains("exit code") || line.contains("exit status") || line.contains("script_failure")
    }

    private static func withoutNumbers(_ line: Substring) -> String {
        var text = ""
        for character in line.prefix(longestLine) where !character.isWhitespace || text.last?.isWhitespace == false {
            if character.isNumber { if text.last != "#" { text.append("#") } } else { text.append(character.isWhitespace ? " " : character) }
        }
        return text
    }

    /// `2024-05-22T12:43:46.962646Z 00O text`, as newer runners begin each line.
    private static func withoutStamp(_ line: Substring) -> Substring {
        guard let match = line.prefixMatch(of: /\d{4}-\d\d-\d\dT[\d:.]{8,20}Z (?:\d\d[OE]\+? ?)?/) else { return line }
        return line[match.range.upperBound...]
    }
}
