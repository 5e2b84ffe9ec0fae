/// Characters that a person reading the text would not see, made visible as `⟨U+200B⟩`.
///
/// Instructions can hide in them, so neither the model nor a reviewer is to meet them unmarked.
enum InvisibleText {
    static func shown(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isSuspect) else { return text }
        var shown = ""
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if isSuspect(scalar), !isOrdinary(scalar, after: previous) {
                shown += marker(for: scalar)
            } else {
                shown.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return shown
    }

    /// Takes markers back, for text that the model copied from what it was shown; nil when there are none.
    static func restored(_ text: String) -> String? {
        var rest = Substring(text)
        var restored = ""
        var found = false
        while let start = rest.range(of: "⟨U+") {
            restored += rest[..<start.lowerBound]
            let after = rest[start.upperBound...]
            // A marker is short: what begins one without an end must not be looked through anew for each.
            if let end = after.prefix(9).firstIndex(of: "⟩"), let value = UInt32(after[..<end], radix: 16),
                let scalar = Unicode.Scalar(value), isSuspect(scalar)
            {
                restored.unicodeScalars.append(scalar)
                rest = after[after.index(after: end)...]
                found = true
            } else {
                restored += rest[start]
                rest = after
            }
        }
        return found ? restored + rest : nil
    }

    private static func marker(for scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "⟨U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟩"
    }

    private static func isSuspect(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F: true
        case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0: true
        case 0xFFF0...0xFFFB, 0x1D173...0x1D17A, 0xE0000...0xE0FFF: true
        default: false
        }
    }

    /// Emoji are joined and styled by characters that are invisible on their own, and some scripts need joiners.
    private static func isOrdinary(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Bool {
        guard let previous else { return false }
        switch scalar.value {
        case 0xFE0E, 0xFE0F: return previous.properties.isEmoji
        case 0x200D: return previous.properties.isEmoji && !previous.isASCII || previous.value == 0xFE0F || isJoining(previous)
        case 0x200C: return isJoining(previous)
        default: return false
        }
    }

    /// Arabic, Persian and the Indic scripts.
    private static func isJoining(_ scalar: Unicode.Scalar) -> Bool {
        (0x0600...0x07FF).contains(scalar.value) || (0x0900...0x0DFF).contains(scalar.value)
    }
}

extension Substring {
    /// Foundation's search is not needed for a handful of bytes.
    fileprivate func range(of pattern: String) -> Range<Index>? {
        var start = startIndex
        while let first = self[start...].firstIndex(of: pattern[pattern.startIndex]) {
            if self[first...].hasPrefix(pattern), let end = index(first, offsetBy: pattern.count, limitedBy: endIndex) {
                return first..<end
            }
            start = index(after: first)
        }
        return nil
    }
}
