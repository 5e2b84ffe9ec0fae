/// A text cut to a number of bytes, at line ends where there are any, with a line in between that says what is missing.
enum BoundedText {
    enum Keeping: Sendable { case head, tail, both }

    static func cut(_ text: String, to limit: Int, keeping: Keeping = .both) -> String {
        let bytes = text.utf8
        guard bytes.count > limit else { return text }
        let headShare =
            switch keeping {
            case .head: limit
            case .both: limit / 2
            case .tail: 0
            }
        let headEnd = lineEnd(in: text, atMost: headShare)
        let tailStart = lineStart(in: text, atLeast: bytes.count - (limit - headShare))
        let missing = bytes.distance(from: headEnd, to: tailStart)
        let notice = "[… \(missing) bytes left out …]"
        var parts: [Substring] = []
        if headEnd > text.startIndex { parts.append(text[..<headEnd]) }
        parts.append(notice[...])
        if tailStart < text.endIndex { parts.append(text[tailStart...]) }
        return parts.map { $0.hasSuffix("\n") ? $0.dropLast() : $0 }.joined(separator: "\n")
    }

    private static func lineEnd(in text: String, atMost limit: Int) -> String.Index {
        guard limit > 0 else { return text.startIndex }
        let hard = characterBoundary(in: text, at: text.utf8.index(text.startIndex, offsetBy: limit))
        let soft = text.utf8[..<hard].lastIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) }
        // A line longer than half of what is kept is cut within.
        guard let soft, text.utf8.distance(from: soft, to: hard) < limit / 2 else { return hard }
        return soft
    }

    private static func lineStart(in text: String, atLeast offset: Int) -> String.Index {
        let hard = characterBoundary(in: text, at: text.utf8.index(text.startIndex, offsetBy: offset))
        let kept = text.utf8.distance(from: hard, to: text.endIndex)
        let soft = text.utf8[hard...].firstIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) }
        guard let soft, text.utf8.distance(from: hard, to: soft) < kept / 2 else { return hard }
        return soft
    }

    private static func characterBoundary(in text: String, at index: String.Index) -> String.Index {
        var index = index
        while index > text.startIndex, index.samePosition(in: text.unicodeScalars) == nil {
            index = text.utf8.index(before: index)
        }
        return index
    }
}
