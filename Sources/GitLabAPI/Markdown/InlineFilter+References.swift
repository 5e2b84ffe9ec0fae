/// What GitLab would make a mention, a reference or an outside tracker's key of.
extension InlineFilter {
    mutating func at() {
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

    mutating func hash() {
        if peek()?.isASCIIDigit == true {
            reference()
        } else {
            keep()
        }
    }

    /// `#12` or `!12`, perhaps with a project before it.
    mutating func reference() {
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

    func digits(from start: Int) -> Int {
        start < source.count ? source[start...].prefix { $0.isASCIIDigit }.count : 0
    }

    /// `GL-12`, which is `#12` for GitLab, and `ABC-12`, which an outside tracker may know.
    mutating func key() {
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

    /// What is written so far ends in the letters of such a key, parts of it perhaps escaped.
    func endsWithKey() -> Bool {
        if out.suffix(2).map(\.lowercasedASCII) == ["g", "l"] { return true }
        let name = out.suffix(64).reversed().prefix { $0.isASCIIWord || $0 == "\\" }.filter { $0 != "\\" }.reversed()
        let word = String(String.UnicodeScalarView(name))
        return name.count >= 2 && name.first?.isASCIILetter == true && word.uppercased() == word && !Self.standards.contains(word)
    }

    func isAddress(at start: Int) -> Bool {
        has("https://", at: start, ignoringCase: true) || has("http://", at: start, ignoringCase: true)
    }

    /// How much of a word can be kept at once; it may hold an address (`Xhttps://`, `Xwww.`).
    func wordWithoutAddress(_ count: Int) -> Int {
        let word = source[index..<(index + count)]
        return word.dropFirst().firstIndex { "hHwW".unicodeScalars.contains($0) }.map { $0 - index } ?? count
    }

    static let standards: Set<String> = [
        "AES", "ARM", "ASCII", "BASE", "CP", "CVE", "CWE", "ECMA", "EN", "ES", "GHSA", "HMAC", "HTTP", "IEC", "IEEE", "IPV",
        "ISO", "KOI8", "MD", "MP", "PEP", "PKCS", "RC", "RFC", "RSA", "SHA", "SHA2", "SHA3", "TLS", "UCS", "UTF", "VT", "X",
    ]
}
