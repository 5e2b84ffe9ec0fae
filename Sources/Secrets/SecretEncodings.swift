/// The forms in which a secret may stand in a text.
enum SecretEncodings {
    /// Shorter values are words that stand everywhere; hiding them would hide the text.
    static let shortest = 5

    struct Form: Hashable {
        var bytes: [UInt8]
        /// The first and last characters of the real text may carry a few bits more of it.
        var isBase64 = false
    }

    static func forms(of secret: Secret) -> Set<Form> {
        let text = secret.reveal()
        var forms: Set<Form> = []
        // A key file is often shown line by line.
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.utf8.count >= 20 }
        for part in Set([Substring(text)] + lines) {
            let bytes = Array(part.utf8)
            guard bytes.count >= shortest else { continue }
            forms.insert(Form(bytes: bytes))
            for digits in [lowerHex, upperHex] {
                forms.insert(Form(bytes: percent(bytes, digits)))
                forms.insert(Form(bytes: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }))
            }
            forms.insert(Form(bytes: json(bytes, escapingSlash: false)))
            forms.insert(Form(bytes: json(bytes, escapingSlash: true)))
            for escapesBacktick in [false, true] { forms.insert(Form(bytes: html(bytes, escapingBacktick: escapesBacktick))) }
            for alignment in 0..<3 {
                for alphabet in [base64, base64URL] {
                    let form = base64Core(bytes, alignment: alignment, alphabet)
                    if form.count >= shortest { forms.insert(Form(bytes: form, isBase64: true)) }
                }
            }
        }
        return forms
    }

    /// The characters that depend on the secret alone when `alignment` bytes (modulo 3) stand before it.
    private static func base64Core(_ bytes: [UInt8], alignment: Int, _ alphabet: [UInt8]) -> [UInt8] {
        let skipped = [0, 4, 2][alignment]
        var result: [UInt8] = []
        var bit = skipped
        while bit + 6 <= bytes.count * 8 {
            let (index, offset) = (bit / 8, bit % 8)
            let pair = UInt16(bytes[index]) << 8 | UInt16(index + 1 < bytes.count ? bytes[index + 1] : 0)
            result.append(alphabet[Int((pair << UInt16(offset)) >> 10)])
            bit += 6
        }
        return result
    }

    private static func percent(_ bytes: [UInt8], _ digits: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            byte.isAlphanumeric || "-._~".utf8.contains(byte)
                ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    private static func json(_ bytes: [UInt8], escapingSlash: Bool) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "/"): escapingSlash ? [UInt8(ascii: "\\"), byte] : [byte]
            case UInt8(ascii: "\n"): Array("\\n".utf8)
            case UInt8(ascii: "\r"): Array("\\r".utf8)
            case UInt8(ascii: "\t"): Array("\\t".utf8)
            case 0..<0x20: Array("\\u00".utf8) + [lowerHex[Int(byte >> 4)], lowerHex[Int(byte & 15)]]
            default: [byte]
            }
        }
    }

    private static func html(_ bytes: [UInt8], escapingBacktick: Bool) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "&"): Array("&amp;".utf8)
            case UInt8(ascii: "<"): Array("&lt;".utf8)
            case UInt8(ascii: ">"): Array("&gt;".utf8)
            case UInt8(ascii: "\""): Array("&quot;".utf8)
            case UInt8(ascii: "'"): Array("&#39;".utf8)
            case UInt8(ascii: "`") where escapingBacktick: Array("&#96;".utf8)
            default: [byte]
            }
        }
    }

    private static let lowerHex = Array("0123456789abcdef".utf8)
    private static let upperHex = Array("0123456789ABCDEF".utf8)
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let base64 = letters + Array("+/".utf8)
    private static let base64URL = letters + Array("-_".utf8)
}

extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }
    var isUpper: Bool { self &- 0x41 < 26 }
    var isLower: Bool { self &- 0x61 < 26 }
    var isAlphanumeric: Bool { isDigit || (self | 0x20) &- 0x61 < 26 }
    var lowered: UInt8 { isUpper ? self | 0x20 : self }
    /// Of base64 in both alphabets, without padding.
    var isBase64: Bool {
        isAlphanumeric || self == UInt8(ascii: "+") || self == UInt8(ascii: "/") || self == UInt8(ascii: "-")
            || self == UInt8(ascii: "_")
    }
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}
