/// The lines that the hunks of one file's unified diff show, each with the numbers GitLab wants for a comment on it.
package struct DiffLineMap: Sendable, Hashable {
    package enum Side: String, Sendable, Hashable { case old, new }

    /// Which hunk a line is in, and which line of all it is.
    private struct Place: Hashable {
        let hunk: Int
        let index: Int
        let line: GitLabDiffPosition.Line
    }

    private var oldSide: [Int: Place] = [:]
    private var newSide: [Int: Place] = [:]
    package private(set) var lines: [GitLabDiffPosition.Line] = []

    /// Reads the text from GitLab or git; what comes before the first `@@` is skipped.
    package init(_ diff: String) {
        var (old, new, oldLeft, newLeft, hunk) = (0, 0, 0, 0, -1)
        // By bytes: a line that ends with CR LF is no line end to a String of characters.
        for text in diff.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            // The counts of the header say where a hunk ends: a removed `-- x` reads like a file's header.
            guard oldLeft > 0 || newLeft > 0 else {
                if let header = HunkHeader(text) {
                    (old, oldLeft, new, newLeft) = (header.old, header.oldCount, header.new, header.newCount)
                    hunk += 1
                }
                continue
            }
            switch text.first {
            case UInt8(ascii: "+") where newLeft > 0:
                add(.init(new: new, besides: old), hunk)
                (new, newLeft) = (new + 1, newLeft - 1)
            case UInt8(ascii: "-") where oldLeft > 0:
                add(.init(old: old, besides: new), hunk)
                (old, oldLeft) = (old + 1, oldLeft - 1)
            case UInt8(ascii: " ") where oldLeft > 0 && newLeft > 0, nil where oldLeft > 0 && newLeft > 0:
                add(.init(old: old, new: new), hunk)
                (old, new, oldLeft, newLeft) = (old + 1, new + 1, oldLeft - 1, newLeft - 1)
            case UInt8(ascii: "\\"): continue
            default: (oldLeft, newLeft) = (0, 0)
            }
        }
    }

    package func line(_ number: Int, on side: Side) -> GitLabDiffPosition.Line? { place(number, side)?.line }

    /// First and last line of a range, nil unless both ends are shown, in this order, by one hunk.
    package func range(_ first: Int, _ last: Int, on side: Side) -> (first: GitLabDiffPosition.Line, last: GitLabDiffPosition.Line)? {
        guard let from = place(first, side), let to = place(last, side), from.hunk == to.hunk, from.index <= to.index else { return nil }
        return (from.line, to.line)
    }

    private func place(_ number: Int, _ side: Side) -> Place? { side == .old ? oldSide[number] : newSide[number] }

    private mutating func add(_ line: GitLabDiffPosition.Line, _ hunk: Int) {
        let place = Place(hunk: hunk, index: lines.count, line: line)
        lines.append(line)
        if let old = line.old { oldSide[old] = place }
        if let new = line.new { newSide[new] = place }
    }
}

/// `@@ -3,7 +3,9 @@`, where a count of 1 may be left out.
private struct HunkHeader {
    let old: Int
    let oldCount: Int
    let new: Int
    let newCount: Int

    init?(_ text: Substring.UTF8View) {
        guard text.starts(with: "@@ ".utf8) else { return nil }
        let parts = text.split(separator: UInt8(ascii: " "))
        guard parts.count >= 4, let old = Self.read(parts[1], "-"), let new = Self.read(parts[2], "+") else { return nil }
        (self.old, oldCount) = old
        (self.new, newCount) = new
    }

    private static func read(_ part: Substring.UTF8View, _ sign: String) -> (Int, Int)? {
        guard part.starts(with: sign.utf8) else { return nil }
        let numbers = part.dropFirst().split(separator: UInt8(ascii: ","))
        guard let first = numbers.first.flatMap({ Int(Substring($0)) }), first >= 0, first < 1 << 40 else { return nil }
        guard numbers.count > 1 else { return (first, 1) }
        guard let count = Int(Substring(numbers[1])), count >= 0, count < 1 << 40 else { return nil }
        return (first, count)
    }
}
