package import Foundation

/// JSON as RFC 8259 has it and nothing more, for documents that people or strangers write.
///
/// Unlike Foundation's reader it refuses repeated keys, keeps the order of keys and the digits of numbers, and has a small
/// limit for depth.
package enum StrictJSON: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: StrictJSON
    }

    package struct Problem: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    case null
    case bool(Bool)
    /// The literal.
    case number(String)
    case string(String)
    case array([StrictJSON])
    case object([Member])

    package init(parsing data: Data, maximumDepth: Int = 64) throws(Problem) {
        var reader = Reader(bytes: Array(data), maximumDepth: maximumDepth)
        self = try reader.document()
    }

    package var kindForPeople: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        let maximumDepth: Int
        var position = 0

        mutating func document() throws(Problem) -> StrictJSON {
            guard String(validating: bytes, as: UTF8.self) != nil else { throw Problem(description: "it is not UTF-8") }
            let value = try self.value(depth: 0)
            skipSpace()
            guard position == bytes.count else { throw unexpected() }
            return value
        }

        func unexpected() -> Problem {
            Problem(
                description: position < bytes.count
                    ? "there is something unexpected at byte \(position + 1)" : "it ends too early")
        }

        mutating func skipSpace() {
            while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        }

        mutating func take(_ byte: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
            position += 1
            return true
        }

        mutating func take(word: String) -> Bool {
            guard bytes[position...].starts(with: word.utf8) else { return false }
            position += word.utf8.count
            return true
        }

        mutating func value(depth: Int) throws(Problem) -> StrictJSON {
            skipSpace()
            guard position < bytes.count else { throw unexpected() }
            guard depth <= maximumDepth else { throw Problem(description: "it is nested too deeply") }
            switch bytes[position] {
            case UInt8(ascii: "{"): return try self.object(depth: depth)
            case UInt8(ascii: "["): return try self.array(depth: depth)
            case UInt8(ascii: "\""): return .string(try text())
            case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
            case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
            case UInt8(ascii: "n") where take(word: "null"): return .null
            default: return try numeral()
            }
        }

        mutating func object(depth: Int) throws(Problem) -> StrictJSON {
            position += 1
            var members: [Member] = []
            var names: Set<String> = []
            skipSpace()
            if take("}") { return .object([]) }
            while true {
                skipSpace()
                guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw unexpected() }
                let name = try text()
                guard names.insert(name).inserted else {
                    throw Problem(description: "the key `\(PlainText.cleaned(String(name.prefix(60))))` is there twice")
                }
                skipSpace()
                guard take(":") else { throw unexpected() }
                members.append(Member(name: name, value: try self.value(depth: depth + 1)))
                skipSpace()
                if take("}") { return .object(members) }
                guard take(",") else { throw unexpected() }
            }
        }

        mutating func array(depth: Int) throws(Problem) -> StrictJSON {
            position += 1
            var values: [StrictJSON] = []
            skipSpace()
            if take("]") { return .array([]) }
            while true {
                values.append(try value(depth: depth + 1))
                skipSpace()
                if take("]") { return .array(values) }
                guard take(",") else { throw unexpected() }
            }
        }

        mutating func numeral() throws(Problem) -> StrictJSON {
            let start = position
            _ = take("-")
            let whole = digits()
            guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else { throw unexpected() }
            if take("."), digits() == 0 { throw unexpected() }
            if take("e") || take("E") {
                if !take("-") { _ = take("+") }
                if digits() == 0 { throw unexpected() }
            }
            return .number(String(decoding: bytes[start..<position], as: UTF8.self))
        }

        mutating func digits() -> Int {
            let start = position
            while position < bytes.count, bytes[position].isASCIIDigit { position += 1 }
            return position - start
        }

        mutating func text() throws(Problem) -> String {
            position += 1
            var text: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                switch byte {
                case UInt8(ascii: "\""):
                    position += 1
                    return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    position += 1
                    text.append(contentsOf: try escape())
                case 0..<0x20:
                    throw unexpected()
                default:
                    text.append(byte)
                    position += 1
                }
            }
            throw unexpected()
        }

        mutating func escape() throws(Problem) -> [UInt8] {
            guard position < bytes.count else { throw unexpected() }
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "b"): return [0x08]
            case UInt8(ascii: "f"): return [0x0C]
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "u"):
                let first = try hexadecimal()
                var code = UInt32(first)
                if (0xD800..<0xDC00).contains(first) {
                    guard take(word: "\\u") else { throw Problem(description: "it holds half a character") }
                    let second = try hexadecimal()
                    guard (0xDC00..<0xE000).contains(second) else { throw Problem(description: "it holds half a character") }
                    code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(code) else { throw Problem(description: "it holds half a character") }
                return Array(String(scalar).utf8)
            default:
                position -= 1
                throw unexpected()
            }
        }

        mutating func hexadecimal() throws(Problem) -> UInt16 {
            guard position + 4 <= bytes.count,
                bytes[position..<(position + 4)].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt16(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
            else { throw unexpected() }
            position += 4
            return value
        }
    }
}
