/// Reads a JSON object of GitLab's: what the bot can't do without by `require`, all else as nil when it is missing,
/// null or of another type than today.
struct Fields {
    private let container: KeyedDecodingContainer<Name>

    init(_ decoder: any Decoder) throws { container = try decoder.container(keyedBy: Name.self) }

    func require<Value: Decodable>(_ name: String) throws -> Value {
        try container.decode(Value.self, forKey: Name(name))
    }

    func read<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) -> Value? {
        try? container.decodeIfPresent(Value.self, forKey: Name(name))
    }

    /// A list whose unreadable entries are left out.
    func list<Value: Decodable>(_ name: String, of type: Value.Type = Value.self) -> [Value] {
        read(name, as: [Tolerant<Value>].self)?.compactMap(\.value) ?? []
    }

    func isNull(_ name: String) -> Bool? {
        guard container.contains(Name(name)) else { return nil }
        return try? container.decodeNil(forKey: Name(name))
    }

    private struct Tolerant<Value: Decodable>: Decodable {
        let value: Value?
        init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
    }

    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
