/// Text as it goes to GitLab. There is no other way to send one, and no way to make one past the filter.
package struct OutgoingText: Sendable, Hashable {
    package let text: String

    /// Text that a model or a person wrote.
    package init(untrusted text: String, rules: OutgoingRules = OutgoingRules()) {
        self.init(Markdown(untrusted: text, rules: rules), limit: OutgoingRules.hardLimit)
    }

    /// Text that the product has built.
    package init(_ markdown: Markdown, limit: Int = OutgoingRules.defaultLimit) {
        text = LineGuard.guarded(Self.cut(markdown.text, to: min(limit, OutgoingRules.hardLimit)))
    }

    /// Cuts at a line's end and closes what is open there.
    private static func cut(_ text: String, to limit: Int) -> String {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > limit else { return text }
        let kept = scalars.prefix(limit)
        let end = kept.lastIndex(of: "\n") ?? 0
        var lines = kept[..<end].split(separator: "\n", omittingEmptySubsequences: false)
        var fence = 0
        var details = 0
        for line in lines {
            let run = line.prefix { $0 == "`" }.count
            if fence == 0 {
                if run >= 3, !line.dropFirst(run).contains("`") { fence = run }
                if line.elementsEqual("<details>".unicodeScalars) { details += 1 }
                if line.elementsEqual("</details>".unicodeScalars) { details -= 1 }
            } else if run >= fence, line.dropFirst(run).allSatisfy({ $0 == " " || $0 == "\t" }) {
                fence = 0
            }
        }
        // A single line longer than all the rest may be cut inside a link or code: it is filtered as if it were new.
        if fence > 0 {
            lines.append(Array(repeating: "`", count: fence)[...])
        } else if limit - end > limit / 2 {
            lines.append(InlineFilter.filter(kept[end...].drop { $0 == "\n" }, rules: OutgoingRules())[...])
        }
        let closing = String(repeating: "\n\n</details>", count: max(0, details))
        let body = String(String.UnicodeScalarView(lines.joined(separator: ["\n"])))
        return body + closing + "\n\n" + Markdown.cutMark
    }
}

/// The title of a merge request: one line, in which nobody is mentioned and nothing referred to.
package struct OutgoingTitle: Sendable, Hashable {
    /// GitLab's limit is 255.
    static let longest = 240

    package let text: String

    /// - Parameter untrusted: what a model or a person wrote; a draft mark in it counts for nothing.
    package init(untrusted: String, isDraft: Bool = false) {
        let line =
            HiddenCharacters.removed(from: untrusted).split(separator: "\n")
            .first { $0.contains { !$0.properties.isWhitespace } } ?? []
        let words = line.split { $0.properties.isWhitespace }.map(TitleFilter.withoutReference).joined(separator: [" "])
        var title = Self.withoutDraftMarks(String(String.UnicodeScalarView(words)))
        if title.unicodeScalars.count > Self.longest - 40 {
            title = String(String.UnicodeScalarView(title.unicodeScalars.prefix(Self.longest - 40))) + "..."
        }
        var filtered = Array(TitleFilter.filter(title).unicodeScalars)
        if filtered.count > Self.longest { filtered = Array(TitleFilter.filter(String(title.prefix(60))).unicodeScalars) }
        text = (isDraft ? "Draft: " : "") + (filtered.isEmpty ? "Changes" : String(String.UnicodeScalarView(filtered)))
    }

    private static func withoutDraftMarks(_ title: String) -> String {
        var rest = title[...]
        while true {
            let lower = rest.lowercased()
            guard let mark = ["draft:", "[draft]", "(draft)", "draft -", "wip:", "[wip]"].first(where: lower.hasPrefix) else {
                return String(rest)
            }
            rest = rest.dropFirst(mark.count).drop { $0 == " " }
        }
    }
}

/// Titles are no Markdown, but GitLab looks for mentions and references in them.
private enum TitleFilter {
    static func filter(_ title: String) -> String {
        var result: [Unicode.Scalar] = []
        let scalars = Array(title.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : " "
            let isReference: Bool =
                switch scalar {
                case "@": next.isASCIIWord || next == "." || next == "\\"
                case "#", "!", "&", "$": next.isASCIIDigit
                case "-": result.suffix(2).map(\.lowercasedASCII) == ["g", "l"] && next.isASCIIDigit
                case "[": true
                case "]": false
                default: false
                }
            if scalar == "<" {
                result.append("‹")
            } else if scalar == "`" {
                result.append("'")
            } else if isReference, scalar == "[" {
                result.append("(")
            } else if scalar == "]" {
                result.append(")")
            } else {
                result.append(scalar)
                // A space is the one thing that ends a reference in every reader.
                if isReference { result.append(" ") }
            }
        }
        return String(String.UnicodeScalarView(ActingWords.held(result)))
    }

    /// An address of something in GitLab is a reference too, and no code style can hold it: without its scheme it is only words.
    static func withoutReference(_ word: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        var rest = Array(word)
        guard WebAddress.isReference(String(String.UnicodeScalarView(rest))) else { return rest }
        while let mark = rest.firstRange(of: Array("://".unicodeScalars)) {
            let scheme = rest[..<mark.lowerBound].reversed().prefix { $0.isASCIIAlphanumeric || "+-.".unicodeScalars.contains($0) }.count
            rest.removeSubrange((mark.lowerBound - scheme)..<mark.upperBound)
        }
        return rest
    }
}
