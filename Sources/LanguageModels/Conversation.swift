/// What is sent to a model: fixed instructions and tools, and messages that are only ever appended.
package struct Conversation: Sendable {
    package let system: String
    package let tools: [ToolDefinition]
    package private(set) var messages: [Message]

    package init(system: String, tools: [ToolDefinition], messages: [Message] = []) {
        self.system = system
        self.tools = tools
        self.messages = messages
    }

    package mutating func append(_ message: Message) { messages.append(message) }
}

package enum Message: Sendable, Hashable, Codable {
    /// Text from us. Neighbouring user messages are allowed; a client joins them where its wire needs it.
    case user(String)
    /// What the model said, sent back byte for byte to the model that said it.
    case assistant(ModelTurn)
    /// One result for every call of the assistant's turn just before, in the calls' order; `text` follows them.
    case toolResults([ToolResult], text: String?)
}

package struct ToolDefinition: Sendable, Hashable {
    package let name: String
    package let description: String
    /// JSON Schema of an object.
    package let parameters: JSONValue
    package init(name: String, description: String, parameters: JSONValue) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }
}

package struct ToolCall: Sendable, Hashable, Codable {
    /// Never empty and unique in the conversation, made up where the server sent none.
    package let id: String
    package let name: String
    package let arguments: Arguments

    package enum Arguments: Sendable, Hashable, Codable {
        /// JSON text of an object.
        case object(String)
        /// What can't be read as an object: the text as received, and what is wrong with it. Never run.
        case malformed(String, problem: String)
    }

    package init(id: String, name: String, arguments: Arguments) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

package struct ToolResult: Sendable, Hashable, Codable {
    package var callID: String
    package var content: String
    package var isError: Bool
    package init(callID: String, content: String, isError: Bool) {
        self.callID = callID
        self.content = content
        self.isError = isError
    }
}
