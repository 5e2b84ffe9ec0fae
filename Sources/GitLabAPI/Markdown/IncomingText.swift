/// Text from GitLab as a model gets to see it: with everything that a person would not see made visible.
///
/// It is no wall against hidden instructions, which is what who may start a task and what the sandbox can reach are for;
/// it takes the hiding away.
package enum IncomingText {
    /// - Parameter limit: in characters; what is left out is said at the end.
    package static func visible(_ text: String, limit: Int = 200_000) -> String {
        let scalars = Array(text.unicodeScalars.prefix(limit))
        var result: [Unicode.Scalar] = []
        var hidden = 0
        func flush() {
            guard hidden > 0 else { return }
            result += "[\(hidden) hidden character\(hidden == 1 ? "" : "s")]".unicodeScalars
            hidden = 0
        }
        for (index, scalar) in scalars.enumerated() {
            switch scalar.value {
            case 0x0D: continue
            case 0x0A, 0x09, 0x20...0x7E: flush()
            case 0x0B, 0x0C, 0x85, 0x2028, 0x2029:
                flush()
                result.append("\n")
                continue
            default:
                let next = index + 1 < scalars.count ? scalars[index + 1] : nil
                if HiddenCharacters.isHidden(scalar, after: index > 0 ? scalars[index - 1] : nil, before: next) {
                    hidden += 1
                    continue
                }
                flush()
            }
            result.append(scalar)
        }
        flush()
        let shown = showingComments(String(String.UnicodeScalarView(result)))
        return scalars.count < text.unicodeScalars.count ? shown + "\n[the rest is left out]" : shown
    }

    /// Comments of HTML outside code blocks, which GitLab does not show.
    private static func showingComments(_ text: String) -> String {
        guard text.contains("<!--") else { return text }
        var lines: [String] = []
        var fence: FenceSyntax?
        var isInComment = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let scalars = Array(line.unicodeScalars)[...]
            if let open = fence {
                if open.inside(scalars).map(open.isClosed) ?? true { fence = nil }
                lines.append(String(line))
                continue
            }
            if !isInComment, let opening = FenceSyntax.opening(scalars) {
                fence = opening
                lines.append(String(line))
                continue
            }
            lines.append(String(line).replacing("<!--", with: "[HTML comment:").replacing("-->", with: "]"))
            isInComment =
                line.lastRange(of: "<!--").map { start in
                    line.lastRange(of: "-->").map { $0.lowerBound < start.lowerBound } ?? true
                } ?? (isInComment && !line.contains("-->"))
        }
        return lines.joined(separator: "\n")
    }
}

extension Substring {
    fileprivate func lastRange(of text: String) -> Range<Index>? { ranges(of: text).last }
}
