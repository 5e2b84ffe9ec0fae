/// One file's difference as lines with their numbers on both sides, for showing it to a model and for finding places in it.
struct DiffText: Sendable, Hashable {
    struct Line: Sendable, Hashable {
        /// Nil for an added line.
        var old: Int?
        /// Nil for a removed line.
        var new: Int?
        /// Without the sign in front.
        var text: String
    }

    struct Hunk: Sendable, Hashable {
        /// What git says after the second `@@`: mostly the function around it.
        var heading: String
        var lines: [Line]
    }

    var hunks: [Hunk] = []

    /// Reads git's text of one file, from its first `@@` on.
    init(_ text: String) {
        var (old, new) = (0, 0)
        // By bytes: a line that ends with CR LF is no line end to a String of characters.
        for bytes in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            guard let sign = bytes.first else { continue }
            let rest = Substring(bytes.dropFirst())
            switch sign {
            case UInt8(ascii: "@"):
                guard let header = Self.header(Substring(bytes)) else { continue }
                (old, new) = (header.old, header.new)
                hunks.append(Hunk(heading: header.heading, lines: []))
            case UInt8(ascii: "+"):
                add(Line(old: nil, new: new, text: String(rest)))
                new += 1
            case UInt8(ascii: "-"):
                add(Line(old: old, new: nil, text: String(rest)))
                old += 1
            case UInt8(ascii: " "):
                add(Line(old: old, new: new, text: String(rest)))
                (old, new) = (old + 1, new + 1)
            default: continue
            }
        }
    }

    private mutating func add(_ line: Line) {
        guard !hunks.isEmpty else { return }
        hunks[hunks.count - 1].lines.append(line)
    }

    private static func header(_ line: Substring) -> (old: Int, new: Int, heading: String)? {
        let parts = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true)
        guard parts.count >= 4, parts[0] == "@@", parts[1].hasPrefix("-"), parts[2].hasPrefix("+") else { return nil }
        guard let old = Int(parts[1].dropFirst().prefix { $0 != "," }), let new = Int(parts[2].dropFirst().prefix { $0 != "," }) else { return nil }
        return (old, new, parts.count > 4 ? String(parts[4]) : "")
    }

    var changedLines: Int { hunks.reduce(0) { $0 + $1.lines.count { $0.old == nil || $0.new == nil } } }

    /// The added lines' numbers, and those of the lines on either side of a removed one.
    var touchedNewLines: Set<Int> {
        var touched: Set<Int> = []
        for hunk in hunks {
            for (index, line) in hunk.lines.enumerated() where line.old == nil || line.new == nil {
                if let new = line.new {
                    touched.insert(new)
                } else {
                    if let after = hunk.lines[index...].lazy.compactMap(\.new).first { touched.insert(after) }
                    if let before = hunk.lines[..<index].reversed().lazy.compactMap(\.new).first { touched.insert(before) }
                }
            }
        }
        return touched
    }

    /// Lines were removed and none is left beside them: the file was deleted or emptied.
    var leavesNothing: Bool { !hunks.isEmpty && !hunks.contains { $0.lines.contains { $0.new != nil } } }

    /// The line of the new side that a line of the old side lies at, or the nearest one of its hunk.
    func newLine(atOld number: Int) -> Int? {
        for hunk in hunks {
            if let index = hunk.lines.firstIndex(where: { $0.old == number }) { return Self.newLine(at: index, of: hunk) }
        }
        return nil
    }

    private static func newLine(at index: Int, of hunk: Hunk) -> Int? {
        let lines = hunk.lines
        return lines[index].new ?? lines[index...].lazy.compactMap(\.new).first ?? lines[..<index].reversed().lazy.compactMap(\.new).first
    }

    /// Only what lies at the given lines of the new side, with some lines around it.
    func around(_ touched: Set<Int>, context: Int = 5) -> DiffText {
        var kept = self
        kept.hunks = hunks.flatMap { hunk in
            var keep = [Bool](repeating: false, count: hunk.lines.count)
            for index in hunk.lines.indices {
                // A removed line counts where the lines beside it count.
                guard let number = Self.newLine(at: index, of: hunk), touched.contains(number) else { continue }
                for near in max(0, index - context)...min(hunk.lines.count - 1, index + context) { keep[near] = true }
            }
            return hunk.lines.indices.split { !keep[$0] }.map { Hunk(heading: hunk.heading, lines: Array(hunk.lines[$0.startIndex..<$0.endIndex])) }
        }
        return kept
    }
}
