/// Replaces a piece of a file that must be there exactly once, or says precisely why it can't.
struct TextReplacement: Sendable {
    let bytes: [UInt8]
    /// Lines (from 1) that the replaced piece had, and that the new one has.
    let oldLines: ClosedRange<Int>
    let newLines: ClosedRange<Int>

    init(of search: String, with replacement: String, in file: [UInt8]) throws(ToolProblem) {
        guard !search.isEmpty else {
            throw ToolProblem("`search` is empty. Copy the piece to be replaced from the file, or use `write_file`.")
        }
        guard search != replacement else {
            throw ToolProblem("`search` and `replace` are the same, so nothing would change.")
        }
        let lines = FileLines(file)
        var (pattern, new) = (Array(search.utf8), Array(replacement.utf8))
        var found = file.occurrences(of: pattern, limit: 12)
        if found.isEmpty, lines.usesCarriageReturns {
            // The model is shown plain line feeds; the file keeps its own.
            (pattern, new) = (pattern.withCarriageReturns, new.withCarriageReturns)
            found = file.occurrences(of: pattern, limit: 12)
        }
        if found.isEmpty, let restored = InvisibleText.restored(search) {
            (pattern, new) = (Array(restored.utf8), Array((InvisibleText.restored(replacement) ?? replacement).utf8))
            found = file.occurrences(of: pattern, limit: 12)
        }
        guard let place = found.first else { throw NearestText(to: search, in: lines).problem }
        guard found.count == 1 else {
            let numbers = found.map { String(lines.number(at: $0) + 1) }.joined(separator: ", ")
            let count = found.count < 12 ? "\(found.count) times" : "12 times or more"
            throw ToolProblem(
                "`search` is there \(count), at lines \(numbers). It must be there exactly once: add lines before or after it.")
        }
        bytes = Array(file[..<place]) + new + Array(file[(place + pattern.count)...])
        let first = lines.number(at: place) + 1
        oldLines = first...(first + Self.lineSpan(of: pattern))
        newLines = first...(first + Self.lineSpan(of: new))
    }

    private static func lineSpan(of piece: [UInt8]) -> Int {
        let feeds = piece.lazy.filter { $0 == UInt8(ascii: "\n") }.count
        return max(0, piece.last == UInt8(ascii: "\n") ? feeds - 1 : feeds)
    }
}
