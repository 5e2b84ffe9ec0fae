/// Addresses in text that somebody else wrote.
enum WebAddress {
    /// The host of a plain http or https address; nil for anything else, also for one with odd characters in it.
    static func host(of text: String) -> String? {
        let lower = text.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"), let mark = text.firstRange(of: "://"),
            text.unicodeScalars.allSatisfy({ $0.isASCIIAlphanumeric || "-._~:/?#[]@!$&'()*+,;=%".unicodeScalars.contains($0) })
        else { return nil }
        var authority = text[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let host = authority.lowercased()
        guard !host.isEmpty, host.unicodeScalars.allSatisfy({ $0.isASCIIAlphanumeric || "-.:[]".unicodeScalars.contains($0) })
        else { return nil }
        return host
    }

    /// It may point to something in GitLab, which would then say that it was mentioned.
    static func isReference(_ text: String) -> Bool {
        // Readers undo escapes before they look.
        let lower = decoded(text.lowercased())
        if lower.contains("/-/") || lower.contains("%2d") || lower.contains("&#") || lower.firstMatch(of: /&[a-z]+;/) != nil { return true }
        return ["issues", "merge_requests", "work_items", "epics", "commit", "commits", "snippets", "milestones", "alerts"]
            .contains { lower.contains("/\($0)/") }
    }

    /// Without `&amp;` and percent escapes, also such as were escaped more than once.
    private static func decoded(_ text: String) -> String {
        var text = text.replacing("&amp;", with: "&")
        for _ in 0..<4 where text.contains("%") {
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            }
            text = String(decoding: bytes, as: UTF8.self).lowercased()
        }
        return text
    }

    /// Written out in a text it could be taken for more than an address.
    static func isRisky(_ text: String) -> Bool {
        if text.contains("@") || isReference(text) { return true }
        let scalars = Array(text.unicodeScalars)
        if scalars.count > 3,
            (3..<scalars.count).contains(where: {
                scalars[$0].isASCIIDigit && scalars[($0 - 3)..<$0].map(\.lowercasedASCII) == ["g", "l", "-"]
            })
        {
            return true
        }
        for (index, scalar) in scalars.enumerated() {
            guard scalar == "#" || scalar == "!" || scalar == "&", index + 1 < scalars.count else { continue }
            if scalars[index + 1].isASCIIDigit || (scalar == "&" && scalars[index...].contains(";")) { return true }
        }
        return false
    }

    static func ends(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || "<>`\"[]\\|${}^".unicodeScalars.contains(scalar)
    }
}

extension Unicode.Scalar {
    var isASCIIDigit: Bool { (0x30...0x39).contains(value) }
    var isASCIILetter: Bool { (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value) }
    var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILetter }
    var isASCIIWord: Bool { isASCIIAlphanumeric || self == "_" }
    var isASCIIHexDigit: Bool { isASCIIDigit || (0x41...0x46).contains(value) || (0x61...0x66).contains(value) }
    var isASCIIPunctuation: Bool { (0x21...0x7E).contains(value) && !isASCIIAlphanumeric }
    var lowercasedASCII: Unicode.Scalar { (0x41...0x5A).contains(value) ? Unicode.Scalar(UInt8(value + 0x20)) : self }
}
