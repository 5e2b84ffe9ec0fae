import LanguageModels

/// A call's arguments, checked against the tool's parameters: every required one is there, every one has its type.
///
/// Nothing is guessed or converted: what does not fit is answered with one sentence that names the argument.
struct ToolArguments: Sendable {
    private enum Value: Sendable {
        case text(String)
        case integer(Int)
        case texts([String])
        case objects([ToolArguments])
    }

    private var values: [String: Value] = [:]
    /// Names that the tool does not know; they have no effect, which the model is told.
    private(set) var unknown: [String] = []

    /// Most arguments are a few bytes, the largest a whole file's content.
    static let sizeLimit = 4 << 20

    init(_ arguments: ToolCall.Arguments, for parameters: [ToolParameter]) throws(ToolProblem) {
        switch arguments {
        case .malformed(let text, let problem):
            throw ToolProblem(
                "The arguments can't be read: \(problem). They must be one JSON object; received: \(Self.excerpt(text))")
        case .object(let text):
            guard text.utf8.count <= Self.sizeLimit else {
                throw ToolProblem("The arguments are larger than 4 MiB; do it in smaller steps.")
            }
            let value: JSONValue
            do {
                value = try JSONValue(parsing: text)
            } catch {
                throw ToolProblem("The arguments are \(error). Received: \(Self.excerpt(text))")
            }
            guard case .object(let members) = value else {
                throw ToolProblem("The arguments must be one JSON object, not \(Self.kind(of: value)).")
            }
            try self.init(members, for: parameters, at: "")
        }
    }

    private init(
        _ members: [JSONValue.Member], for parameters: [ToolParameter], at place: String
    ) throws(ToolProblem) {
        var given: [String: JSONValue] = [:]
        for member in members {
            guard given.updateValue(member.value, forKey: member.name) == nil else {
                throw ToolProblem("`\(place)\(Self.excerpt(member.name))` is given twice.")
            }
        }
        for parameter in parameters {
            let value = given.removeValue(forKey: parameter.name)
            guard let value, value != .null else {
                guard !parameter.isRequired else {
                    throw ToolProblem("`\(place)\(parameter.name)` is missing; it must be \(parameter.expectation).")
                }
                continue
            }
            values[parameter.name] = try Self.check(value, parameter, at: place)
        }
        unknown = given.keys.sorted().map(Self.excerpt)
    }

    private static func check(
        _ value: JSONValue, _ parameter: ToolParameter, at place: String
    ) throws(ToolProblem) -> Value {
        let wrong = ToolProblem(
            "`\(place)\(parameter.name)` must be \(parameter.expectation), not \(kind(of: value)).")
        switch (parameter.kind, value) {
        case (.text, .string(let text)):
            return .text(text)
        case (.integer(let minimum), .integer(let number)):
            guard let number = Int(exactly: number), number >= minimum else { throw wrong }
            return .integer(number)
        case (.integer(let minimum), .number(let digits)):
            // `3.0` is a whole number too.
            guard let number = Double(digits).flatMap({ Int(exactly: $0) }), number >= minimum else { throw wrong }
            return .integer(number)
        case (.texts, .array(let items)):
            var texts: [String] = []
            for item in items {
                guard case .string(let text) = item else {
                    throw ToolProblem(
                        "`\(place)\(parameter.name)[\(texts.count)]` must be a string, not \(kind(of: item)).")
                }
                texts.append(text)
            }
            return .texts(texts)
        case (.objects(let parameters), .array(let items)):
            var objects: [ToolArguments] = []
            for item in items {
                let place = "\(place)\(parameter.name)[\(objects.count)]"
                guard case .object(let members) = item else {
                    throw ToolProblem("`\(place)` must be an object, not \(kind(of: item)).")
                }
                objects.append(try ToolArguments(members, for: parameters, at: place + "."))
            }
            return .objects(objects)
        default:
            throw wrong
        }
    }

    private static func kind(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "true or false"
        case .integer(let number): "the number \(number)"
        case .number(let text): "the number \(excerpt(text))"
        case .string(let text): "the string \"\(excerpt(text))\""
        case .array: "an array"
        case .object: "an object"
        }
    }

    private static func excerpt(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(120)
        return InvisibleText.shown(String(String.UnicodeScalarView(start)))
            + (start.endIndex == text.unicodeScalars.endIndex ? "" : "…")
    }
}

extension ToolArguments {
    /// A required argument. The check above has made sure of it; a tool that asks for what it did not declare says so.
    func text(_ name: String) throws(ToolProblem) -> String {
        guard case .text(let text) = values[name] else { throw ToolProblem("`\(name)` is missing.") }
        return text
    }

    func optionalText(_ name: String) -> String? {
        if case .text(let text) = values[name] { text } else { nil }
    }

    func integer(_ name: String) throws(ToolProblem) -> Int {
        guard case .integer(let number) = values[name] else { throw ToolProblem("`\(name)` is missing.") }
        return number
    }

    func optionalInteger(_ name: String) -> Int? {
        if case .integer(let number) = values[name] { number } else { nil }
    }

    func texts(_ name: String) -> [String] {
        if case .texts(let texts) = values[name] { texts } else { [] }
    }

    func objects(_ name: String) -> [ToolArguments] {
        if case .objects(let objects) = values[name] { objects } else { [] }
    }
}
