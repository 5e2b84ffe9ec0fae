/// A text with its escapes undone, or without what may stand between the parts of a torn word, and the way back to where each
/// byte stood. A secret that is escaped only here and there, in any mixture of ways, stands in it as it is.
struct PlainBytes: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where in the text each byte comes from.
    private var starts: [Int] = []
    private var ends: [Int] = []

    private init(capacity: Int) {
        bytes.reserveCapacity(capacity)
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
    }

    private mutating func add(_ byte: UInt8, from range: Range<Int>) {
        bytes.append(byte)
        starts.append(range.lowerBound)
        ends.append(range.upperBound)
    }

    /// Where a stretch of `bytes` stands in the text.
    func origin(of range: Range<Int>) -> Range<Int> { starts[range.lowerBound]..<ends[range.upperBound - 1] }

    /// `%2F`, `\u002f`, `\x2f`, `\/`, `&#47;`, `&amp;` as what they stand for; nil when there are none.
    ///
    /// - Parameter marks: what begins an escape; any other stands for itself.
    static func unescaped(_ text: UnsafeBufferPointer<UInt8>, marks: StaticString = "%\\&") -> PlainBytes? {
        let marks = marks.withUTF8Buffer { Array($0) }
        guard text.contains(where: marks.contains) else { return nil }
        var plain = PlainBytes(capacity: text.count)
        var isChanged = false
        var index = 0
        while index < text.count {
            if !marks.contains(text[index]) {
                plain.add(text[index], from: index..<(index + 1))
                index += 1
            } else if let (value, length) = EscapeReader(text: text).escape(at: index) {
                isChanged = true
                for byte in String(Character(value)).utf8 { plain.add(byte, from: index..<(index + length)) }
                index += length
            } else if let (byte, length) = EscapeReader(text: text).octet(at: index) {
                isChanged = true
                plain.add(byte, from: index..<(index + length))
                index += length
            } else {
                plain.add(text[index], from: index..<(index + 1))
                index += 1
            }
        }
        return isChanged ? plain : nil
    }

    /// Without line ends and the blanks after them, NUL (every second byte of UTF-16), backticks, orders to a terminal, and
    /// characters of no width; nil when there are none.
    static func squeezed(_ text: UnsafeBufferPointer<UInt8>) -> PlainBytes? {
        guard text.contains(where: { isFiller($0) || $0 >= 0x80 }) else { return nil }
        var plain = PlainBytes(capacity: text.count)
        var index = 0
        while index < text.count {
            let length = filler(in: text, at: index)
            if length == 0 { plain.add(text[index], from: index..<(index + 1)) }
            index += max(1, length)
        }
        return plain.bytes.count < text.count ? plain : nil
    }

    private static func isFiller(_ byte: UInt8) -> Bool {
        byte == 0x0A || byte == 0x0D || byte == 0 || byte == 0x1B || byte == UInt8(ascii: "`")
    }

    private static func filler(in text: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        switch text[index] {
        case 0, 0x0D, UInt8(ascii: "`"): return 1
        case 0x0A:
            var end = index + 1
            while end < text.count, text[end].isBlank { end += 1 }
            return end - index
        case 0x1B:
            guard index + 1 < text.count, text[index + 1] == UInt8(ascii: "[") else { return 1 }
            var end = index + 2
            while end < text.count, end < index + 32, (0x20...0x3F).contains(text[end]) { end += 1 }
            return min(end + 1, text.count) - index
        // Soft hyphen, zero width, joiners and marks of direction, byte order mark.
        case 0xC2: return has([0xAD], in: text, at: index + 1) ? 2 : 0
        case 0xE2:
            guard index + 2 < text.count else { return 0 }
            let (second, third) = (text[index + 1], text[index + 2])
            return second == 0x80 && (0x8B...0x8F).contains(third) || second == 0x80 && (0xAA...0xAE).contains(third)
                || second == 0x81 && (0xA0...0xAF).contains(third) ? 3 : 0
        case 0xEF: return has([0xBB, 0xBF], in: text, at: index + 1) ? 3 : 0
        default: return 0
        }
    }

    private static func has(_ bytes: [UInt8], in text: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        index + bytes.count <= text.count && bytes.indices.allSatisfy { text[index + $0] == bytes[$0] }
    }
}

/// Reads one escape of the usual kinds.
private struct EscapeReader {
    let text: UnsafeBufferPointer<UInt8>

    /// A byte written as `%2f` or `\x2f`.
    func octet(at index: Int) -> (UInt8, length: Int)? {
        if text[index] == UInt8(ascii: "%"), let value = hex(from: index + 1, digits: 2) { return (UInt8(truncatingIfNeeded: value), 3) }
        guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else { return nil }
        if text[index + 1] == UInt8(ascii: "x"), let value = hex(from: index + 2, digits: 2) { return (UInt8(truncatingIfNeeded: value), 4) }
        switch text[index + 1] {
        case UInt8(ascii: "n"): return (0x0A, 2)
        case UInt8(ascii: "r"): return (0x0D, 2)
        case UInt8(ascii: "t"): return (0x09, 2)
        case let byte where (0x21...0x7E).contains(byte) && !byte.isAlphanumeric: return (byte, 2)
        default: return nil
        }
    }

    /// A character written as `\u002f` (also as a pair), `&#47;`, `&#x2f;` or `&amp;`.
    func escape(at index: Int) -> (Unicode.Scalar, length: Int)? {
        switch text[index] {
        case UInt8(ascii: "\\"): return unicode(at: index)
        case UInt8(ascii: "&"): return entity(at: index)
        default: return nil
        }
    }

    private func unicode(at index: Int) -> (Unicode.Scalar, length: Int)? {
        guard let first = unit(at: index) else { return nil }
        if (0xD800..<0xDC00).contains(first), let second = unit(at: index + 6), (0xDC00..<0xE000).contains(second) {
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)).map { ($0, 12) }
        }
        return Unicode.Scalar(first).map { ($0, 6) }
    }

    private func unit(at index: Int) -> UInt32? {
        guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u") else { return nil }
        return hex(from: index + 2, digits: 4)
    }

    private func entity(at index: Int) -> (Unicode.Scalar, length: Int)? {
        guard let end = text[index..<min(text.count, index + 12)].firstIndex(of: UInt8(ascii: ";")), end > index + 1 else { return nil }
        let name = text[(index + 1)..<end]
        let length = end + 1 - index
        guard name.first == UInt8(ascii: "#") else {
            return Self.named.first { name.elementsEqual($0.name.utf8) }.map { ($0.value, length) }
        }
        let digits = String(decoding: name.dropFirst(), as: UTF8.self)
        let value = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return value.flatMap(Unicode.Scalar.init).map { ($0, length) }
    }

    private static let named: [(name: String, value: Unicode.Scalar)] = [
        ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"),
    ]

    private func hex(from index: Int, digits: Int) -> UInt32? {
        guard index + digits <= text.count else { return nil }
        var value: UInt32 = 0
        for byte in text[index..<(index + digits)] {
            guard byte.isDigit || (byte | 0x20) &- 0x61 < 6 else { return nil }
            value = value << 4 | UInt32(byte.isDigit ? byte - 0x30 : (byte | 0x20) - 0x57)
        }
        return value
    }
}
