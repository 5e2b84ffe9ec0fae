extension NoteScanner {
    /// A block of raw HTML, told by how its first line begins, and where it ends.
    enum HTMLBlock {
        case comment
        /// Up to and including the line that holds one of these.
        case until([String])
        case untilBlankLine

        /// - Parameter interruptsParagraph: a lone tag of any name begins a block, but not in the middle of a paragraph.
        init?(_ line: Line, interruptsParagraph: Bool) {
            let text = line.content
            guard line.indent < 4, text.first == UInt8(ascii: "<") else { return nil }
            if text.starts(with: "<!--".utf8) {
                self = .comment
            } else if text.starts(with: "<?".utf8) {
                self = .until(["?>"])
            } else if text.starts(with: "<![CDATA[".utf8) {
                self = .until(["]]>"])
            } else if text.starts(with: "<!".utf8) {
                self = .until([">"])
            } else {
                let isClosing = text.dropFirst().first == UInt8(ascii: "/")
                let afterSlash = text.dropFirst(isClosing ? 2 : 1)
                let name = afterSlash.prefix { $0.isASCIILetter || $0.isASCIIDigit }
                guard let first = name.first, first.isASCIILetter else { return nil }
                let tag = String(decoding: name, as: UTF8.self).lowercased()
                if !isClosing, Self.verbatim.contains(tag) {
                    self = .until(Self.verbatim.map { "</\($0)" })
                } else if Self.blocks.contains(tag) || !interruptsParagraph && Self.isLoneTag(text) {
                    self = .untilBlankLine
                } else {
                    return nil
                }
            }
        }

        private static func isLoneTag(_ text: ArraySlice<UInt8>) -> Bool {
            guard let close = text.firstIndex(of: UInt8(ascii: ">")) else { return false }
            return text[(close + 1)...].allSatisfy(\.isMarkdownSpace)
        }

        private static let verbatim: Set<String> = ["script", "pre", "style", "textarea"]
        /// CommonMark's list of names that begin a block.
        private static let blocks: Set<String> = [
            "address", "article", "aside", "base", "basefont", "blockquote", "body", "caption", "center", "col", "colgroup",
            "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
            "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend",
            "li", "link", "main", "menu", "menuitem", "nav", "noframes", "ol", "optgroup", "option", "p", "param", "search",
            "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "track", "ul",
        ]
    }
}
