/// Square brackets: links keep their text and show their host, images a word, everything else is text.
extension InlineFilter {
    mutating func openingBracket() {
        if let end = namedReference(at: index) {
            wrap(end - index)
            return
        }
        guard mode == .markdown else {
            emit("\\[")
            index += 1
            return
        }
        if let link = LinkSyntax.inline(in: source, at: index, budget: &linkBudget) {
            emitLink(link)
        } else if isCheckbox {
            keep()
        } else if let end = namedReference(at: index, mayBeLink: false) {
            wrap(end - index)
        } else {
            // A bracket left open may become a footnote or a definition, whose text readers take as it is written.
            emit("\\[")
            index += 1
        }
    }

    /// `- [ ]` or `- [x]` at the line's beginning.
    var isCheckbox: Bool {
        guard let mark = peek(), " xX".unicodeScalars.contains(mark), peek(2) == "]", peek(3).map({ $0 == " " }) ?? true
        else { return false }
        return source[..<index].allSatisfy { $0.isASCIIDigit || " \t>-*+.)".unicodeScalars.contains($0) }
    }

    mutating func closingBracket() {
        guard mode == .markdown else {
            emit("\\]")
            index += 1
            return
        }
        keep()
        // Neither a link that the line's filter has not seen nor a definition that other lines could use.
        if index < source.count, source[index] == "(" || source[index] == ":" {
            out.append("\\")
            keep()
        }
    }

    mutating func bang() {
        if peek() == "[", mode != .plain {
            index += 1
            if let link = LinkSyntax.inline(in: source, at: index, budget: &linkBudget) {
                removedImage(link.text)
                index = link.end
            } else if let close = LinkSyntax.closingBracket(in: source, at: index, budget: &linkBudget) {
                removedImage(source[(index + 1)..<close])
                index = close + 1
                if peek(0) == "[", let reference = LinkSyntax.closingBracket(in: source, at: index, budget: &linkBudget) {
                    index = reference + 1
                }
            } else {
                emit("!\\[")
                index += 1
            }
        } else if peek()?.isASCIIDigit == true {
            reference()
        } else {
            keep()
        }
    }

    mutating func removedImage(_ alt: some Sequence<Unicode.Scalar>) {
        let text = InlineFilter.filter(alt, rules: rules, mode: .linkText, hasTable: hasTable)
        separateWords()
        out += text
        emit(text.isEmpty ? "(image removed)" : " (image removed)")
    }

    mutating func emitLink(_ link: LinkSyntax) {
        var text = InlineFilter.filter(link.text, rules: rules, mode: .linkText, hasTable: hasTable)
        index = link.end
        let target = String(String.UnicodeScalarView(link.target))
        guard let host = WebAddress.host(of: target), !WebAddress.isReference(target) else {
            separateWords()
            out += text
            let shown = link.target.filter { $0 != "`" && $0 != "|" }
            guard !shown.isEmpty else {
                separateWords()
                return
            }
            emit(text.isEmpty ? "(" : " (")
            emitCode(shown)
            emit(")")
            return
        }
        if text.allSatisfy({ $0 == " " }) { text = Array(host.unicodeScalars) }
        out.append("[")
        if text.first == "^" { out.append(" ") }
        out += text
        emit("](<\(target)>)")
        let note = " (`\(host)`)"
        emit(note)
        if has(note, at: index) { index += note.unicodeScalars.count }
    }

    /// `[issue:group/project/12]` and its like, the long forms of references; the index after it.
    ///
    /// - Parameter mayBeLink: leaves what a link's target follows to those who look at links.
    func namedReference(at start: Int, mayBeLink: Bool = true) -> Int? {
        // Escaped or not, what is shown counts.
        var word = ""
        var colon = start + 1
        while colon < source.count, colon < start + 48 {
            let scalar = source[colon]
            let isEscape = scalar == "\\" && colon + 1 < source.count && "_*:".unicodeScalars.contains(source[colon + 1])
            guard isEscape || scalar.isASCIILetter || scalar == "_" || scalar == "*" else { break }
            if !isEscape { word.unicodeScalars.append(scalar) }
            colon += 1
        }
        guard colon < source.count, source[colon] == ":", Self.referenceKinds.contains(word.lowercased()) else { return nil }
        let content = source[colon...].prefix(300).prefix { $0 != "]" && $0 != "`" && $0 != "|" }
        let end = colon + content.count
        guard end < source.count, source[end] == "]" else { return nil }
        guard !mayBeLink || mode != .markdown || end + 1 >= source.count || source[end + 1] != "(" else { return nil }
        return end + 1
    }

    static let referenceKinds: Set<String> = [
        "issue", "work_item", "epic", "merge_request", "snippet", "vulnerability", "feature_flag", "contact", "wiki_page",
        "iteration", "cadence", "milestone", "alert", "commit", "project", "label", "user", "group",
    ]
}
