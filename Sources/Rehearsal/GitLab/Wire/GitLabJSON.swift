package import Foundation

/// A JSON value, for bodies whose shape is GitLab's and not ours: the stand-in must be able to say exactly what GitLab says,
/// nulls and all, and to read whatever a client sends.
package enum GitLabJSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case decimal(Double)
    case string(String)
    case list([GitLabJSON])
    case object([String: GitLabJSON])
}

extension GitLabJSON {
    package static func text(_ value: String?) -> GitLabJSON { value.map(GitLabJSON.string) ?? .null }
    package static func int(_ value: Int?) -> GitLabJSON { value.map(GitLabJSON.integer) ?? .null }
    /// A time as the REST API writes it.
    package static func time(_ value: Date?) -> GitLabJSON { value.map { .string(Stamp.rest($0)) } ?? .null }
    /// A time as webhook bodies write it.
    package static func hookTime(_ value: Date?) -> GitLabJSON { value.map { .string(Stamp.hook($0)) } ?? .null }
    package static func ints(_ values: [Int]) -> GitLabJSON { .list(values.map(GitLabJSON.integer)) }
    package static func texts(_ values: [String]) -> GitLabJSON { .list(values.map(GitLabJSON.string)) }

    package subscript(key: String) -> GitLabJSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    package subscript(index: Int) -> GitLabJSON? {
        guard case .list(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    /// Text, or a number or boolean written as text: form bodies and query strings know nothing else.
    package var text: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let flag): String(flag)
        default: nil
        }
    }

    package var int: Int? {
        switch self {
        case .integer(let number): number
        case .string(let text): Int(text)
        case .decimal(let number): Int(exactly: number)
        default: nil
        }
    }

    package var bool: Bool? {
        switch self {
        case .bool(let flag): flag
        case .integer(let number): number != 0
        case .string("true"), .string("1"), .string("yes"), .string("on"): true
        case .string("false"), .string("0"), .string("no"), .string("off"): false
        default: nil
        }
    }

    package var list: [GitLabJSON]? {
        guard case .list(let items) = self else { return nil }
        return items
    }

    package var object: [String: GitLabJSON]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    package var isNull: Bool { self == .null }

    /// This object with other members laid over it.
    package func with(_ members: [String: GitLabJSON]) -> GitLabJSON {
        guard case .object(let mine) = self else { return .object(members) }
        return .object(mine.merging(members) { $1 })
    }

    package func without(_ keys: String...) -> GitLabJSON {
        guard case .object(var mine) = self else { return self }
        for key in keys { mine[key] = nil }
        return .object(mine)
    }
}

extension GitLabJSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    package init(dictionaryLiteral elements: (String, GitLabJSON)...) {
        self = .object(Dictionary(elements) { $1 })
    }
    package init(arrayLiteral elements: GitLabJSON...) { self = .list(elements) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}

extension GitLabJSON: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .decimal(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let items = try? container.decode([GitLabJSON].self) {
            self = .list(items)
        } else {
            self = .object(try container.decode([String: GitLabJSON].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .integer(let number): try container.encode(number)
        case .decimal(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .list(let items): try container.encode(items)
        case .object(let members): try container.encode(members)
        }
    }

    package init(parsing bytes: some Sequence<UInt8>) throws {
        self = try JSONDecoder().decode(GitLabJSON.self, from: Data(bytes))
    }

    /// The bytes on the wire; members in alphabetical order, so that equal values are equal bytes.
    package var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A value made of these cases always encodes, unless a decimal is not a number; that reads as null then.
        return (try? encoder.encode(self)).map(Array.init) ?? Array("null".utf8)
    }
}
