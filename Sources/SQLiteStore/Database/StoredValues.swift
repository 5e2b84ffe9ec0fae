import Domain
import Foundation
import GRDB

/// Text from outside. SQLite's text ends at the first NUL, so a text that holds one is kept as a blob of its UTF-8 bytes.
struct StoredText: DatabaseValueConvertible {
    var text: String

    init(_ text: String) { self.text = text }
    init?(_ text: String?) {
        guard let text else { return nil }
        self.text = text
    }

    var databaseValue: DatabaseValue {
        text.utf8.contains(0) ? Data(text.utf8).databaseValue : text.databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> StoredText? {
        switch value.storage {
        case .string(let text): StoredText(text)
        case .blob(let bytes): StoredText(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }
}

extension Date {
    /// Microseconds since 1970: whole numbers compare exactly.
    var stored: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

    init(stored: Int64) { self.init(timeIntervalSince1970: Double(stored) / 1_000_000) }
    init?(stored: Int64?) {
        guard let stored else { return nil }
        self.init(stored: stored)
    }
}

extension Duration {
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000).partialValue + attoseconds / 1_000_000_000_000
    }
}

/// The JSON that values are kept in. Keys are sorted, so that equal values are equal bytes.
enum StoredJSON {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try JSONDecoder().decode(type, from: data)
    }
}

extension LeaseOwner {
    /// The form in which owners are compared in the database.
    var stored: Data { get throws { try StoredJSON.encode(self) } }
}

extension Database {
    /// Runs one statement, compiled once per connection.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }
}
