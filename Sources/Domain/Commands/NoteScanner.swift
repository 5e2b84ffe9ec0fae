/// Walks over the lines of a Markdown text and yields the starts of those that are plain text: not in a code block or code
/// span, not quoted, not in HTML or an HTML comment.
///
/// A subset of CommonMark and of GitLab's additions (`>>>` quotes). It leans to the safe side: what is never closed lasts
/// until the end, and an indented line is never yielded, whatever list it may belong to.
struct NoteScanner {
    let bytes: [UInt8]
    private var position = 0
    /// End of the paragraph that is being read; equal to `position` between paragraphs.
    private var paragraphEnd = 0
    /// `<details>` and `<blockquote>` that are open around the current line.
    private var openContainers = 0
    private var runs = BacktickRuns()
    private var nextCommentEnd = CommentEnds()
    private var atLineStart = false
    /// Bytes that may still be looked at for the ends of tags which turn out to have none.
    private var lookAhead: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.lookAhead = 4 * bytes.count + 1024
    }

    func contains(_ byte: UInt8) -> Bool { bytes.contains(byte) }

    func contains(_ needle: [UInt8]) -> Bool {
        guard let first = needle.first, bytes.count >= needle.count else { return false }
        for start in 0...(bytes.count - needle.count)
        where bytes[start] == first && bytes[start..<(start + needle.count)].elementsEqual(needle) {
            return true
        }
        return false
    }

    /// The next plain line's first byte; nil at the end.
    mutating func nextOpenLineStart() -> Int? {
        while position < bytes.count {
            if position < paragraphEnd {
                if let start = nextLineStartInParagraph(), openContainers == 0 { return start }
            } else {
                beginBlock()
            }
        }
        return nil
    }

    // MARK: Blocks

    /// Skips the block that begins at this line, or opens a paragraph.
    private mutating func beginBlock() {
        let line = Line(bytes, at: position)
        if line.isBlank || line.indent >= 4 { return position = line.next }
        if let fence = line.fence { return skip(fence, after: line) }
        if line.isQuoteFence { return skipQuoteFence(after: line) }
        if line.isQuote { return position = line.next }
        if let html = HTMLBlock(line, interruptsParagraph: false) { return skip(html, from: line) }
        var end = line.next
        while end < bytes.count {
            let following = Line(bytes, at: end)
            if following.isBlank || following.endsParagraph || HTMLBlock(following, interruptsParagraph: true) != nil { break }
            end = following.next
        }
        paragraphEnd = end
        runs = BacktickRuns(bytes, in: position..<end)
        atLineStart = true
    }

    private mutating func skip(_ fence: Line.Fence, after opening: Line) {
        position = opening.next
        while position < bytes.count {
            let line = Line(bytes, at: position)
            // Text left of a list item's content ends the item, and the code in it.
            if fence.contentIndent > 0, !line.isBlank, line.indent < fence.contentIndent { return }
            position = line.next
            if line.closes(fence) { return }
        }
    }

    private mutating func skipQuoteFence(after opening: Line) {
        position = opening.next
        while position < bytes.count {
            let line = Line(bytes, at: position)
            position = line.next
            if line.isQuoteFence { return }
        }
    }

    private mutating func skip(_ block: HTMLBlock, from opening: Line) {
        switch block {
        case .comment:
            position = nextCommentEnd.after(opening.contentStart + 4, in: bytes) ?? bytes.count
            // The rest of the line on which a comment ends still belongs to it.
            position = Line(bytes, at: position, contentFrom: position).next
        case .until(let terminators):
            var line = opening
            while true {
                position = line.next
                if terminators.contains(where: { line.containsLowercased($0) }) || position >= bytes.count { return }
                line = Line(bytes, at: position)
            }
        case .untilBlankLine:
            var line = opening
            while !line.isBlank {
                openContainers = max(0, openContainers + line.containerBalance)
                position = line.next
                if position >= bytes.count { return }
                line = Line(bytes, at: position)
            }
        }
    }

    // MARK: Paragraphs

    /// Goes on to the next line start of the paragraph that no code span, tag or comment covers.
    private mutating func nextLineStartInParagraph() -> Int? {
        while position < paragraphEnd {
            if atLineStart {
                atLineStart = false
                // Continuation lines of a paragraph may be indented; a command may not.
                if !bytes[position].isMarkdownSpace { return position }
            }
            switch bytes[position] {
            case .newline:
                position += 1
                atLineStart = true
            case UInt8(ascii: "\\"):
                position += position + 1 < paragraphEnd && bytes[position + 1] != .newline ? 2 : 1
            case .backtick:
                skipCodeSpan()
            case UInt8(ascii: "<"):
                skipMarkup()
            default:
                position += 1
            }
        }
        // A comment may have ended in the middle of a line further down.
        if position > paragraphEnd { position = Line(bytes, at: position).next }
        paragraphEnd = position
        return nil
    }

    private mutating func skipCodeSpan() {
        let length = runLength(at: position)
        position = runs.end(ofSpanOpenedBy: length, at: position) ?? position + length
    }

    private func runLength(at start: Int) -> Int {
        bytes[start...].prefix { $0 == .backtick }.count
    }

    private mutating func skipMarkup() {
        let next = position + 1 < bytes.count ? bytes[position + 1] : 0
        if bytes[position...].starts(with: "<!--".utf8) {
            // It hides all up to its end, blank lines too; never closed, it is text.
            position = nextCommentEnd.after(position + 4, in: bytes) ?? position + 4
        } else if next.isASCIILetter || next == UInt8(ascii: "/") || next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
            guard lookAhead > 0 else { return position = paragraphEnd }
            switch tag() {
            case .ends(let end): position = end
            case .isNone(let looked):
                lookAhead -= looked
                position += 1
            }
        } else {
            position += 1
        }
    }

    private enum Tag {
        case ends(Int)
        /// It is text; so many bytes were looked at to know.
        case isNone(looked: Int)
    }

    /// Reads a tag that begins here, over as many lines as the paragraph has.
    private func tag() -> Tag {
        var quote: UInt8?
        for index in (position + 1)..<paragraphEnd {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
                continue
            }
            let previous = bytes[index - 1]
            switch byte {
            case UInt8(ascii: ">"):
                return .ends(index + 1)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard previous == UInt8(ascii: "=") || previous.isMarkdownSpace else { return .isNone(looked: index - position) }
                quote = byte
            case UInt8(ascii: "<"), .backtick:
                return .isNone(looked: index - position)
            case _ where previous.isMarkdownSpace || previous == .newline:
                // An attribute's name begins with few characters; a command with none of them.
                let begins =
                    byte.isMarkdownSpace || byte == .newline || byte.isASCIILetter || "_:=".utf8.contains(byte)
                    || byte == UInt8(ascii: "/") && index + 1 < paragraphEnd && bytes[index + 1] == UInt8(ascii: ">")
                guard begins else { return .isNone(looked: index - position) }
            default:
                break
            }
        }
        return .isNone(looked: paragraphEnd - position)
    }
}

