/// One call of GitLab's API, before it becomes a request.
struct GitLabCall: Sendable {
    enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

    var method: Method
    /// After `/api/v4`, with a slash in front; each part is escaped already.
    var path: String
    var query: [(name: String, value: String)]
    var body: [String: JSONField]?
    /// Completes "GitLab does not allow the bot to ...".
    var purpose: String
    /// The least role in GitLab that may do it.
    var role: String
    /// Doing it twice is the same as doing it once.
    var isRepeatable: Bool
    /// The longest answer that is read.
    var limit: Int
    /// Keeps only that many bytes from the end of a longer answer.
    var tail: Int?

    init(
        _ method: Method, _ path: [PathPart], query: [(name: String, value: String)] = [],
        body: [String: JSONField]? = nil, to purpose: String, role: String = "Developer", isRepeatable: Bool? = nil,
        limit: Int = 32 << 20, tail: Int? = nil
    ) {
        self.method = method
        self.path = path.map { "/" + $0.escaped }.joined()
        self.query = query
        self.body = body
        self.purpose = purpose
        self.role = role
        self.isRepeatable = isRepeatable ?? (method != .post)
        self.limit = limit
        self.tail = tail
    }

    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(PathPart.escape($0.name))=\(PathPart.escape($0.value))" }.joined(separator: "&")
    }
}

extension GitLabCall {
    /// The fields that people read. Others hold names and numbers, and a webhook's call its secret on purpose.
    private static let texts: Set<String> = ["body", "title", "description", "note"]

    func body(redactedBy redact: (String) -> String) -> [String: JSONField]? {
        guard var body else { return nil }
        for (name, field) in body where Self.texts.contains(name) {
            if case .text(let text) = field { body[name] = .text(redact(text)) }
        }
        return body
    }
}

extension GitLabCall: CustomStringConvertible {
    /// Without query and body, for logs.
    var description: String { "\(method.rawValue) \(path)" }
}

/// One part between slashes: a fixed word, a number, or a name whose slashes must be escaped.
struct PathPart: Sendable, ExpressibleByStringLiteral {
    let escaped: String

    init(stringLiteral value: StaticString) { escaped = "\(value)" }
    private init(escaped: String) { self.escaped = escaped }

    static func number(_ value: Int64) -> PathPart { PathPart(escaped: String(value)) }
    static func name(_ value: String) -> PathPart { PathPart(escaped: escape(value)) }

    static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            // A name of dots alone would otherwise climb.
            case UInt8(ascii: ".") where text.utf8.contains(where: { $0 != UInt8(ascii: ".") }):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// A value in a request's body.
indirect enum JSONField: Sendable, Encodable {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case list([JSONField])
    case object([String: JSONField])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }
}

extension JSONField {
    init?(_ text: String?) {
        guard let text else { return nil }
        self = .text(text)
    }
    init?(_ number: Int64?) {
        guard let number else { return nil }
        self = .number(number)
    }
    init?(_ number: Int?) { self.init(number.map(Int64.init)) }
    init?(_ flag: Bool?) {
        guard let flag else { return nil }
        self = .flag(flag)
    }
}
