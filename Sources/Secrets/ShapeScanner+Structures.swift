extension ShapeScanner {
    /// `-----BEGIN ... PRIVATE KEY-----` with what follows, also where line ends are written as `\n`.
    ///
    /// The marker alone is no secret: code that looks for keys holds it.
    func keyBlock(at index: Int) -> SecretMatch? {
        guard has(Self.begin, at: index) else { return nil }
        let label = run(from: index + Self.begin.count, limit: 64) { $0.isUpper || $0.isDigit || $0 == 0x20 }
        guard has(Self.dashes, at: label), endsWithPrivateKey(index..<label) else { return nil }
        let body = label + Self.dashes.count
        var longest = 0
        var position = body
        while position < min(text.count, body + 512) {
            let end = run(from: position, limit: 512) { $0.isBase64 && $0 != UInt8(ascii: "-") }
            longest = max(longest, end - position)
            position = end + 1
            if longest >= 32 { break }
        }
        guard longest >= 32 else { return nil }
        var end = body
        while end < min(text.count, body + (64 << 10)) {
            if text[end] == UInt8(ascii: "-") && has(Self.end, at: end) {
                end = run(from: end + Self.end.count, limit: 64) { $0.isUpper || $0.isDigit || $0 == 0x20 }
                return SecretMatch(
                    range: index..<run(from: end, limit: 5) { $0 == UInt8(ascii: "-") }, kind: "a private key",
                    isCertain: true)
            }
            guard isKeyBody(text[end]) else { break }
            end += 1
        }
        return SecretMatch(range: index..<end, kind: "a private key", isCertain: true)
    }

    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)
    private static let privateKey = [Array("PRIVATE KEY".utf8), Array("PRIVATE KEY BLOCK".utf8)]

    private func endsWithPrivateKey(_ range: Range<Int>) -> Bool {
        Self.privateKey.contains { range.count > $0.count && has($0, at: range.upperBound - $0.count) }
    }

    private func isKeyBody(_ byte: UInt8) -> Bool {
        byte.isBase64 || byte <= 0x20 || "=\\:,.\"'+()|>#".utf8.contains(byte)
    }

    /// The password of `scheme://user:password@host`, or a long user without one.
    func password(inURLAt index: Int) -> SecretMatch? {
        guard has(Self.mark, at: index), index > 0, text[index - 1].isAlphanumeric else { return nil }
        let start = index + Self.mark.count
        var colon: Int?
        var end = start
        while end < min(text.count, start + 2_048) {
            switch text[end] {
            case UInt8(ascii: "@"):
                if let colon {
                    guard end > colon + 1 else { return nil }
                    return password(colon + 1..<end, user: start..<colon)
                }
                let value = Randomness(text, start..<end)
                guard end - start >= 16, value.looksRandom else { return nil }
                return SecretMatch(range: start..<end, kind: "a token in a URL", isCertain: !value.isPlaceholder)
            case UInt8(ascii: ":"): colon = colon ?? end
            case 0...0x20, UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\""),
                UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "`"), UInt8(ascii: "\\"):
                return nil
            default: break
            }
            end += 1
        }
        return nil
    }

    private static let mark = Array("://".utf8)

    private func password(_ range: Range<Int>, user: Range<Int>) -> SecretMatch? {
        // `${PASSWORD}`, `{password}`, `%s`, `***`: something is put in there later.
        let first = text[range.lowerBound]
        if "${*[(".utf8.contains(first) || (first == UInt8(ascii: "%") && range.count == 2) { return nil }
        let value = Randomness(text, range)
        let isCertain =
            range.count >= 8 && value.looksRandom && !value.isPlaceholder
            && !text[range].elementsEqual(text[user])
        return SecretMatch(range: range, kind: "a password in a URL", isCertain: isCertain)
    }

    /// The value of a header that carries a credential.
    func header(at index: Int) -> SecretMatch? {
        guard isWordStart(index), index == 0 || text[index - 1] != UInt8(ascii: "_") else { return nil }
        guard let name = Self.headers.first(where: { hasLowered($0, at: index) }) else { return nil }
        var position = skipQuotes(from: index + name.count)
        guard position < text.count, text[position] == UInt8(ascii: ":") || text[position] == UInt8(ascii: "=")
        else { return nil }
        position = skipQuotes(from: position + 1)
        if let scheme = Self.schemes.first(where: { hasLowered($0, at: position) }) {
            position = run(from: position + scheme.count, limit: 8, while: \.isBlank)
        }
        let end = run(from: position, limit: 8_192) {
            $0.isBase64 || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "~")
        }
        let value = Randomness(text, position..<end)
        let isCode = end < text.count && "([{$".utf8.contains(text[end])
        guard end - position >= 8, value.looksRandom, !isCode else { return nil }
        return SecretMatch(
            range: position..<end, kind: "a credential in a header",
            isCertain: end - position >= 16 && value.digits >= 2 && !value.isPlaceholder)
    }

    private static let headers = [
        "authorization", "proxy-authorization", "private-token", "x-api-key", "api-key", "x-gitlab-token",
        "job-token", "deploy-token",
    ].map { Array($0.utf8) }
    private static let schemes = ["bearer ", "basic ", "token "].map { Array($0.utf8) }

    private func hasLowered(_ bytes: [UInt8], at index: Int) -> Bool {
        guard index + bytes.count <= text.count else { return false }
        var offset = 0
        while offset < bytes.count {
            if text[index + offset].lowered != bytes[offset] { return false }
            offset += 1
        }
        return true
    }

    private func skipQuotes(from index: Int) -> Int {
        run(from: index, limit: 8) {
            $0.isBlank || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\\")
        }
    }
}