/// Where the runs of backticks of a paragraph are, so that a span's end is found without looking ahead again and again.
private struct BacktickRuns {
    private var positions: [Int: [Int]] = [:]
    private var cursor: [Int: Int] = [:]

    init() {}

    init(_ bytes: [UInt8], in range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == .backtick else {
                index += 1
                continue
            }
            let start = index
            while index < range.upperBound, bytes[index] == .backtick { index += 1 }
            positions[index - start, default: []].append(start)
        }
    }

    /// One after the closing run; nil when the run opens nothing. Calls come with growing positions.
    mutating func end(ofSpanOpenedBy length: Int, at position: Int) -> Int? {
        guard let starts = positions[length] else { return nil }
        var next = cursor[length] ?? 0
        while next < starts.count, starts[next] <= position { next += 1 }
        cursor[length] = next
        return next < starts.count ? starts[next] + length : nil
    }
}

/// Ends of HTML comments, each looked for once.
private struct CommentEnds {
    private var known: Int?
    private var noneAfter = Int.max

    /// One after the next `-->` that begins at or after `start`; nil when there is none. Calls come with growing positions.
    mutating func after(_ start: Int, in bytes: [UInt8]) -> Int? {
        if let known, known - 3 >= start { return known }
        if start >= noneAfter { return nil }
        var index = start
        while index + 2 < bytes.count {
            if bytes[index] == UInt8(ascii: "-"), bytes[index + 1] == UInt8(ascii: "-"), bytes[index + 2] == UInt8(ascii: ">") {
                known = index + 3
                return known
            }
            index += 1
        }
        noneAfter = start
        return nil
    }
}
