/// Words that act wherever they stand in a raw text, code and code blocks included, where no escape can be put: closing words before a
/// reference and orders to skip the pipeline, which GitLab looks for when a merge request is merged, and the product's own hidden
/// marks, by which the bot finds its texts again.
///
/// A no-break space between their parts looks the same and ends their meaning.
enum ActingWords {
    /// - Parameter mayBeginWithMark: the product's own marks stand at a line's beginning, outside code.
    static func held(_ line: some Sequence<Unicode.Scalar>, mayBeginWithMark: Bool = false) -> [Unicode.Scalar] {
        var line = Array(line)
        var index = 0
        while index < line.count {
            switch line[index].lowercasedASCII {
            case "<" where index > 0 || !mayBeginWithMark:
                if line[index...].starts(with: mark) { hold((index + 4)..<(index + 5), in: &line) }
            case "c", "f", "r", "i": if let gap = gapAfterClosingWord(at: index, in: line) { hold(gap, in: &line) }
            case "[": if let gap = gapInOrder(at: index, in: line) { hold(gap, in: &line) }
            default: break
            }
            index += 1
        }
        return line
    }

    /// Whether this is the product's own line that closes the issue at hand.
    static func isOwn(_ line: some Collection<Unicode.Scalar>) -> Bool {
        let own = "Closes #".unicodeScalars
        let digits = line.dropFirst(own.count)
        return line.starts(with: own) && !digits.isEmpty && digits.allSatisfy(\.isASCIIDigit)
    }

    private static let mark = Array("<!-- ai-coder:".unicodeScalars)

    private static func hold(_ gap: Range<Int>, in line: inout [Unicode.Scalar]) {
        for index in gap { line[index] = "\u{A0}" }
    }

    // MARK: Closing words

    private static let closing: Set<String> = [
        "close", "closes", "closed", "closing", "fix", "fixes", "fixed", "fixing", "resolve", "resolves", "resolved", "resolving",
        "implement", "implements", "implemented", "implementing",
    ]
    private static let nouns: Set<String> = [
        "issue", "issues", "work", "item", "items", "epic", "epics", "task", "tasks", "ticket", "tickets", "bug", "bugs",
    ]
    private static let longestPath = 400

    private static func gapAfterClosingWord(at start: Int, in line: [Unicode.Scalar]) -> Range<Int>? {
        guard start == 0 || !line[start - 1].isASCIILetter else { return nil }
        var end = start + line[start...].prefix(13).prefix { $0.isASCIILetter }.count
        guard closing.contains(lowered(line[start..<end])) else { return nil }
        if end < line.count, line[end] == ":" { end += 1 }
        let gap = spaces(from: end, in: line)
        guard !gap.isEmpty else { return nil }
        var position = gap.upperBound
        for _ in 0..<3 {
            if isReference(at: position, in: line) { return gap }
            let noun = line[position...].prefix(8).prefix { $0.isASCIILetter }
            guard nouns.contains(lowered(noun)) else { return nil }
            position = noun.endIndex
            if position < line.count, line[position] == ":" { position += 1 }
            position = spaces(from: position, in: line).upperBound
        }
        return isReference(at: position, in: line) ? gap : nil
    }

    /// `#1`, `group/project#1`, `GL-1`, `ABC-1`, an address, `[issue:1]`.
    private static func isReference(at start: Int, in line: [Unicode.Scalar]) -> Bool {
        let rest = line[start...].prefix(longestPath)
        guard let first = rest.first else { return false }
        if first == "[" { return rest.dropFirst().first?.isASCIILetter == true && rest.contains(":") }
        if ["http://", "https://"].contains(where: { lowered(rest.prefix($0.count)) == $0 }) { return true }
        let path = rest.prefix { $0.isASCIIWord || $0 == "." || $0 == "/" || $0 == "-" }
        let after = rest.dropFirst(path.count)
        if let mark = after.first, mark == "#" || mark == "!" || mark == "&", after.dropFirst().first?.isASCIIDigit == true { return true }
        let key = path.prefix { $0.isASCIIWord }
        let number = path.dropFirst(key.count)
        return key.count >= 2 && key.first?.isASCIILetter == true && number.first == "-" && number.dropFirst().first?.isASCIIDigit == true
    }

    // MARK: Orders

    /// `[skip ci]`, `[ci-skip]`.
    private static func gapInOrder(at start: Int, in line: [Unicode.Scalar]) -> Range<Int>? {
        let first = line[(start + 1)...].prefix(5).prefix { $0.isASCIILetter }
        let gap = first.endIndex
        guard gap + 1 < line.count, line[gap] == " " || line[gap] == "_" || line[gap] == "-" else { return nil }
        let second = line[(gap + 1)...].prefix(5).prefix { $0.isASCIILetter }
        guard second.endIndex < line.count, line[second.endIndex] == "]" else { return nil }
        let words = [lowered(first), lowered(second)]
        return words == ["skip", "ci"] || words == ["ci", "skip"] ? gap..<(gap + 1) : nil
    }

    private static func spaces(from start: Int, in line: [Unicode.Scalar]) -> Range<Int> {
        start..<(start + line[start...].prefix { $0 == " " || $0 == "\t" }.count)
    }

    private static func lowered(_ word: some Sequence<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(word.map(\.lowercasedASCII)))
    }
}
