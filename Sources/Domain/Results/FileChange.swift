/// One changed path, written `modified: p`, `created: p` or `deleted: p` as the status webhook has it.
package struct FileChange: Sendable, Hashable, Codable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable { case modified, created, deleted }

    package var kind: Kind
    /// Relative to the work tree; bytes that are not UTF-8 are shown as U+FFFD.
    package var path: String

    package init(_ kind: Kind, _ path: String) {
        self.kind = kind
        self.path = path
    }

    package var description: String { "\(kind.rawValue): \(path)" }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let colon = text.firstIndex(of: ":"), let kind = Kind(rawValue: String(text[..<colon])) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a file change: \(text.prefix(120))"))
        }
        self.init(kind, String(text[text.index(after: colon)...].drop(while: { $0 == " " })))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
