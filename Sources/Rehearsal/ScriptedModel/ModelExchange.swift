/// One request to the scripted model, checked, and what the script needs to know of it.
struct ModelExchange {
    let model: String
    let isStreaming: Bool
    /// Instructions and the user's first message.
    let opening: String
    let tools: Set<String>
    /// Turns of the model that are in the request already.
    let turn: Int
    /// Of the request's body.
    let bytes: Int
}

/// A request that the real service would refuse, with its words.
struct WireRefusal: Error {
    let status: Int
    let type: String
    let message: String
    var code: String?

    init(_ status: Int, _ message: String, type: String = "invalid_request_error", code: String? = nil) {
        self.status = status
        self.type = type
        self.message = message
        self.code = code
    }

    init(_ message: String, type: String = "invalid_request_error", code: String? = nil) {
        self.init(400, message, type: type, code: code)
    }
}

/// How one of the real protocols checks requests and writes replies.
protocol ScriptedWire: Sendable {
    static var name: String { get }
    /// - Throws: `WireRefusal`
    static func check(_ body: ScriptValue, bytes: Int, refuses: Set<String>) throws -> ModelExchange
    /// The reply as one object.
    static func whole(_ answer: ScriptedAnswer) -> ScriptValue
    /// The reply as server-sent events, without their final blank lines.
    static func events(_ answer: ScriptedAnswer) -> [String]
    static func error(_ refusal: WireRefusal) -> ScriptValue
    /// An error after status 200, as an event.
    static func errorEvent(_ refusal: WireRefusal) -> String
    /// A sign of life.
    static var ping: String { get }
}

/// A turn of the script, ready to be written.
struct ScriptedAnswer {
    enum Stop { case end, calls, outputLimit, refusal }
    var id: String
    var model: String
    var thinking: String?
    var text: String
    var calls: [(id: String, name: String, arguments: String)]
    var stop: Stop
    var inputTokens: Int
    var cachedTokens: Int
    var outputTokens: Int { max(1, (text.utf8.count + calls.map { $0.arguments.utf8.count }.reduce(0, +)) / 4) }

    /// Pieces as a network would bring them, never cutting a character.
    static func pieces(_ text: String, of size: Int = 24) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}

extension ScriptValue {
    /// The text of content that is a string or blocks.
    var joinedText: String {
        string ?? (array ?? []).compactMap { $0["text"]?.string }.joined(separator: "\n")
    }
}

/// The rule that all services have for names of tools.
func isToolName(_ name: String, longest: Int) -> Bool {
    (1...longest).contains(name.utf8.count)
        && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
}
