/// The first line of a fenced code block, wherever it stands: indented, in lists, in quotes.
struct FenceSyntax {
    typealias Line = ArraySlice<Unicode.Scalar>

    /// Where in the line the marks begin.
    let start: Int
    let mark: Unicode.Scalar
    let length: Int
    /// How many `>` stand before it.
    let quotes: Int
    let indentation: Int
    /// Only languages that are shown as text; others (diagrams, suggestions, queries) would be carried out.
    let language: String

    static func opening(_ line: Line) -> FenceSyntax? {
        let prefix = Prefix(line)
        let rest = line[prefix.end...]
        guard let mark = rest.first, mark == "`" || mark == "~" else { return nil }
        let length = rest.prefix { $0 == mark }.count
        let info = rest.dropFirst(length)
        guard length >= 3, mark == "~" || !info.contains("`") else { return nil }
        let word = info.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" && $0 != "{" && $0 != ":" }
        let language = String(String.UnicodeScalarView(word)).lowercased()
        return FenceSyntax(
            start: prefix.end, mark: mark, length: length, quotes: prefix.quotes, indentation: prefix.lastIndentation,
            language: CodeLanguages.known.contains(language) ? language : "")
    }

    /// The line without the quote marks around the block; nil when the quote has ended and the block with it.
    func inside(_ line: Line) -> Line? {
        guard quotes > 0 else { return line }
        var rest = line
        var found = 0
        while found < quotes {
            let trimmed = rest.drop { $0 == " " || $0 == "\t" }
            guard trimmed.first == ">" else { break }
            rest = trimmed.dropFirst()
            found += 1
        }
        guard found > 0 else { return nil }
        return rest.first == " " ? rest.dropFirst() : rest
    }

    func isClosed(by line: Line) -> Bool {
        let rest = line.drop { $0 == " " || $0 == "\t" }
        let run = rest.prefix { $0 == mark }.count
        return run >= length && rest.dropFirst(run).allSatisfy { $0 == " " || $0 == "\t" }
    }

    func unindented(_ line: Line) -> Line { Self.drop(indentation, from: line) }

    /// Takes up to that many columns of leading space off.
    static func drop(_ columns: Int, from line: Line) -> Line {
        var left = columns
        var rest = line
        while left > 0, let first = rest.first, first == " " || first == "\t" {
            left -= first == " " ? 1 : 4
            rest = rest.dropFirst()
        }
        return rest
    }

    static func indentation(_ line: Line) -> Int {
        line.prefix { $0 == " " || $0 == "\t" }.reduce(0) { $0 + ($1 == " " ? 1 : 4) }
    }

    static func longestRun(_ line: Line) -> Int {
        var longest = 0
        var current = 0
        for scalar in line {
            current = scalar == "`" ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }

    static func startsWithListMarker(_ line: Line) -> Bool { Prefix(line).hasListMarker }

    /// Space, quote marks and list markers at a line's beginning.
    private struct Prefix {
        var end: Int
        var quotes = 0
        var lastIndentation = 0
        var hasListMarker = false

        init(_ line: Line) {
            end = line.startIndex
            while end < line.endIndex {
                let start = end
                while end < line.endIndex, line[end] == " " || line[end] == "\t" { end += 1 }
                lastIndentation = FenceSyntax.indentation(line[start..<end])
                guard end < line.endIndex else { return }
                if line[end] == ">" {
                    quotes += 1
                    end += 1
                    if end < line.endIndex, line[end] == " " { end += 1 }
                } else if let marker = Self.listMarker(line[end...]) {
                    hasListMarker = true
                    end += marker
                } else {
                    return
                }
            }
        }

        private static func listMarker(_ rest: Line) -> Int? {
            guard let first = rest.first else { return nil }
            var count = 1
            if !["-", "*", "+"].contains(first) {
                let digits = rest.prefix { $0.isASCIIDigit }.count
                guard (1...9).contains(digits), let end = rest.dropFirst(digits).first, end == "." || end == ")" else {
                    return nil
                }
                count = digits + 1
            }
            guard let space = rest.dropFirst(count).first, space == " " || space == "\t" else { return nil }
            return count
        }
    }
}
