/// Builds JSON text from values and from pieces that are JSON already, which go in unchanged.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func raw(_ text: some StringProtocol) { bytes += text.utf8 }

    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let value): raw(value ? "true" : "false")
        case .integer(let value): raw(String(value))
        case .number(let text): raw(text)
        case .string(let text): string(text)
        case .array(let values): list("[", "]", values) { $0.value($1) }
        case .object(let members):
            list("{", "}", members) { writer, member in
                writer.name(member.name)
                writer.value(member.value)
            }
        }
    }

    mutating func name(_ name: String) {
        string(name)
        raw(":")
    }

    /// Writes the items with commas between.
    mutating func list<Items: Sequence>(
        _ open: String, _ close: String, _ items: Items, _ write: (inout JSONWriter, Items.Element) -> Void
    ) {
        raw(open)
        var isFirst = true
        for item in items {
            if !isFirst { raw(",") }
            isFirst = false
            write(&self, item)
        }
        raw(close)
    }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20:
                raw("\\u00")
                bytes += [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)
}

extension JSONValue {
    /// Compact JSON text; members in their order.
    package var text: String {
        var writer = JSONWriter()
        writer.value(self)
        return writer.text
    }
}
