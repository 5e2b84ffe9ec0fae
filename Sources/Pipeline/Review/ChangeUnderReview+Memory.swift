import Agent
import Domain
import Workspaces

extension ChangeUnderReview {
    /// What of earlier findings the change has mended, and what of those in the summary still holds.
    struct Mended: Sendable, Codable {
        var threads: [ReviewMemory.Thread] = []
        var carried: [CarriedFinding] = []
        var openBefore = 0
    }

    /// How the model is told of earlier findings, each with a name for this review.
    func earlier(_ memory: ReviewMemory) -> [String] {
        memory.threads.enumerated().map { index, thread in
            let state = thread.isRejected ? "rejected by people" : thread.isResolved ? "resolved" : "open"
            return "E\(index + 1) (\(state)) \(thread.path)\(thread.line.map { ":\($0)" } ?? ""): \(thread.title)"
        }
    }

    /// Gives each finding its mark, leaves out what was said before, and checks the suggestions.
    func mark(
        _ findings: [ReviewOutcome.Finding], workshop: Workshop, run: TaskRun, memory: ReviewMemory
    ) async throws -> [MarkedFinding] {
        let checked = try await SuggestionCheck(run: run, files: heads, diffs: diffs, workshop: workshop).check(findings)
        var marked: [MarkedFinding] = []
        var seen: [String: Int] = [:]
        for (finding, suggestion) in zip(findings, checked) {
            let (code, range) = try await lines(of: finding)
            func mark(_ number: Int) -> FindingMark {
                FindingMark(path: finding.path, title: finding.title, code: code, at: range, isOld: finding.side == .old, number: number)
            }
            let first = mark(0)
            guard !isRepeat(finding, first, memory) else { continue }
            let number = seen[first.print, default: 0]
            seen[first.print] = number + 1
            marked.append(MarkedFinding(finding: finding, mark: number == 0 ? first : mark(number), suggestion: suggestion))
        }
        return marked
    }

    /// Whether it was said in an earlier round: the same words about the same code, or anything about code that has not changed since.
    private func isRepeat(_ finding: ReviewOutcome.Finding, _ mark: FindingMark, _ memory: ReviewMemory) -> Bool {
        let isFresh = fresh.map { $0[finding.path]?.contains(finding.endLine ?? finding.line) ?? false } ?? false
        for thread in memory.threads {
            if thread.mark.print == mark.print { return true }
            let isAlike = FindingMark.areAlike(thread.title, finding.title)
            if thread.mark.place == mark.place, isAlike || (isPartial && !isFresh) { return true }
            // Its code was touched and it is still there: the open thread goes on telling so.
            if !thread.isResolved || thread.isRejected, thread.path == finding.path, isAlike,
                let line = thread.line, abs(line - (finding.endLine ?? finding.line)) <= 3
            {
                return true
            }
        }
        return memory.carried.contains { $0.mark.print == mark.print || ($0.mark.place == mark.place && FindingMark.areAlike($0.title, finding.title)) }
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

    /// A finding counts as mended when its code is no longer there and the review did not say otherwise.
    func mended(_ memory: ReviewMemory, stillOpen: [String]) async throws -> Mended {
        var mended = Mended()
        let named = Set(stillOpen.map { $0.uppercased().filter { $0.isLetter || $0.isNumber } })
        for (index, thread) in memory.threads.enumerated() where !thread.isResolved {
            // A look at the same commit mends nothing.
            let isMended =
                isPartial && !thread.isRejected && !named.contains("E\(index + 1)")
                ? try await !isThere(thread.mark, thread.path) : false
            if isMended { mended.threads.append(thread) } else { mended.openBefore += 1 }
        }
        for finding in memory.carried where try await isThere(finding.mark, finding.path) || !isPartial { mended.carried.append(finding) }
        return mended
    }

    private func isThere(_ mark: FindingMark, _ path: String) async throws -> Bool {
        guard !path.isEmpty else { return true }
        if mark.isOld {
            let old = diffs[path]?.hunks.flatMap(\.lines).filter { $0.old != nil }.map(\.text) ?? []
            return !CodeLines(old).places(of: mark, path: path).isEmpty
        }
        // The file may have another name by now.
        let names = [path] + comparison.filter { $0.oldPath == path && $0.newPath != path }.map(\.newPath)
        for name in names {
            if let file = try await heads.file(name), !file.code.places(of: mark, path: path).isEmpty { return true }
        }
        return false
    }
}
