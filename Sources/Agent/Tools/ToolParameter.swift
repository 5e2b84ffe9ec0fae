import LanguageModels

/// One argument of a tool: what the model is told about it, and what a call is checked against.
struct ToolParameter: Sendable {
    indirect enum Kind: Sendable {
        case text
        /// A whole number of at least `minimum`.
        case integer(minimum: Int)
        case texts
        case objects([ToolParameter])
    }

    let name: String
    let kind: Kind
    let isRequired: Bool
    let description: String

    init(_ name: String, required: Bool = true, _ description: String) {
        self.init(name, .text, required: required, description)
    }

    init(_ name: String, _ kind: Kind, required: Bool = true, _ description: String) {
        self.name = name
        self.kind = kind
        self.isRequired = required
        self.description = description
    }

    /// JSON Schema of an object with these members. Additional members are left open: recordings of later versions may
    /// bring arguments that this one does not know.
    static func schema(of parameters: [ToolParameter]) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("type", .string("object")),
            .init("properties", .object(parameters.map { .init($0.name, $0.schema) })),
        ]
        let required = parameters.filter(\.isRequired)
        if !required.isEmpty { members.append(.init("required", .array(required.map { .string($0.name) }))) }
        return .object(members)
    }

    private var schema: JSONValue {
        var members: [JSONValue.Member]
        switch kind {
        case .text: members = [.init("type", .string("string"))]
        case .integer(let minimum):
            members = [.init("type", .string("integer")), .init("minimum", .integer(Int64(minimum)))]
        case .texts:
            members = [.init("type", .string("array")), .init("items", .object([.init("type", .string("string"))]))]
        case .objects(let parameters):
            members = [.init("type", .string("array")), .init("items", Self.schema(of: parameters))]
        }
        members.append(.init("description", .string(description)))
        return .object(members)
    }

    /// What is expected, for an error message.
    var expectation: String {
        switch kind {
        case .text: "a string"
        case .integer(let minimum): "a whole number of at least \(minimum)"
        case .texts: "an array of strings"
        case .objects: "an array of objects"
        }
    }
}
