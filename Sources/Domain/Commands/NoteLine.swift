extension NoteScanner {
    /// One line of a note, and what it is in Markdown.
    struct Line {
        let bytes: [UInt8]
        let start: Int
        /// One after the last byte, without the line end.
        let end: Int
        /// Where the next line begins.
        let next: Int
        let contentStart: Int
        /// Columns before the content; a tab goes to the next multiple of four.
        let indent: Int

        init(_ bytes: [UInt8], at start: Int, contentFrom: Int? = nil) {
            self.bytes = bytes
            self.start = start
            let lineEnd = bytes[start...].firstIndex(of: .newline) ?? bytes.count
            next = min(lineEnd + 1, bytes.count)
            end = lineEnd > start && bytes[lineEnd - 1] == UInt8(ascii: "\r") ? lineEnd - 1 : lineEnd
            var index = contentFrom ?? start
            var column = 0
            while index < end, bytes[index].isMarkdownSpace {
                column = bytes[index] == UInt8(ascii: "\t") ? (column / 4 + 1) * 4 : column + 1
                index += 1
            }
            contentStart = index
            indent = column
        }

        var content: ArraySlice<UInt8> { bytes[contentStart..<end] }
        var isBlank: Bool { contentStart == end }
        var isQuote: Bool { indent < 4 && content.first == UInt8(ascii: ">") }

        /// GitLab's quote over several lines.
        var isQuoteFence: Bool {
            start == contentStart && content.starts(with: ">>>".utf8) && content.dropFirst(3).allSatisfy(\.isMarkdownSpace)
        }

        /// A paragraph does not go on over this line. HTML is looked at apart.
        var endsParagraph: Bool { indent < 4 && (isQuote || fence != nil || isHeading || listContent != nil || isRule) }

        private var isHeading: Bool {
            let marks = content.prefix { $0 == UInt8(ascii: "#") }.count
            return (1...6).contains(marks) && (content.count == marks || content[content.startIndex + marks].isMarkdownSpace)
        }

        private var isRule: Bool {
            guard let mark = content.first, "-*_=".utf8.contains(mark) else { return false }
            return content.allSatisfy { $0 == mark || $0.isMarkdownSpace }
                && content.lazy.filter { $0 == mark }.count >= (mark == UInt8(ascii: "=") ? 1 : 3)
        }

        /// Where a list item's own text begins; nil for other lines.
        var listContent: Int? {
            var index = contentStart
            guard index < end else { return nil }
            if "-*+".utf8.contains(bytes[index]) {
                index += 1
            } else {
                while index < end, bytes[index].isASCIIDigit, index - contentStart < 10 { index += 1 }
                guard index > contentStart, index < end, bytes[index] == UInt8(ascii: ".") || bytes[index] == UInt8(ascii: ")")
                else { return nil }
                index += 1
            }
            guard index < end, bytes[index].isMarkdownSpace else { return nil }
            while index < end, bytes[index].isMarkdownSpace { index += 1 }
            return index
        }

        // MARK: Code fences

        struct Fence {
            let mark: UInt8
            let length: Int
            /// Columns that belong to the list item which the fence stands in; 0 outside of lists.
            let contentIndent: Int
        }

        var fence: Fence? {
            guard indent < 4 else { return nil }
            if let fence = fence(at: contentStart, contentIndent: 0) { return fence }
            guard var item = listContent else { return nil }
            // `- 1. ```` opens a fence in an item of an item.
            var depth = 0
            while depth < 10, let inner = Line(bytes, at: start, contentFrom: item).listContent {
                item = inner
                depth += 1
            }
            return fence(at: item, contentIndent: item - start)
        }

        private func fence(at index: Int, contentIndent: Int) -> Fence? {
            guard index < end, bytes[index] == .backtick || bytes[index] == UInt8(ascii: "~") else { return nil }
            let mark = bytes[index]
            let length = bytes[index..<end].prefix { $0 == mark }.count
            guard length >= 3 else { return nil }
            // What follows three backticks and holds another one is a code span.
            if mark == .backtick, bytes[(index + length)..<end].contains(.backtick) { return nil }
            return Fence(mark: mark, length: length, contentIndent: contentIndent)
        }

        func closes(_ fence: Fence) -> Bool {
            guard indent < 4 + fence.contentIndent else { return false }
            let length = content.prefix { $0 == fence.mark }.count
            return length >= fence.length && content.dropFirst(length).allSatisfy(\.isMarkdownSpace)
        }

        // MARK: HTML

        func containsLowercased(_ needle: String) -> Bool {
            let wanted = Array(needle.utf8)
            guard end - start >= wanted.count else { return false }
            return (start...(end - wanted.count)).contains { from in
                wanted.indices.allSatisfy { bytes[from + $0].asciiLowercased == wanted[$0] }
            }
        }

        /// Opened minus closed elements that hide or quote Markdown which follows them after a blank line.
        var containerBalance: Int {
            count("<details") + count("<blockquote") - count("</details") - count("</blockquote")
        }

        private func count(_ needle: String) -> Int {
            let wanted = Array(needle.utf8)
            guard end - start >= wanted.count else { return 0 }
            return (start...(end - wanted.count)).count { from in
                bytes[from] == wanted[0] && wanted.indices.allSatisfy { bytes[from + $0].asciiLowercased == wanted[$0] }
            }
        }
    }
}
