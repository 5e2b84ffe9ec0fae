/// One line of text outside code blocks, made harmless: what remains active is what the product allows.
///
/// It relies on no parser's idea of the whole document. Whatever could begin something that reaches over the line's end
/// or hides something (backticks without a partner, angle brackets, dollar signs, image and link brackets) is escaped,
/// so that each line means the same to every reader.
struct InlineFilter {
    enum Mode {
        case markdown
        /// Inside a link's or image's text: no further brackets.
        case linkText
        /// Nothing is markup.
        case plain
    }

    private let source: [Unicode.Scalar]
    private let rules: OutgoingRules
    private let mode: Mode
    /// In tables a bar ends a cell even inside code.
    private let hasTable: Bool
    private var index = 0
    private var out: [Unicode.Scalar] = []
    private var lonelyRuns: Set<Int> = []
    private var hasNoMore: Set<String> = []
    /// Steps left for looking for links' ends, so that a line of brackets costs no more than its length allows.
    private var linkBudget: Int

    init(_ source: [Unicode.Scalar], rules: OutgoingRules, mode: Mode = .markdown, hasTable: Bool = false) {
        self.source = source
        self.rules = rules
        self.mode = mode
        self.hasTable = hasTable
        linkBudget = 10_000 + 64 * source.count
        out.reserveCapacity(source.count + 16)
    }

    static func filter(
        _ source: some Sequence<Unicode.Scalar>, rules: OutgoingRules, mode: Mode = .markdown, hasTable: Bool = false
    ) -> [Unicode.Scalar] {
        var filter = InlineFilter(Array(source), rules: rules, mode: mode, hasTable: hasTable)
        return filter.run()
    }

    private mutating func run() -> [Unicode.Scalar] {
        while index < source.count {
            switch source[index] {
            case "`": backticks()
            case "\\": backslash()
            case "<": angle()
            case "&": ampersand()
            case "[": openingBracket()
            case "]": closingBracket()
            case "!": bang()
            case "@": at()
            case "#": hash()
            case "$": dollar()
            case "h", "H", "w", "W": url()
            case ":" where has("://", at: index): wrap(3)
            case "A"..."Z", "g": key()
            case "-" where endsWithGL() && peek()?.isASCIIDigit == true: wrap(1)
            case "*", "_", "~", "|", "{", "}":
                if mode == .plain { out.append("\\") }
                keep()
            default: keep()
            }
        }
        return out
    }

    // MARK: Emitting

    private mutating func keep(_ count: Int = 1) {
        out += source[index..<min(index + count, source.count)]
        index += count
    }

    private mutating func emit(_ text: String) { out += text.unicodeScalars }

    /// Shows the scalars as code, where nothing has a meaning. They hold no backtick.
    private mutating func emitCode(_ content: some Collection<Unicode.Scalar>) {
        if out.last == "`" { out.append(" ") }
        out.append("`")
        out += content
        out.append("`")
    }

    private mutating func wrap(_ count: Int) {
        let end = min(index + count, source.count)
        emitCode(source[index..<end])
        index = end
    }

    private func peek(_ offset: Int = 1) -> Unicode.Scalar? {
        let position = index + offset
        return position >= 0 && position < source.count ? source[position] : nil
    }

    private func has(_ text: String, at position: Int, ignoringCase: Bool = false) -> Bool {
        var position = position
        for scalar in text.unicodeScalars {
            guard position < source.count else { return false }
            let other = ignoringCase ? source[position].lowercasedASCII : source[position]
            guard other == scalar else { return false }
            position += 1
        }
        return true
    }

    // MARK: Code

    private mutating func backticks() {
        let length = source[index...].prefix { $0 == "`" }.count
        if mode != .plain, let end = closingRun(length, after: index + length) {
            let content = source[(index + length)..<end]
            if !content.contains("|") || !hasTable || Self.barsAreEscaped(content) {
                if out.last == "`" { out.append(" ") }
                keep(end + length - index)
                return
            }
        }
        for _ in 0..<length { emit("\\`") }
        index += length
    }

