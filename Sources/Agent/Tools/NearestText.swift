/// Where a file comes closest to a piece that it does not hold, so that the model can correct itself in one step.
struct NearestText: Sendable {
    private enum Finding {
        /// The same but for blanks: lines from and to, from 0.
        case blanks(ClosedRange<Int>)
        /// Most of its lines are there.
        case similar(ClosedRange<Int>)
        case nothing
    }

    private let finding: Finding
    private let lines: FileLines

    /// A long search text is compared by its first lines: enough to find the place.
    private static let comparedLines = 40
    private static let shownLines = 30

    init(to search: String, in lines: FileLines) {
        self.lines = lines
        var wanted = search.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { Self.squeezed($0.utf8) }
        while wanted.first?.isEmpty == true { wanted.removeFirst() }
        while wanted.last?.isEmpty == true { wanted.removeLast() }
        guard !wanted.isEmpty, lines.count > 0 else {
            finding = .nothing
            return
        }
        let actual = (0..<lines.count).map { Self.squeezed(lines.line($0)) }
        finding = Self.find(Array(wanted.prefix(Self.comparedLines)), length: wanted.count, in: actual)
    }

    private static func find(_ wanted: [[UInt8]], length: Int, in actual: [[UInt8]]) -> Finding {
        var best: (score: Int, start: Int) = (0, 0)
        for start in actual.indices {
            var score = 0
            for (offset, line) in wanted.enumerated() where start + offset < actual.count {
                if actual[start + offset] == line {
                    score += line.isEmpty ? 1 : 4
                } else if offset == 0 || score > 0, !line.isEmpty {
                    score += similarity(line, actual[start + offset])
                }
            }
            if score > best.score { best = (score, start) }
        }
        let range = best.start...min(best.start + length - 1, actual.count - 1)
        let whole = wanted.reduce(0) { $0 + ($1.isEmpty ? 1 : 4) }
        if best.score == whole, best.start + wanted.count <= actual.count { return .blanks(range) }
        return best.score * 3 >= whole ? .similar(range) : .nothing
    }

    /// 0 to 3: how much of two lines' beginnings and ends is alike.
    private static func similarity(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let longer = max(left.count, right.count)
        guard longer > 0 else { return 3 }
        var alike = 0
        for (a, b) in zip(left, right) {
            guard a == b else { break }
            alike += 1
        }
        let shorter = min(left.count, right.count)
        for (a, b) in zip(left.reversed(), right.reversed()) {
            guard alike < shorter, a == b else { break }
            alike += 1
        }
        return min(3, alike * 4 / longer)
    }

    /// A line without its blanks.
    private static func squeezed(_ line: some Sequence<UInt8>) -> [UInt8] {
        line.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
    }

    var problem: ToolProblem {
        switch finding {
        case .blanks(let range):
            ToolProblem(
                """
                `search` is not in the file as written: lines \(range.lowerBound + 1)–\(range.upperBound + 1) differ from it only \
                in blanks (spaces, tabs, empty ends of lines). Copy them exactly; each line below stands between ⟦ and ⟧:
                \(shown(range) { "⟦\($0.replacingTabs)⟧" })
                """)
        case .similar(let range):
            ToolProblem(
                """
                `search` is not in the file. The nearest place is lines \(range.lowerBound + 1)–\(range.upperBound + 1):
                \(shown(range) { $0 })
                """)
        case .nothing:
            ToolProblem("`search` is not in the file, nor anything close to it. Read the file again; it has \(lines.count) lines.")
        }
    }

    private func shown(_ range: ClosedRange<Int>, _ line: (String) -> String) -> String {
        range.prefix(Self.shownLines).map { "\($0 + 1)\t" + line(String(lines.text($0).prefix(400))) }.joined(separator: "\n")
    }
}

extension String {
    /// Tabs made visible, for a comparison of blanks.
    fileprivate var replacingTabs: String {
        var text = ""
        for character in self { text += character == "\t" ? "→\t" : String(character) }
        return text
    }
}
