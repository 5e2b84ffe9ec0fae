/// OpenAI Responses, without state on the server: the whole input goes with each request.
package enum ResponsesWire: ModelWire {
    package static let kind = WireKind.responses

    package static func reader(_ context: ReplyContext) -> ResponsesReader { ResponsesReader(context) }

    package static func body(of request: WireRequest) -> [UInt8] {
        let conversation = request.conversation
        var writer = JSONWriter()
        writer.raw("{\"model\":")
        writer.string(request.model)
        writer.raw(",\"max_output_tokens\":\(request.maxOutputTokens),\"stream\":true,\"store\":false")
        if request.adaptations.sendsEncryptedReasoning { writer.raw(",\"include\":[\"reasoning.encrypted_content\"]") }
        if request.isFirstParty {
            writer.raw(",\"prompt_cache_key\":")
            writer.string(conversation.cacheKey)
        }
        if !conversation.system.isEmpty {
            writer.raw(",\"instructions\":")
            writer.string(conversation.system)
        }
        if !conversation.tools.isEmpty {
            writer.raw(",\"tools\":")
            writer.list("[", "]", conversation.tools) { writer, tool in
                writer.value([
                    "type": "function", "name": .string(tool.name), "description": .string(tool.description),
                    "parameters": tool.parameters, "strict": false,
                ])
            }
        }
        writer.raw(",\"input\":")
        writer.list("[", "]", items(of: request)) { $0.raw($1) }
        writer.raw("}")
        return writer.bytes
    }

    private static func items(of request: WireRequest) -> [String] {
        var ids = CallIDs()
        var items: [String] = []
        for item in History(request.conversation).items {
            switch item {
            case .user(let texts): items.append(message("user", texts.joined(separator: "\n\n")))
            case .results(let results, let texts):
                items += results.map { result in
                    let value: JSONValue = [
                        "type": "function_call_output", "call_id": .string(ids[result.callID]),
                        "output": .string(result.content),
                    ]
                    return value.text
                }
                if !texts.isEmpty { items.append(message("user", texts.joined(separator: "\n\n"))) }
            case .assistant(let turn):
                if turn.source == request.source {
                    ids.keep(turn.calls)
                    let inner = turn.raw.dropFirst().dropLast()
                    if !inner.isEmpty { items.append(String(inner)) }
                } else {
                    ids.translate(turn.calls)
                    if !turn.text.isEmpty { items.append(message("assistant", turn.text)) }
                    items += turn.calls.map { call in
                        let value: JSONValue = [
                            "type": "function_call", "call_id": .string(ids[call.id]),
                            "name": .string(wireToolName(call.name)), "arguments": .string(call.arguments.wellFormed),
                        ]
                        return value.text
                    }
                }
            }
        }
        return items
    }

    private static func message(_ role: String, _ text: String) -> String {
        JSONValue.object([.init("role", .string(role)), .init("content", .string(text))]).text
    }
}
