/// The last look at a text before it leaves: no line of it is a quick action, and nothing in it closes an issue or marks a text
/// but the product's own lines, whoever wrote it and wherever it stands.
enum LineGuard {
    static func guarded(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { $0 != "\r" }
        var fence = 0
        var isFirst = true
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count + 16)
        for (number, line) in Array(scalars).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if number > 0 { result.append("\n") }
            let run = line.prefix { $0 == "`" }.count
            if fence == 0 {
                if run >= 3, !line.dropFirst(run).contains("`") {
                    fence = run
                    result += ActingWords.held(line)
                } else {
                    let text = outside(line, mayBeFrontMatter: isFirst)
                    result += ActingWords.isOwn(text) ? text : ActingWords.held(text, mayBeginWithMark: true)
                }
            } else if run >= fence, line.dropFirst(run).allSatisfy({ $0 == " " || $0 == "\t" }) {
                fence = 0
                result += line
            } else {
                if isCommand(line) { result.append(" ") }
                result += ActingWords.held(line)
            }
            // A first line may be blank or name an encoding; what follows can still be front matter.
            if isFirst {
                let isBlank = line.allSatisfy { $0.properties.isWhitespace }
                isFirst = isBlank || String(String.UnicodeScalarView(line)).contains("coding:")
            }
        }
        return String(String.UnicodeScalarView(result))
    }

    /// A slash, a word and nothing directly after it: what any version of GitLab may take for a quick action. Paths such
    /// as `/usr/bin` are none. Inside a closed fence GitLab skips it, but versions differ in what closes one. GitLab compares names
    /// without case, so that letters such as the Kelvin sign count as well.
    static func isCommand(_ line: ArraySlice<Unicode.Scalar>) -> Bool {
        guard line.first == "/", let letter = line.dropFirst().first, mayBeginCommand(letter) else { return false }
        let after = line.dropFirst().drop { $0.isASCIIWord || !($0.isASCII || $0.properties.isWhitespace) }
        return after.first.map { $0.properties.isWhitespace } ?? true
    }

    private static func mayBeginCommand(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCIILetter || (!scalar.isASCII && scalar.properties.isAlphabetic)
    }

    private static func outside(_ line: ArraySlice<Unicode.Scalar>, mayBeFrontMatter: Bool) -> [Unicode.Scalar] {
        var position = line.startIndex
        while position < line.endIndex {
            let scalar = line[position]
            guard scalar.properties.isWhitespace || scalar.isASCIIDigit || ">-*+#|.)([]xX".unicodeScalars.contains(scalar)
            else { break }
            position += 1
        }
        var result = Array(line)
        if position < line.endIndex, line[position] == "/", position + 1 < line.endIndex, mayBeginCommand(line[position + 1]) {
            result.insert("\\", at: position - line.startIndex)
        }
        if line.starts(with: "::".unicodeScalars) { result.insert("\\", at: 0) }
        if let quote = openingOfQuote(line) { result.insert("\\", at: quote - line.startIndex) }
        if mayBeFrontMatter {
            let rest = line.drop { $0.properties.isWhitespace }
            for mark in ["---", "+++", ";;;"] where rest.starts(with: mark.unicodeScalars) {
                result.insert("\\", at: rest.startIndex - line.startIndex)
            }
        }
        return result
    }

    /// Where a line of `>>>` alone begins, also after the marks of lists and quotes: it opens a quote of many lines, and its like ends
    /// that and every code block in it.
    private static func openingOfQuote(_ line: ArraySlice<Unicode.Scalar>) -> Int? {
        let marks = line.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
        let run = marks.reversed().prefix { $0 == ">" }.count
        let before = marks.dropLast(run)
        guard run >= 3, before.allSatisfy({ $0 == " " || $0 == "\t" || $0.isASCIIDigit || ">-*+.)".unicodeScalars.contains($0) }) else { return nil }
        return line.startIndex + before.count
    }
}
