/// Reads a call's arguments as models really write them, and never guesses.
enum ToolArguments {
    static func read(_ text: String) -> ToolCall.Arguments {
        let isBlank = text.allSatisfy(\.isWhitespace)
        if isBlank { return .object("{}") }
        do {
            switch try JSONValue(parsing: text) {
            case .object: return .object(text)
            case .null: return .object("{}")
            case .string(let inner):
                // Some models encode twice.
                if inner.allSatisfy(\.isWhitespace) { return .object("{}") }
                if case .object? = try? JSONValue(parsing: inner) { return .object(inner) }
                return .malformed(text, problem: "a JSON object is expected, not a string")
            case .array: return .malformed(text, problem: "a JSON object is expected, not an array")
            case .bool, .integer, .number: return .malformed(text, problem: "a JSON object is expected")
            }
        } catch {
            return .malformed(text, problem: "\(error)")
        }
    }

    static func read(_ value: JSONValue?) -> ToolCall.Arguments {
        switch value {
        case nil, .null?: .object("{}")
        case .string(let text)?: read(text)
        case let value?: read(value.text)
        }
    }
}

extension ToolCall.Arguments {
    /// A JSON object in any case: servers refuse or crash on history with anything else.
    var wellFormed: String {
        if case .object(let text) = self { text } else { "{}" }
    }
}
