import Foundation

/// Small cuts of a runner's lines.
extension StringProtocol {
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}

extension String {
    /// What follows a beginning; nil when the text does not begin so.
    func after(_ beginning: String) -> String? {
        hasPrefix(beginning) ? String(dropFirst(beginning.count)) : nil
    }

    /// What stands before a mark; all of it where there is none.
    func before(_ mark: String) -> String {
        range(of: mark).map { String(self[..<$0.lowerBound]) } ?? self
    }

    func components(separatedByText mark: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let found = rest.range(of: mark) {
            parts.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return parts + [String(rest)]
    }

    /// Without ` (5 ms)` or `(0.00s)` at the end, so that a test has the same name in each run.
    var withoutTiming: String {
        guard hasSuffix(")"), let open = lastIndex(of: "(") else { return trimmed }
        let inside = self[index(after: open)..<index(before: endIndex)]
        let isTiming =
            inside.first?.isNumber == true
            && inside.allSatisfy { $0.isNumber || $0 == "." || $0 == "m" || $0 == "s" || $0 == " " }
        return isTiming ? self[..<open].trimmed : trimmed
    }
}
