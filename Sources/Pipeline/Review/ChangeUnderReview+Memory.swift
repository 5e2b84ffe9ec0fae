import Agent
import Domain
import Workspaces

extension ChangeUnderReview {
    /// What is new among the findings of a round, and what the others found again.
    struct Marked: Sendable, Codable {
        var findings: [MarkedFinding] = []
        /// Discussions of earlier findings that were made once more: their trouble is still there.
        var repeated: Set<String> = []
        /// The prints of such findings in the summary.
        var carried: Set<String> = []
    }

    /// What of earlier findings the change has mended, and what of those in the summary still holds.
    struct Mended: Sendable, Codable {
        var threads: [ReviewMemory.Thread] = []
        var carried: [CarriedFinding] = []
        var openBefore = 0
    }

    /// How the model is told of earlier findings, each with a name for this review: all of them in a line, and what they say and were
    /// answered as far as there is room in `limit` characters.
    func earlier(_ memory: ReviewMemory, limit: Int = .max) -> [String] {
        var told = memory.threads.enumerated().map { index, thread in
            let state = thread.isRejected ? "rejected by people" : thread.isResolved ? "resolved" : "open"
            return "E\(index + 1) (\(state)) \(thread.path)\(thread.line.map { ":\($0)" } ?? ""): \(thread.title)"
        }
        var room = limit - told.reduce(0) { $0 + $1.count + 1 }
        for (index, thread) in memory.threads.enumerated() {
            let more = (thread.body.isEmpty ? "" : ". \(thread.body)") + thread.replies.map { "\n    answered by \($0)" }.joined()
            guard more.count <= room else { continue }
            room -= more.count
            told[index] += more
        }
        return told
    }

    /// Gives each finding its mark, leaves out what was said before, and checks the suggestions.
    func mark(
        _ findings: [ReviewOutcome.Finding], workshop: Workshop, run: TaskRun, memory: ReviewMemory
    ) async throws -> Marked {
        let checked = try await SuggestionCheck(run: run, files: heads, diffs: diffs, workshop: workshop).check(findings)
        return try await mark(Array(zip(findings, checked)), memory: memory)
    }

    func mark(_ findings: [(ReviewOutcome.Finding, suggestion: [String]?)], memory: ReviewMemory) async throws -> Marked {
        var marked = Marked()
        // What was mended and comes back is a finding of its own beside the old one.
        var taken = Set(memory.threads.filter { !$0.isInForce }.map(\.mark.print))
        for (finding, suggestion) in findings {
            let (code, range) = try await lines(of: finding)
            func mark(_ number: Int) -> FindingMark {
                FindingMark(path: finding.path, title: finding.title, code: code, at: range, isOld: finding.side == .old, number: number)
            }
            let first = mark(0)
            let threads = try await repeated(finding, first, memory)
            let carried = memory.carried.filter {
                $0.mark.print == first.print || ($0.mark.place == first.place && FindingMark.areAlike($0.title, finding.title))
            }
            marked.repeated.formUnion(threads.map(\.discussionID))
            marked.carried.formUnion(carried.map(\.mark.print))
            guard threads.isEmpty, carried.isEmpty else { continue }
            var (own, number) = (first, 0)
            while taken.contains(own.print) {
                number += 1
                own = mark(number)
            }
            taken.insert(own.print)
            marked.findings.append(MarkedFinding(finding: finding, mark: own, suggestion: suggestion))
        }
        return marked
    }

    /// The threads in which it was said before: in the same words about the same code, or anything about code that has not changed.
    private func repeated(
        _ finding: ReviewOutcome.Finding, _ mark: FindingMark, _ memory: ReviewMemory
    ) async throws -> [ReviewMemory.Thread] {
        let isNew = isNew(finding)
        let files = names.all(of: finding.path)
        var found: [ReviewMemory.Thread] = []
        for thread in memory.threads where thread.isInForce {
            let isAlike = FindingMark.areAlike(thread.title, finding.title)
            if thread.mark.print == mark.print || (thread.mark.place == mark.place && (isAlike || !isNew)) {
                found.append(thread)
                continue
            }
            guard isAlike, files.contains(thread.path), !thread.isResolved || thread.isRejected else { continue }
            // Its code was touched and it is still there: the thread goes on telling so.
            if let line = thread.line, abs(line - (finding.endLine ?? finding.line)) <= 3 {
                found.append(thread)
            } else if thread.isWavedOff, FindingMark.areAlike(thread.title, finding.title, from: 0.6), try await !isThere(thread.mark, thread.path) {
                // People wished it to be let be, and an edit does not change what they said.
                found.append(thread)
            }
        }
        return found
    }

