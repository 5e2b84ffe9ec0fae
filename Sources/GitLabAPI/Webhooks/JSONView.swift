/// One value inside a checked JSON text, read with strict types: a number in quotes is text, not a number.
struct JSONView: Sendable {
    /// No object that GitLab sends has nearly as many keys.
    static let maximumMembers = 2_000
    /// Lists longer than this are read up to here.
    static let maximumElements = 2_000

    let text: JSONText
    let start: Int

    /// The members by name; nil when this is no object.
    func object() throws(PayloadFailure) -> JSONObject? {
        try text.bytes.withUnsafeBufferPointer { (buffer) throws(PayloadFailure) -> JSONObject? in
            var cursor = JSONCursor(bytes: buffer, position: start)
            guard cursor.take(UInt8(ascii: "{")) else { return nil }
            var members: [String: Int] = [:]
            cursor.skipSpace()
            guard !cursor.take(UInt8(ascii: "}")) else { return JSONObject(text: text, members: members) }
            repeat {
                cursor.skipSpace()
                let name = JSONView(text: text, start: cursor.position).string() ?? ""
                _ = cursor.skipString()
                cursor.skipSpace()
                _ = cursor.take(UInt8(ascii: ":"))
                cursor.skipSpace()
                guard members.updateValue(cursor.position, forKey: name) == nil else {
                    throw PayloadFailure(.doubledKey, "The body has the same key twice in one object.")
                }
                guard members.count <= Self.maximumMembers else {
                    throw PayloadFailure(.tooLarge, "An object of the body has too many keys.")
                }
                cursor.skipValue()
                cursor.skipSpace()
            } while cursor.take(UInt8(ascii: ","))
            return JSONObject(text: text, members: members)
        }
    }

    /// The elements; nil when this is no array.
    func array() -> [JSONView]? {
        text.bytes.withUnsafeBufferPointer { buffer in
            var cursor = JSONCursor(bytes: buffer, position: start)
            guard cursor.take(UInt8(ascii: "[")) else { return nil }
            var elements: [JSONView] = []
            cursor.skipSpace()
            guard !cursor.take(UInt8(ascii: "]")) else { return elements }
            repeat {
                cursor.skipSpace()
                elements.append(JSONView(text: text, start: cursor.position))
                cursor.skipValue()
                cursor.skipSpace()
            } while elements.count < Self.maximumElements && cursor.take(UInt8(ascii: ","))
            return elements
        }
    }

    /// The text, without NUL (no database takes it) and with a lone surrogate shown as U+FFFD; nil when this is no string.
    func string() -> String? {
        guard text.bytes[start] == UInt8(ascii: "\"") else { return nil }
        var position = start + 1
        var result: [UInt8] = []
        while text.bytes[position] != UInt8(ascii: "\"") {
            let byte = text.bytes[position]
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            let escaped = text.bytes[position]
            position += 1
            switch escaped {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = scalar(at: &position)
                if scalar.value != 0 { result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter) }
            default: result.append(escaped)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A whole number that fits; nil for anything else, also for a number in quotes.
    func integer() -> Int64? {
        var position = start
        var digits = ""
        while position < text.bytes.count, digits.count < 21 {
            let byte = text.bytes[position]
            guard byte == UInt8(ascii: "-") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) else {
                guard byte != UInt8(ascii: "."), byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") else { return nil }
                break
            }
            digits.unicodeScalars.append(Unicode.Scalar(byte))
            position += 1
        }
        return Int64(digits)
    }

    func bool() -> Bool? {
        switch text.bytes[start] {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    static func hexValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Reads the four digits after `\u`, and the second half of a pair when there is one.
    private func scalar(at position: inout Int) -> Unicode.Scalar {
        let first = unit(at: position)
        position += 4
        if (0xD800...0xDBFF).contains(first), text.bytes[position] == UInt8(ascii: "\\"),
            text.bytes[position + 1] == UInt8(ascii: "u")
        {
            let second = unit(at: position + 2)
            if (0xDC00...0xDFFF).contains(second) {
                position += 6
                return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)) ?? "\u{FFFD}"
            }
        }
        return Unicode.Scalar(first) ?? "\u{FFFD}"
    }

    private func unit(at position: Int) -> UInt32 {
        text.bytes[position..<position + 4].reduce(0) { $0 << 4 | (Self.hexValue($1) ?? 0) }
    }
}

/// The members of one object. A key that is missing, null or of another type reads as nil.
struct JSONObject: Sendable {
    let text: JSONText
    let members: [String: Int]

    subscript(name: String) -> JSONView? {
        members[name].map { JSONView(text: text, start: $0) }
    }

    func string(_ name: String) -> String? { self[name]?.string() }
    func integer(_ name: String) -> Int64? { self[name]?.integer() }
    func bool(_ name: String) -> Bool? { self[name]?.bool() }
    func array(_ name: String) -> [JSONView]? { self[name]?.array() }
    func time(_ name: String) -> GitLabTime? { string(name).flatMap(GitLabTime.init) }

    func object(_ name: String) throws(PayloadFailure) -> JSONObject? {
        guard let view = self[name] else { return nil }
        return try view.object()
    }

    func integers(_ name: String) -> [Int64] { array(name)?.compactMap { $0.integer() } ?? [] }
}
