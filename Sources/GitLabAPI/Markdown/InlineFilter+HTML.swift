/// Angle brackets and character references: comments go, tags become text, images a word.
extension InlineFilter {
    mutating func angle() {
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

    mutating func tag() -> (name: String, end: Int)? {
        let name = source[(index + 1)...].prefix { $0.isASCIILetter }
        let word = String(String.UnicodeScalarView(name)).lowercased()
        guard word == "br" || word == "img", let end = find(">", from: index) else { return nil }
        return (word, end + 1)
    }

    func attribute(_ name: String, in tag: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        let wanted = Array("\(name)=".unicodeScalars)
        guard let range = tag.map(\.lowercasedASCII).firstRange(of: wanted) else { return [] }
        let rest = tag.dropFirst(range.upperBound)
        guard let quote = rest.first else { return [] }
        if quote == "\"" || quote == "'" { return Array(rest.dropFirst().prefix { $0 != quote }) }
        return Array(rest.prefix { $0 != " " && $0 != ">" && $0 != "/" })
    }

    mutating func separate() {
        if let last = out.last, last != " " { out.append(" ") }
    }

    /// Before text whose brackets go: it must not be the second half of a name or number.
    mutating func separateWords() {
        if let last = out.last, last.isASCIIAlphanumeric || "@#!&$-/:[".unicodeScalars.contains(last) { out.append(" ") }
    }

    mutating func ampersand() {
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
            if word.first?.isNumber == true {
                wrap(1 + digits(from: index + 1))
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
}
