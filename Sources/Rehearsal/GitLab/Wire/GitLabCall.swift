/// One API request, taken apart: where it goes, what it brings, and who asks.
package struct GitLabCall: Sendable {
    package let method: String
    /// The path below `/api/v4`, split before decoding, so that `group%2Fproject` is one segment.
    package let segments: [String]
    package let query: [String: GitLabJSON]
    package let body: [String: GitLabJSON]
    package let headers: [String: String]
    /// Scheme, host, port and relative root, for links.
    package let baseURL: String
    package let path: String
    package var actor: Actor?
    package var pathParameters: [String: String] = [:]

    /// The person behind a request, and what the credential allows.
    package struct Actor: Sendable {
        package let userID: Int
        package let tokenID: Int
        package let scopes: Set<String>
    }

    /// A parameter from the path, the body or the query string, in this order.
    subscript(name: String) -> GitLabJSON? {
        if let value = pathParameters[name] { return .string(value) }
        return body[name] ?? query[name]
    }

    func text(_ name: String) -> String? { self[name]?.text }
    func int(_ name: String) -> Int? { self[name]?.int }
    func bool(_ name: String) -> Bool? { self[name]?.bool }

    func required(_ name: String) throws -> String {
        guard let value = text(name) else { throw Refusal.missing(name) }
        return value
    }

    func requiredInt(_ name: String) throws -> Int {
        guard let raw = self[name] else { throw Refusal.missing(name) }
        guard let value = raw.int else { throw Refusal.error(400, "\(name) is invalid") }
        return value
    }

    /// A list of numbers: a JSON list, a repeated parameter, or a single value. An empty text means an empty list.
    func ints(_ name: String) -> [Int]? {
        switch self[name] {
        case .list(let items)?: items.compactMap(\.int)
        case .string("")?: []
        case let value?: value.int.map { [$0] } ?? []
        case nil: nil
        }
    }

    /// A list of words: a JSON list, or separated by commas.
    func words(_ name: String) -> [String]? {
        switch self[name] {
        case .list(let items)?: items.compactMap(\.text)
        case .null?: []
        case let value?:
            (value.text ?? "").split(separator: ",").map { $0.trimming() }.filter { !$0.isEmpty }
        case nil: nil
        }
    }

    func has(_ name: String) -> Bool { self[name] != nil }
}

extension Substring {
    fileprivate func trimming() -> String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
