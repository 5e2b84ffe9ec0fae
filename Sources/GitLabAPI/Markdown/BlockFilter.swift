/// A whole text that somebody else wrote, made harmless line by line.
///
/// Code blocks are written anew: at the line's beginning, always closed, with a fence longer than any inside and a
/// language that is only that. So it does not matter where a list or quote around the original would have ended it.
struct BlockFilter {
    typealias Line = ArraySlice<Unicode.Scalar>

    private let lines: [Line]
    private let rules: OutgoingRules
    private let hasTable: Bool
    private var next = 0
    private var out: [[Unicode.Scalar]] = []
    private var isInList = false

    static func filter(_ text: String, rules: OutgoingRules) -> String {
        var scalars = HiddenCharacters.removed(from: text)
        let isCut = scalars.count > rules.limit
        if isCut { scalars = Array(scalars.prefix(rules.limit)) }
        var filter = BlockFilter(scalars, rules: rules)
        var result = String(String.UnicodeScalarView(filter.run().joined(separator: ["\n"])))
        if isCut { result += "\n\n\(Markdown.cutMark)" }
        return result
    }

    private init(_ scalars: [Unicode.Scalar], rules: OutgoingRules) {
        let lines = scalars.split(separator: "\n", omittingEmptySubsequences: false)
        self.lines = lines
        self.rules = rules
        hasTable = lines.contains(where: Self.isTableRule)
        lastCommentEnd = lines.lastIndex { $0.firstRange(of: Self.commentEnd) != nil } ?? -1
    }

    private static let commentStart = Array("<!--".unicodeScalars)
    private static let commentEnd = Array("-->".unicodeScalars)
    private let lastCommentEnd: Int

    private mutating func run() -> [[Unicode.Scalar]] {
        while next < lines.count {
            let line = lines[next]
            if let fence = FenceSyntax.opening(line) {
                next += 1
                emit(content(of: fence), language: fence.language)
            } else if isIndentedCode(line) {
                emit(indentedCode(), language: "")
            } else {
                next += 1
                text(line)
            }
        }
        return out
    }

    private mutating func emit(_ content: [Line], language: String) {
        let longest = content.map(FenceSyntax.longestRun).max() ?? 0
        let fence = [Unicode.Scalar](repeating: "`", count: max(3, longest + 1))
        out.append(fence + language.unicodeScalars)
        out += content.map { Array($0) }
        out.append(fence)
    }

    private mutating func content(of fence: FenceSyntax) -> [Line] {
        var content: [Line] = []
        while next < lines.count {
            guard let inner = fence.inside(lines[next]) else { break }
            next += 1
            if fence.isClosed(by: inner) { break }
            content.append(fence.unindented(inner))
        }
        return content
    }

    private func isIndentedCode(_ line: Line) -> Bool {
        guard !isInList, FenceSyntax.indentation(line) >= 4, !Self.isBlank(line) else { return false }
        return next == 0 || Self.isBlank(lines[next - 1])
    }

    private mutating func indentedCode() -> [Line] {
        var content: [Line] = []
        while next < lines.count, Self.isBlank(lines[next]) || FenceSyntax.indentation(lines[next]) >= 4 {
            content.append(FenceSyntax.drop(4, from: lines[next]))
            next += 1
        }
        while let last = content.last, Self.isBlank(last) {
            content.removeLast()
            next -= 1
        }
        return content
    }

    private mutating func text(_ line: Line) {
        var line = line
        while let joined = withoutLongComment(line) { line = joined }
        if !Self.isBlank(line) {
            if FenceSyntax.startsWithListMarker(line) {
                isInList = true
            } else if FenceSyntax.indentation(line) == 0 {
                isInList = false
            }
        }
        var filtered = InlineFilter.filter(line, rules: rules, hasTable: hasTable)
        // What stood before the marks may be gone, and they must not open a block now.
        if let fence = FenceSyntax.opening(filtered[...]) { filtered.insert("\\", at: fence.start) }
        out.append(filtered)
    }

    /// The line with a comment cut out that ends on a later line; nil when there is none.
    private mutating func withoutLongComment(_ line: Line) -> Line? {
        guard next <= lastCommentEnd, let start = Self.commentOutsideCode(in: line) else { return nil }
        guard line[(start + 4)...].firstRange(of: Self.commentEnd) == nil,
            let last = lines[next...].firstIndex(where: { $0.firstRange(of: Self.commentEnd) != nil }),
            let end = lines[last].firstRange(of: Self.commentEnd)
        else { return nil }
        next = last + 1
        return Array(line[..<start] + (start > line.startIndex ? [" "] : []) + lines[last][end.upperBound...])[...]
    }

    /// Where the last comment of the line begins, when backticks before it are in pairs.
    private static func commentOutsideCode(in line: Line) -> Int? {
        var position = line.startIndex
        var found: Int?
        while position < line.endIndex {
            if line[position] == "`" {
                let run = line[position...].prefix { $0 == "`" }.count
                var end = position + run
                while end < line.endIndex {
                    let other = line[end...].prefix { $0 == "`" }.count
                    if other == run { break }
                    end += max(1, other)
                }
                position = end < line.endIndex ? end + run : position + run
            } else if line[position...].starts(with: commentStart) {
                found = position
                guard let end = line[(position + 4)...].firstRange(of: commentEnd) else { return found }
                position = end.upperBound
                found = nil
            } else {
                position += 1
            }
        }
        return found
    }

    private static func isBlank(_ line: Line) -> Bool { line.allSatisfy { $0 == " " || $0 == "\t" } }

    private static func isTableRule(_ line: Line) -> Bool {
        line.contains("-") && line.contains { $0 == "|" || $0 == ":" }
            && line.allSatisfy { "|:-> \t*+".unicodeScalars.contains($0) || $0.isASCIIDigit || $0 == "." || $0 == ")" }
    }
}