    private mutating func closingRun(_ length: Int, after start: Int) -> Int? {
        guard !lonelyRuns.contains(length) else { return nil }
        var position = start
        while position < source.count {
            guard source[position] == "`" else {
                position += 1
                continue
            }
            let run = source[position...].prefix { $0 == "`" }.count
            if run == length { return position }
            position += run
        }
        lonelyRuns.insert(length)
        return nil
    }

    private static func barsAreEscaped(_ content: ArraySlice<Unicode.Scalar>) -> Bool {
        content.indices.allSatisfy { position in
            guard content[position] == "|" else { return true }
            return position > content.startIndex && content[position - 1] == "\\"
                && !(position - 1 > content.startIndex && content[position - 2] == "\\")
        }
    }

    // MARK: Escapes

    private mutating func backslash() {
        guard mode != .plain, let next = peek() else {
            emit("\\\\")
            index += 1
            return
        }
        switch next {
        case "@", "&", "<":
            // Escaped or not, GitLab may find a reference in what is shown; it is handled as if it stood alone.
            index += 1
        case "#", "!":
            if peek(2)?.isASCIIDigit == true || (next == "!" && peek(2) == "[") { index += 1 } else { keep(2) }
        case "[":
            if namedReference(at: index + 1) != nil { index += 1 } else { keep(2) }
        case "-" where endsWithGL():
            emit("`-`")
            index += 2
        case ":" where has("//", at: index + 2), "/" where out.last == ":" || out.suffix(2) == [":", "/"]:
            // Put together again these would be an address.
            index += 1
            wrap(1)
        default:
            if next.isASCIIPunctuation {
                keep(2)
            } else {
                emit("\\\\")
                index += 1
            }
        }
    }

    private mutating func dollar() {
        // `group/project$1` is a snippet. A pair of dollar signs is a formula, which swallows whatever is between.
        if peek()?.isASCIIDigit == true, peek(-1)?.isASCIIWord == true {
            wrap(1 + digits(from: index + 1))
        } else {
            emit("\\$")
            index += 1
        }
    }

    // MARK: HTML

    private mutating func angle() {
        if has("<!--", at: index), mode != .plain, let end = find("-->", from: index + 4) {
            index = end + 3
            // What stood on both sides must not become one word.
            separate()
            return
        }
        if mode != .plain, isAddress(at: index + 1),
            let close = source[index...].prefix(2_000).firstIndex(of: ">"),
            !source[index..<close].contains(where: { $0 == " " || $0 == "\t" })
        {
            // The brackets go, the address stays visible.
            let inner = source[(index + 1)..<close]
            index = close + 1
            separate()
            out += InlineFilter.filter(inner, rules: rules, mode: mode, hasTable: hasTable)
            if index < source.count { separate() }
            return
        }
        if mode != .plain, let tag = tag() {
            if tag.name == "br" {
                out.append(" ")
                index = tag.end
                return
            }
            if tag.name == "img" {
                let alt = attribute("alt", in: source[index..<tag.end])
                removedImage(alt)
                index = tag.end
                return
            }
        }
        emit("&lt;")
        index += 1
    }

    private mutating func tag() -> (name: String, end: Int)? {
        let name = source[(index + 1)...].prefix { $0.isASCIILetter }
        let word = String(String.UnicodeScalarView(name)).lowercased()
        guard word == "br" || word == "img", let end = find(">", from: index) else { return nil }
        return (word, end + 1)
    }

    private func attribute(_ name: String, in tag: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        let wanted = Array("\(name)=".unicodeScalars)
        guard let range = tag.map(\.lowercasedASCII).firstRange(of: wanted) else { return [] }
        let rest = tag.dropFirst(range.upperBound)
        guard let quote = rest.first else { return [] }
        if quote == "\"" || quote == "'" { return Array(rest.dropFirst().prefix { $0 != quote }) }
        return Array(rest.prefix { $0 != " " && $0 != ">" && $0 != "/" })
    }

    private mutating func separate() {
        if let last = out.last, last != " " { out.append(" ") }
    }

    /// Before text whose brackets go: it must not be the second half of a name or number.
    private mutating func separateWords() {
        if let last = out.last, last.isASCIIAlphanumeric || "@#!&$-/:[".unicodeScalars.contains(last) { out.append(" ") }
    }

