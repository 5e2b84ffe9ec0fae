/// OpenAI Chat Completions, the protocol that nearly every server speaks in its own way.
///
/// The smallest set of fields is sent: some servers refuse what they don't know.
package enum ChatWire: ModelWire {
    package static let kind = WireKind.chat

    package static func reader(_ context: ReplyContext) -> ChatReader { ChatReader(context) }

    package static func body(of request: WireRequest) -> [UInt8] {
        let conversation = request.conversation
        var writer = JSONWriter()
        writer.raw("{\"model\":")
        writer.string(request.model)
        let limit = request.adaptations.usesMaxCompletionTokens ? "max_completion_tokens" : "max_tokens"
        writer.raw(",\"\(limit)\":\(request.maxOutputTokens),\"stream\":true")
        if request.adaptations.sendsStreamOptions { writer.raw(",\"stream_options\":{\"include_usage\":true}") }
        if request.isFirstParty {
            writer.raw(",\"prompt_cache_key\":")
            writer.string(conversation.cacheKey)
        }
        if !conversation.tools.isEmpty {
            writer.raw(",\"tools\":")
            writer.list("[", "]", conversation.tools) { writer, tool in
                writer.value([
                    "type": "function",
                    "function": [
                        "name": .string(tool.name), "description": .string(tool.description),
                        "parameters": tool.parameters,
                    ],
                ])
            }
        }
        writer.raw(",\"messages\":")
        writer.list("[", "]", messages(of: request)) { $0.raw($1) }
        writer.raw("}")
        return writer.bytes
    }

    private static func messages(of request: WireRequest) -> [String] {
        var ids = CallIDs()
        var messages: [String] = []
        let system = request.conversation.system
        if !system.isEmpty { messages.append(message("system", system)) }
        for item in History(request.conversation).items {
            switch item {
            case .user(let texts):
                messages.append(message("user", texts.joined(separator: "\n\n")))
            case .results(let results, let texts):
                messages += results.map { result in
                    let value: JSONValue = [
                        "role": "tool", "tool_call_id": .string(ids[result.callID]), "content": .string(result.content),
                    ]
                    return value.text
                }
                if !texts.isEmpty { messages.append(message("user", texts.joined(separator: "\n\n"))) }
            case .assistant(let turn):
                let isOurs = turn.source == request.source
                if isOurs { ids.keep(turn.calls) } else { ids.translate(turn.calls) }
                messages.append(isOurs ? adapted(turn.raw, request.adaptations) : rebuilt(turn, ids, request.adaptations))
            }
        }
        return messages
    }

    private static func message(_ role: String, _ text: String) -> String {
        JSONValue.object([.init("role", .string(role)), .init("content", .string(text))]).text
    }

    static let reasoningFields = ["reasoning_content", "reasoning", "reasoning_details"]

    /// As received, apart from what the server was found to refuse.
    private static func adapted(_ raw: String, _ adaptations: Adaptations) -> String {
        guard adaptations.reasoningFields != .asReceived || !adaptations.sendsNullContent,
            var message = try? JSONValue(parsing: raw)
        else { return raw }
        adapt(&message, adaptations)
        return message.text
    }

    private static func adapt(_ message: inout JSONValue, _ adaptations: Adaptations) {
        switch adaptations.reasoningFields {
        case .asReceived: break
        case .omitted: for name in reasoningFields { message.remove(name) }
        case .emptyWhereMissing:
            if message["reasoning_content"] == nil { message.set("reasoning_content", "") }
        }
        if !adaptations.sendsNullContent, message["content"] == nil { message.set("content", "") }
    }

    private static func rebuilt(_ turn: ModelTurn, _ ids: CallIDs, _ adaptations: Adaptations) -> String {
        var message: JSONValue = ["role": "assistant"]
        message.set("content", turn.text.isEmpty && !turn.calls.isEmpty ? .null : .string(turn.text))
        if !turn.calls.isEmpty {
            message.set("tool_calls", .array(turn.calls.map { call(id: ids[$0.id], $0) }))
        }
        adapt(&message, adaptations)
        return message.text
    }

    static func call(id: String, _ call: ToolCall) -> JSONValue {
        [
            "id": .string(id), "type": "function",
            "function": ["name": .string(wireToolName(call.name)), "arguments": .string(call.arguments.wellFormed)],
        ]
    }
}

extension Conversation {
    /// The same for all requests of a conversation, so that they meet the same cache.
    var cacheKey: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        mix(system)
        for case .user(let text) in messages.prefix(1) { mix(text) }
        return "ai-coder-" + String(hash, radix: 16)
    }
}
