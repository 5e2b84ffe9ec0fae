import Foundation
import GitLabAPI

/// A list in a hidden mark of the bot's own note, with base64's signs put so that a mark can hold them.
enum HiddenList {
    static func marker(_ name: String, _ list: some Encodable) throws -> Markdown {
        let text = try JSONEncoder().encode(list).base64EncodedString()
        return Markdown.marker(name, text.replacing("+", with: ".").replacing("=", with: ""))
    }

    /// Empty where there is none or none that can be read.
    static func read<Item: Decodable>(_ name: String, of type: Item.Type, in body: String) -> [Item] {
        guard var text = HiddenValue.read(name, in: body)?.replacing(".", with: "+") else { return [] }
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard let data = Data(base64Encoded: text) else { return [] }
        return (try? JSONDecoder().decode([Item].self, from: data)) ?? []
    }
}

/// The files that a round of reviewing did not read: the next one has to know them, or nobody ever reads them.
enum UnreadFiles {
    private static let name = "unread"
    private static let mostBytes = 150_000

    /// Nil where there are too many to keep: then the commit must not count as reviewed.
    static func marker(_ paths: [String]) throws -> Markdown? {
        guard !paths.isEmpty else { return "" }
        guard paths.reduce(0, { $0 + $1.utf8.count + 4 }) <= mostBytes else { return nil }
        return try HiddenList.marker(name, paths)
    }

    static func read(in body: String) -> [String] { HiddenList.read(name, of: String.self, in: body) }
}
