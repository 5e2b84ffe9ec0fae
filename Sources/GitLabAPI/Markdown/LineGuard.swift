/// The last look at a text before it leaves: no line of it is a quick action, whoever wrote it and wherever it stands.
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
                    result += line
                } else {
                    result += outside(line, mayBeFrontMatter: isFirst)
                }
            } else if run >= fence, line.dropFirst(run).allSatisfy({ $0 == " " || $0 == "\t" }) {
                fence = 0
                result += line
            } else {
                if isCommand(line) { result.append(" ") }
                result += line
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
    /// as `/usr/bin` are none. Inside a closed fence GitLab skips it, but versions differ in what closes one.
    static func isCommand(_ line: ArraySlice<Unicode.Scalar>) -> Bool {
        guard line.first == "/", let letter = line.dropFirst().first, letter.isASCIILetter else { return false }
        let after = line.dropFirst().drop { $0.isASCIIWord }
        return after.first.map { $0.properties.isWhitespace } ?? true
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
        if position < line.endIndex, line[position] == "/", position + 1 < line.endIndex, line[position + 1].isASCIILetter {
            result.insert("\\", at: position - line.startIndex)
        }
        let isBlockQuote = line.starts(with: ">>>".unicodeScalars) && line.dropFirst(3).allSatisfy { $0 == " " || $0 == "\t" }
        if isBlockQuote || line.starts(with: "::".unicodeScalars) { result.insert("\\", at: 0) }
        if mayBeFrontMatter {
            let rest = line.drop { $0.properties.isWhitespace }
            for mark in ["---", "+++", ";;;"] where rest.starts(with: mark.unicodeScalars) {
                result.insert("\\", at: rest.startIndex - line.startIndex)
            }
        }
        return result
    }
}