    private mutating func ampersand() {
        let name = source[(index + 1)...].prefix(10).prefix { $0.isASCIIAlphanumeric }
        if index + 1 + name.count < source.count, source[index + 1 + name.count] == ";", !name.isEmpty {
            let word = String(String.UnicodeScalarView(name))
            if mode != .plain, ["lt", "gt", "amp", "quot", "nbsp"].contains(word) {
                if word == "amp", peek(5)?.isASCIIDigit == true {
                    // `&12` once it is shown: an epic.
                    emit("`&`")
                    index += 5
                } else {
                    keep(name.count + 2)
                }
                return
            }
            emit("&amp;")
            index += 1
        } else if peek()?.isASCIIDigit == true {
            wrap(1 + digits(from: index + 1))
        } else if peek() == "#" {
            emit("&amp;")
            index += 1
        } else {
            keep()
        }
    }

    // MARK: Links and images

    private mutating func openingBracket() {
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
        } else {
            // A bracket left open may become a footnote or a definition, whose text readers take as it is written.
            emit("\\[")
            index += 1
        }
    }

    /// `- [ ]` or `- [x]` at the line's beginning.
    private var isCheckbox: Bool {
        guard let mark = peek(), " xX".unicodeScalars.contains(mark), peek(2) == "]", peek(3).map({ $0 == " " }) ?? true
        else { return false }
        return source[..<index].allSatisfy { $0.isASCIIDigit || " \t>-*+.)".unicodeScalars.contains($0) }
    }

    private mutating func closingBracket() {
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

    private mutating func bang() {
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

    private mutating func removedImage(_ alt: some Sequence<Unicode.Scalar>) {
        let text = InlineFilter.filter(alt, rules: rules, mode: .linkText, hasTable: hasTable)
        separateWords()
        out += text
        emit(text.isEmpty ? "(image removed)" : " (image removed)")
    }

    private mutating func emitLink(_ link: LinkSyntax) {
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
    private func namedReference(at start: Int) -> Int? {
        let word = source[(start + 1)...].prefix(24).prefix { $0.isASCIILetter || $0 == "_" || $0 == "*" }
        let colon = start + 1 + word.count
        guard colon < source.count, source[colon] == ":", Self.referenceKinds.contains(String(String.UnicodeScalarView(word)).lowercased())
        else { return nil }
        let content = source[colon...].prefix(300).prefix { $0 != "]" && $0 != "`" && $0 != "|" }
        let end = colon + content.count
        guard end < source.count, source[end] == "]" else { return nil }
        // A link's text; the link is looked at as one.
        guard mode != .markdown || end + 1 >= source.count || source[end + 1] != "(" else { return nil }
        return end + 1
    }

    private static let referenceKinds: Set<String> = [
        "issue", "work_item", "epic", "merge_request", "snippet", "vulnerability", "feature_flag", "contact", "wiki_page",
        "iteration", "cadence", "milestone", "alert", "commit", "project", "label", "user", "group",
    ]

    // MARK: References and mentions

    private mutating func at() {
        let name = source[(index + 1)...].prefix { $0.isASCIIWord || $0 == "." || $0 == "-" || $0 == "/" }
        // `somebody@example.com` mentions nobody, but `project@1a2b3c4` is a commit.
        // What counts is what stands before it when shown: the end of a word, not of something wrapped as code.
        if out.last?.isASCIIAlphanumeric == true, peek() != "\\" {
            let digits = name.prefix { $0.isASCIIHexDigit }
            if digits.count >= 7, digits.count == name.count { wrap(1 + digits.count) } else { keep() }
            return
        }
        guard !name.isEmpty || peek() == "\\" else {
            keep()
            return
        }
        let trimmed = name.reversed().drop { $0 == "." || $0 == "-" || $0 == "/" }.reversed()
        let username = String(String.UnicodeScalarView(trimmed)).lowercased()
        let after = index + 1 + name.count < source.count ? source[index + 1 + name.count] : " "
        // A name may end with a dash, which would make it another's; a dot is the sentence's.
        let isWhole = name.dropFirst(trimmed.count).allSatisfy { $0 == "." }
        if rules.mentions.contains(where: { $0.lowercased() == username }), !username.isEmpty, isWhole,
            [" ", "\t", ",", ";", ":", "!", "?", ")"].contains(after)
        {
            keep(1 + trimmed.count)
            return
        }
        wrap(1 + trimmed.count)
    }

    private mutating func hash() {
        if peek()?.isASCIIDigit == true {
            reference()
        } else {
            keep()
        }
    }

    /// `#12` or `!12`, perhaps with a project before it.
    private mutating func reference() {
        let count = 1 + digits(from: index + 1)
        let text = String(String.UnicodeScalarView(source[index..<(index + count)]))
        let previous = peek(-1)
        let after = peek(count)
        let standsAlone =
            !(previous.map { $0.isASCIIWord || "./-\\&".unicodeScalars.contains($0) } ?? false)
            && !(after.map { $0.isASCIIWord || "\\-+&".unicodeScalars.contains($0) } ?? false)
        if rules.references.contains(text), standsAlone {
            keep(count)
        } else {
            wrap(count)
        }
    }

    private func digits(from start: Int) -> Int {
        start < source.count ? source[start...].prefix { $0.isASCIIDigit }.count : 0
    }

    /// `GL-12`, which is `#12` for GitLab, and `ABC-12`, which an outside tracker may know.
    private mutating func key() {
        guard out.last?.isASCIIWord != true else {
            keep()
            return
        }
        let word = source[index...].prefix { $0.isASCIIAlphanumeric || $0 == "_" }
        let name = String(String.UnicodeScalarView(word))
        let isGitLab = name.lowercased() == "gl"
        guard has("-", at: index + word.count), digits(from: index + word.count + 1) > 0,
            isGitLab || (word.count >= 2 && name.uppercased() == name && !Self.standards.contains(name))
        else {
            keep(wordWithoutAddress(word.count))
            return
        }
        wrap(word.count + 1 + digits(from: index + word.count + 1))
    }

    private func endsWithGL() -> Bool { out.suffix(2).map(\.lowercasedASCII) == ["g", "l"] }

    private func isAddress(at start: Int) -> Bool {
        has("https://", at: start, ignoringCase: true) || has("http://", at: start, ignoringCase: true)
    }

    /// How much of a word can be kept at once; it may hold an address (`Xhttps://`, `Xwww.`).
    private func wordWithoutAddress(_ count: Int) -> Int {
        let word = source[index..<(index + count)]
        return word.dropFirst().firstIndex { "hHwW".unicodeScalars.contains($0) }.map { $0 - index } ?? count
    }

    private static let standards: Set<String> = [
        "AES", "ARM", "ASCII", "BASE", "CP", "CVE", "CWE", "ECMA", "EN", "ES", "GHSA", "HMAC", "HTTP", "IEC", "IEEE", "IPV",
        "ISO", "KOI8", "MD", "MP", "PEP", "PKCS", "RC", "RFC", "RSA", "SHA", "SHA2", "SHA3", "TLS", "UCS", "UTF", "VT", "X",
    ]

    // MARK: Addresses

    private mutating func url() {
        guard isAddress(at: index) || has("www.", at: index, ignoringCase: true) else {
            if source[index] == "H" || source[index] == "W" { key() } else { keep() }
            return
        }
        var end = index
        while end < source.count, !WebAddress.ends(source[end]) { end += 1 }
        while end > index, Self.closingMarks.contains(source[end - 1]) { end -= 1 }
        // Readers take everything up to the next space for the address, whatever it is escaped with.
        let rest = source[end...].prefix { !$0.properties.isWhitespace }
        let text = String(String.UnicodeScalarView(source[index..<end]))
        if WebAddress.isRisky(text) || !rest.allSatisfy(Self.closingMarks.contains) {
            wrap(end - index)
        } else {
            keep(end - index)
        }
    }

    private static let closingMarks = Set(".,:;!?)'\"*_".unicodeScalars)

    private mutating func find(_ text: String, from start: Int) -> Int? {
        guard start <= source.count, !hasNoMore.contains(text) else { return nil }
        guard let range = source[start...].firstRange(of: Array(text.unicodeScalars)) else {
            hasNoMore.insert(text)
            return nil
        }
        return range.lowerBound
    }
}
