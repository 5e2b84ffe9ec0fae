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

    let source: [Unicode.Scalar]
    let rules: OutgoingRules
    let mode: Mode
    /// In tables a bar ends a cell even inside code.
    let hasTable: Bool
    var index = 0
    var out: [Unicode.Scalar] = []
    private var lonelyRuns: Set<Int> = []
    private var hasNoMore: Set<String> = []
    /// Steps left for looking for links' ends, so that a line of brackets costs no more than its length allows.
    var linkBudget: Int

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
            case "-" where endsWithKey() && peek()?.isASCIIDigit == true: wrap(1)
            case "*", "_", "~", "|", "{", "}":
                if mode == .plain { out.append("\\") }
                keep()
            default: keep()
            }
        }
        return out
    }

    // MARK: Emitting

    mutating func keep(_ count: Int = 1) {
        out += source[index..<min(index + count, source.count)]
        index += count
    }

    mutating func emit(_ text: String) { out += text.unicodeScalars }

    /// Shows the scalars as code, where nothing has a meaning. They hold no backtick.
    mutating func emitCode(_ content: some Collection<Unicode.Scalar>) {
        if out.last == "`" { out.append(" ") }
        out.append("`")
        out += content
        out.append("`")
    }

    mutating func wrap(_ count: Int) {
        let end = min(index + count, source.count)
        emitCode(source[index..<end])
        index = end
    }

    func peek(_ offset: Int = 1) -> Unicode.Scalar? {
        let position = index + offset
        return position >= 0 && position < source.count ? source[position] : nil
    }

    func has(_ text: String, at position: Int, ignoringCase: Bool = false) -> Bool {
        var position = position
        for scalar in text.unicodeScalars {
            guard position < source.count else { return false }
            let other = ignoringCase ? source[position].lowercasedASCII : source[position]
            guard other == scalar else { return false }
            position += 1
        }
        return true
    }

    mutating func find(_ text: String, from start: Int) -> Int? {
        guard start <= source.count, !hasNoMore.contains(text) else { return nil }
        guard let range = source[start...].firstRange(of: Array(text.unicodeScalars)) else {
            hasNoMore.insert(text)
            return nil
        }
        return range.lowerBound
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
            if let end = namedReference(at: index + 1, mayBeLink: false) {
                // Escaped it is no link, whatever follows.
                index += 1
                wrap(end - index)
            } else {
                keep(2)
            }
        case "-" where endsWithKey() && peek(2)?.isASCIIDigit == true:
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
}
