/// Anthropic Messages, version 2023-06-01, and the many servers that imitate it.
package enum AnthropicWire: ModelWire {
    package static let kind = WireKind.anthropic

    package static func reader(_ context: ReplyContext) -> AnthropicReader { AnthropicReader(context) }

    private struct Message {
        var isUser: Bool
        /// Content blocks of ours; each gets a `cache_control` if it is marked.
        var blocks: [JSONValue] = []
        /// The assistant's content array as it came.
        var raw: String?
        var blockCount: Int
        var marked: Set<Int> = []
    }

    package static func body(of request: WireRequest) -> [UInt8] {
        var messages = messages(of: request)
        if request.adaptations.sendsCacheControl { mark(&messages) }
        let cache: JSONValue = ["type": "ephemeral"]
        let system = request.conversation.system
        let tools = request.conversation.tools
        var writer = JSONWriter()
        writer.raw("{\"model\":")
        writer.string(request.model)
        writer.raw(",\"max_tokens\":\(request.maxOutputTokens),\"stream\":true")
        if !tools.isEmpty {
            writer.raw(",\"tools\":")
            writer.list("[", "]", tools.enumerated()) { writer, item in
                var tool: JSONValue = [
                    "name": .string(item.element.name), "description": .string(item.element.description),
                    "input_schema": item.element.parameters,
                ]
                // The breakpoint behind the instructions covers the tools as well; without instructions it stands here.
                if system.isEmpty && item.offset == tools.count - 1 && request.adaptations.sendsCacheControl {
                    tool.set("cache_control", cache)
                }
                writer.value(tool)
            }
        }
        if !system.isEmpty {
            var block: JSONValue = ["type": "text", "text": .string(system)]
            if request.adaptations.sendsCacheControl { block.set("cache_control", cache) }
            writer.raw(",\"system\":")
            writer.value([block])
        }
        writer.raw(",\"messages\":")
        writer.list("[", "]", messages) { writer, message in
            writer.raw(message.isUser ? "{\"role\":\"user\",\"content\":" : "{\"role\":\"assistant\",\"content\":")
            if let raw = message.raw {
                writer.raw(raw)
            } else {
                writer.list("[", "]", message.blocks.enumerated()) { writer, item in
                    var block = item.element
                    if message.marked.contains(item.offset) { block.set("cache_control", cache) }
                    writer.value(block)
                }
            }
            writer.raw("}")
        }
        writer.raw("}")
        return writer.bytes
    }

    private static func messages(of request: WireRequest) -> [Message] {
        var ids = CallIDs()
        var messages: [Message] = []
        for item in History(request.conversation).items {
            switch item {
            case .user(let texts):
                append(texts.map(text), to: &messages)
            case .results(let results, let texts):
                let blocks = results.map { result -> JSONValue in
                    var block: JSONValue = ["type": "tool_result", "tool_use_id": .string(ids[result.callID])]
                    block.set("content", .string(result.content))
                    if result.isError { block.set("is_error", true) }
                    return block
                }
                append(blocks + texts.map(text), to: &messages)
            case .assistant(let turn):
                if messages.isEmpty { append([text("Go on.")], to: &messages) }
                if turn.source == request.source {
                    ids.keep(turn.calls)
                    let raw = request.adaptations.sendsThinking ? turn.raw : withoutThinking(turn.raw)
                    messages.append(Message(isUser: false, raw: raw, blockCount: turn.calls.count + 2))
                } else {
                    ids.translate(turn.calls)
                    let blocks = rebuilt(turn, ids)
                    messages.append(Message(isUser: false, blocks: blocks, blockCount: blocks.count))
                }
            }
        }
        return messages
    }

    private static func text(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }

    private static func append(_ blocks: [JSONValue], to messages: inout [Message]) {
        if let last = messages.last, last.isUser {
            messages[messages.count - 1].blocks += blocks
            messages[messages.count - 1].blockCount += blocks.count
        } else {
            messages.append(Message(isUser: true, blocks: blocks, blockCount: blocks.count))
        }
    }

    private static func rebuilt(_ turn: ModelTurn, _ ids: CallIDs) -> [JSONValue] {
        let calls = turn.calls.map { call -> JSONValue in
            [
                "type": "tool_use", "id": .string(ids[call.id]), "name": .string(wireToolName(call.name)),
                "input": (try? JSONValue(parsing: call.arguments.wellFormed)) ?? [:],
            ]
        }
        let hasText = !turn.text.allSatisfy(\.isWhitespace)
        let blocks = (hasText ? [text(turn.text)] : []) + calls
        return blocks.isEmpty ? [text("(no text)")] : blocks
    }

    private static func withoutThinking(_ raw: String) -> String {
        guard let blocks = (try? JSONValue(parsing: raw))?.array else { return raw }
        let kept = blocks.filter { !["thinking", "redacted_thinking"].contains($0["type"]?.string ?? "") }
        return JSONValue.array(kept.isEmpty ? [text("(no text)")] : kept).text
    }

    /// At most three breakpoints: the end of the newest user message, one 15 blocks earlier when a message is longer
    /// than a look back of 20 reaches, and the end of the user message before, where the last request wrote.
    private static func mark(_ messages: inout [Message]) {
        let users = messages.indices.filter { messages[$0].isUser }
        guard let newest = users.last else { return }
        let count = messages[newest].blocks.count
        messages[newest].marked.insert(count - 1)
        if users.count > 1, messages[users[users.count - 2]...].dropFirst().map(\.blockCount).reduce(0, +) > 20 {
            let earlier = users[users.count - 2]
            messages[earlier].marked.insert(messages[earlier].blocks.count - 1)
        }
        if count > 20 { messages[newest].marked.insert(count - 16) }
    }
}
