/// GitLab Markdown that does no harm: the product's own, or text of others that went through the filter.
///
/// Written as a literal, what stands in it is the product's own, and what is put in by `\(...)` is shown as plain text:
/// `let note: Markdown = "### Plan for \(issueTitle)"`.
package struct Markdown: Sendable, Hashable {
    package let text: String

    private init(raw text: String) { self.text = text }

    /// Markdown that a model or a person wrote: formatting stays, whatever acts or hides goes.
    package init(untrusted text: String, rules: OutgoingRules = OutgoingRules()) {
        self.text = BlockFilter.filter(text, rules: rules)
    }

    /// Plain text on one line: every character means itself.
    package static func literal(_ text: String) -> Markdown {
        let scalars = HiddenCharacters.removed(from: text).map { $0 == "\n" || $0 == "\t" ? " " : $0 }
        var result = InlineFilter.filter(scalars, rules: OutgoingRules(), mode: .plain)
        let digits = result.prefix { $0.isASCIIDigit }.count
        if let first = result.first, "#->+=:".unicodeScalars.contains(first) {
            result.insert("\\", at: 0)
        } else if digits > 0, digits < result.count, result[digits] == "." || result[digits] == ")",
            digits + 1 == result.count || result[digits + 1] == " "
        {
            // A number alone with its mark begins a list; `0.2 s` does not.
            result.insert("\\", at: digits)
        }
        return Markdown(raw: String(String.UnicodeScalarView(result)))
    }

    /// Text in code style on one line.
    package static func code(_ text: String) -> Markdown {
        let scalars = HiddenCharacters.removed(from: text).map { $0 == "\n" || $0 == "\t" ? " " : $0 }
        guard scalars.contains(where: { $0 != " " }) else { return Markdown(raw: "") }
        let fence = String(repeating: "`", count: FenceSyntax.longestRun(scalars[...]) + 1)
        let space = scalars.first == "`" || scalars.last == "`" ? " " : ""
        return Markdown(raw: fence + space + String(String.UnicodeScalarView(scalars)) + space + fence)
    }

    /// A code block whose fence is longer than any inside, such as a command's output.
    package static func block(_ content: String, language: String = "") -> Markdown {
        let lines = HiddenCharacters.removed(from: content).split(separator: "\n", omittingEmptySubsequences: false)
        return fenced(lines, info: CodeLanguages.known.contains(language.lowercased()) ? language.lowercased() : "")
    }

    /// A change that a reader can apply, in a comment on the diff; `above` and `below` count the lines around the
    /// commented one that it replaces. For findings that were checked only.
    package static func suggestion(_ lines: [String], above: Int = 0, below: Int = 0) -> Markdown {
        let scalars = lines.map { Array($0.unicodeScalars.filter { $0 != "\r" && $0 != "\n" })[...] }
        guard canSuggest(lines) else { return block(lines.joined(separator: "\n")) }
        return fenced(scalars, info: "suggestion:-\(max(0, min(above, 100)))+\(max(0, min(below, 100)))")
    }

    /// Whether these lines come into the code as they are shown. A line that the last guard would change does not, and neither does
    /// one with characters that nobody sees: both are better shown than applied.
    package static func canSuggest(_ lines: [String]) -> Bool {
        lines.allSatisfy { line in
            let scalars = Array(line.unicodeScalars.filter { $0 != "\r" && $0 != "\n" })
            return !LineGuard.isCommand(scalars[...]) && ActingWords.held(scalars) == scalars
                && HiddenCharacters.removed(from: String(String.UnicodeScalarView(scalars))) == scalars
        }
    }

    /// A part that opens on a click.
    package static func details(_ summary: String, _ body: Markdown) -> Markdown {
        // Markdown is not read inside the summary, but references are: only what means nothing may stand there, so that `GL-1` gets
        // another dash.
        let plain = HiddenCharacters.removed(from: summary).map { scalar -> Unicode.Scalar in
            if scalar == "-" { return "\u{2011}" }
            return scalar.value > 0x7F || scalar.isASCIIAlphanumeric || " .,;()'+_=/%*".unicodeScalars.contains(scalar) ? scalar : " "
        }
        let title = String(String.UnicodeScalarView(plain))
        return Markdown(raw: "<details>\n<summary>\(title)</summary>\n\n\(body.text)\n\n</details>")
    }

    package static func table(_ header: [Markdown], _ rows: [[Markdown]]) -> Markdown {
        func line(_ cells: [Markdown]) -> String {
            "| " + (0..<header.count).map { $0 < cells.count ? cells[$0].cell : "" }.joined(separator: " | ") + " |"
        }
        let rule = "|" + header.map { _ in " --- |" }.joined()
        return Markdown(raw: ([line(header), rule] + rows.map(line)).joined(separator: "\n"))
    }

    /// The text as a quotation.
    package static func quote(_ markdown: Markdown) -> Markdown {
        Markdown(
            raw: markdown.text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? ">" : "> \($0)" }.joined(separator: "\n"))
    }

    /// An invisible mark by which a text of the bot is found again.
    package static func marker(_ name: String, _ value: String) -> Markdown {
        func safe(_ text: String) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.isASCIIWord || ".:/-".unicodeScalars.contains($0) }))
                .replacing("--", with: "-")
        }
        return Markdown(raw: "<!-- ai-coder:\(safe(name))=\(safe(value)) -->")
    }

    /// Names a person, who is told so.
    package static func mention(_ username: String) -> Markdown {
        let isName = !username.isEmpty && username.unicodeScalars.allSatisfy { $0.isASCIIWord || $0 == "." || $0 == "-" }
        return isName ? Markdown(raw: "@\(username)") : literal(username)
    }

    package static func issue(_ iid: Int64) -> Markdown { Markdown(raw: "#\(iid)") }
    package static func mergeRequest(_ iid: Int64) -> Markdown { Markdown(raw: "!\(iid)") }
    /// Closes the issue when the merge request is merged into the default branch.
    package static func closes(issue iid: Int64) -> Markdown { Markdown(raw: "Closes #\(iid)") }

    /// A link to a place the product knows, such as the dashboard; just the text when that is no plain address.
    package static func link(_ text: String, to url: String) -> Markdown {
        guard WebAddress.host(of: url) != nil, !url.contains("|") else { return literal(text) }
        return Markdown(raw: "[\(literal(text).text)](<\(url)>)")
    }

    /// Parts with an empty line between; empty parts are left out.
    package static func paragraphs(_ parts: [Markdown]) -> Markdown {
        Markdown(raw: parts.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n\n"))
    }

    package static func lines(_ parts: [Markdown]) -> Markdown {
        Markdown(raw: parts.map(\.text).joined(separator: "\n"))
    }

    package static func + (left: Markdown, right: Markdown) -> Markdown {
        var text = left.text
        append(right.text, to: &text)
        return Markdown(raw: text)
    }

    /// A fence counts at a line's beginning only, and with nothing behind it when it closes. Where one came to stand elsewhere, what is
    /// inside and what is outside of code would change places from there on.
    fileprivate static func append(_ right: String, to left: inout String) {
        let end = left.unicodeScalars.suffix(from: left.unicodeScalars.lastIndex(of: "\n").map(left.unicodeScalars.index(after:)) ?? left.startIndex)
        if !end.isEmpty, !right.isEmpty {
            if isFence(right.unicodeScalars.prefix { $0 != "\n" }) {
                left += "\n\n"
            } else if isFence(end), right.unicodeScalars.first != "\n" {
                left += "\n"
            }
        }
        left += right
    }

    private static func isFence(_ line: Substring.UnicodeScalarView) -> Bool {
        let run = line.prefix { $0 == "`" }.count
        return run >= 3 && !line.dropFirst(run).contains("`")
    }

    package var isEmpty: Bool { text.isEmpty }

    static let cutMark = "*(shortened)*"

    private static func fenced(_ lines: [ArraySlice<Unicode.Scalar>], info: String) -> Markdown {
        let fence = String(repeating: "`", count: max(3, (lines.map(FenceSyntax.longestRun).max() ?? 0) + 1))
        let content = lines.map { String(String.UnicodeScalarView($0)) }
        return Markdown(raw: ([fence + info] + content + [fence]).joined(separator: "\n"))
    }

    /// On one line, and with no bar that would end the cell.
    private var cell: String {
        var result = ""
        var backslashes = 0
        for scalar in text.unicodeScalars {
            if scalar == "|", backslashes.isMultiple(of: 2) { result.append("\\") }
            backslashes = scalar == "\\" ? backslashes + 1 : 0
            result.unicodeScalars.append(scalar == "\n" ? " " : scalar)
        }
        return result
    }
}

extension Markdown: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { text = value }

    package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        package mutating func appendLiteral(_ literal: String) { Markdown.append(literal, to: &text) }
        package mutating func appendInterpolation(_ value: String) { text += Markdown.literal(value).text }
        package mutating func appendInterpolation(_ value: Markdown) { Markdown.append(value.text, to: &text) }
        package mutating func appendInterpolation(_ value: some BinaryInteger) { text += "\(value)" }
    }
}