    /// About lines that were not there, or not read, at the last review.
    private func isNew(_ finding: ReviewOutcome.Finding) -> Bool {
        guard let news else { return true }
        let last = finding.endLine ?? finding.line
        guard finding.side == .old else { return news.contains(last, of: finding.path) }
        return names.all(of: finding.path).contains { path in
            news.whole.contains(path) || diffs[path]?.newLine(atOld: last).map { news.contains($0, of: path) } ?? false
        }
    }

    /// The file on the finding's side, and where in it the finding lies, from 0.
    private func lines(of finding: ReviewOutcome.Finding) async throws -> (CodeLines, Range<Int>) {
        let last = max(finding.line, finding.endLine ?? finding.line)
        if finding.side == .new {
            return (try await heads.file(finding.path)?.code ?? CodeLines([]), (finding.line - 1)..<last)
        }
        let removed = diffs[finding.path]?.hunks.flatMap(\.lines).filter { $0.old != nil } ?? []
        let first = removed.firstIndex { ($0.old ?? 0) >= finding.line } ?? removed.endIndex
        let end = removed.lastIndex { ($0.old ?? .max) <= last }.map { $0 + 1 } ?? first
        return (CodeLines(removed.map(\.text)), min(first, end)..<max(first, end))
    }

    /// A finding counts as mended when its code was read and is no longer there, and neither the review nor a person says otherwise.
    func mended(_ memory: ReviewMemory, _ marked: Marked, reading: ReviewReading) async throws -> Mended {
        var mended = Mended()
        let named = Set(reading.stillOpen.map { $0.uppercased().filter { $0.isLetter || $0.isNumber } })
        let unread = unreadPaths(reading)
        for (index, thread) in memory.threads.enumerated() where !thread.isResolved {
            let isHeld = thread.isRejected || thread.isReopened || marked.repeated.contains(thread.discussionID) || named.contains("E\(index + 1)")
            // A look at the same commit mends nothing.
            let mayBeMended = isPartial && !isHeld && unread.isDisjoint(with: names.all(of: thread.path))
            if mayBeMended, try await !isThere(thread.mark, thread.path) { mended.threads.append(thread) } else { mended.openBefore += 1 }
        }
        for finding in memory.carried {
            let isHeld = !isPartial || marked.carried.contains(finding.mark.print) || !unread.isDisjoint(with: names.all(of: finding.path))
            if isHeld { mended.carried.append(finding) } else if try await isThere(finding.mark, finding.path) { mended.carried.append(finding) }
        }
        return mended
    }

    /// Nothing can be said of what is in these.
    private func unreadPaths(_ reading: ReviewReading) -> Set<String> {
        let leftOut = comparison.filter { $0.isLeftOut || !$0.hunks.isEmpty }.map(\.newPath)
        return Set(reading.unread.map(\.path)).union(Set(skipped.map(\.path)).intersection(leftOut))
    }

    private func isThere(_ mark: FindingMark, _ path: String) async throws -> Bool {
        // Where no code was known, none can be missed.
        guard !path.isEmpty, mark.place != CodeLines([]).key(path: path, at: 0..<0) else { return true }
        // The file may have another name by now, and the mark may be from before or after that.
        let names = names.all(of: path)
        func holds(_ code: CodeLines) -> Bool { names.contains { !code.places(of: mark, path: $0).isEmpty } }
        if mark.isOld {
            let old = Set(names).compactMap { diffs[$0] }
            return old.contains { holds(CodeLines($0.hunks.flatMap(\.lines).filter { $0.old != nil }.map(\.text))) }
        }
        var isAnywhere = false
        for name in names {
            guard let file = try await heads.file(name) else { continue }
            isAnywhere = true
            if holds(file.code) { return true }
        }
        // Renamed more than once since: only the code itself leads to it.
        guard !isAnywhere else { return false }
        for file in comparison.filter({ $0.kind == .added || $0.kind == .renamed }).prefix(Self.mostSearched) {
            if let file = try await heads.file(file.newPath), holds(file.code) { return true }
        }
        return false
    }

    /// Files that are looked through for code whose file is gone.
    private static let mostSearched = 50
}
