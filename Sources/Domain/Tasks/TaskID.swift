/// What a task is called everywhere: in the API, the journal, branch names, trailers and markers.
///
/// 1 to 100 characters of `A-Z a-z 0-9 . _ -`, the first a letter or digit, so that it is safe in a path, a ref and a URL.
package struct TaskID: Sendable, Hashable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String

    package init?(rawValue: String) {
        let allowed = rawValue.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard allowed, (1...100).contains(rawValue.utf8.count), let first = rawValue.first,
            first.isLetter || first.isNumber, !rawValue.contains(".."), !rawValue.hasSuffix(".lock"),
            !rawValue.hasSuffix(".")
        else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}

extension TaskID {
    /// A new one: the time in milliseconds and 40 random bits, both in base 32, so that ids sort by age.
    package static func random(now: Int64, using generator: inout some RandomNumberGenerator) -> TaskID {
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")
        func text(_ value: UInt64, _ count: Int) -> String {
            String((0..<count).reversed().map { digits[Int((value >> (5 * UInt64($0))) & 31)] })
        }
        let id = "t" + text(UInt64(max(0, now)), 9) + text(generator.next(), 8)
        return TaskID(unchecked: id)
    }

    private init(unchecked: String) { rawValue = unchecked }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = TaskID(rawValue: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a task id: \(text.prefix(120))"))
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
