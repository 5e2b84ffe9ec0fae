/// OpenAI Chat Completions: its checks, in its words.
enum ChatScriptedWire: ScriptedWire {
    static let name = "chat"
    static let ping = ": keep-alive"

    static func check(_ body: ScriptValue, bytes: Int, refuses: Set<String>) throws -> ModelExchange {
        guard let model = body["model"]?.string, !model.isEmpty else {
            throw WireRefusal("you must provide a model parameter")
        }
        guard let messages = body["messages"]?.array, !messages.isEmpty else {
            throw WireRefusal("Missing required parameter: 'messages'.", code: "missing_required_parameter")
        }
        if refuses.contains("max_tokens"), body["max_tokens"] != nil {
            throw WireRefusal(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                code: "unsupported_parameter")
        }
        if refuses.contains("tools_on_chat"), body["tools"] != nil {
            throw WireRefusal(
                "Function tools with reasoning_effort are not supported for \(model) in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'."
            )
        }
        var names: Set<String> = []
        for (index, tool) in (body["tools"]?.array ?? []).enumerated() {
            guard tool["type"]?.string == "function", let name = tool["function"]?["name"]?.string,
                isToolName(name, longest: 64)
            else { throw WireRefusal("Invalid 'tools[\(index)].function.name': string does not match pattern.") }
            names.insert(name)
        }
        try check(messages: messages)
        let system = messages.filter { $0["role"]?.string == "system" }.compactMap { $0["content"]?.joinedText }
        let first = messages.first { $0["role"]?.string == "user" }?["content"]?.joinedText ?? ""
        return ModelExchange(
            model: model, isStreaming: body["stream"]?.bool ?? false,
            opening: (system + [first]).joined(separator: "\n"), tools: names,
            turn: messages.count { $0["role"]?.string == "assistant" }, bytes: bytes)
    }

    private static func check(messages: [ScriptValue]) throws {
        var open: Set<String> = []
        var all: Set<String> = []
        for (index, message) in messages.enumerated() {
            let role = message["role"]?.string ?? ""
            if role != "tool", !open.isEmpty { throw unanswered(open) }
            switch role {
            case "system", "developer", "user":
                guard message["content"]?.string != nil || message["content"]?.array != nil else {
                    throw WireRefusal("Invalid value for 'content': expected a string, got null.")
                }
            case "assistant":
                guard let calls = message["tool_calls"] else {
                    guard message["content"]?.string != nil else {
                        throw WireRefusal("Invalid value for 'content': expected a string, got null.")
                    }
                    continue
                }
                guard let calls = calls.array, !calls.isEmpty else {
                    throw WireRefusal("[] is too short - 'messages.\(index).tool_calls'")
                }
                for call in calls {
                    guard let id = call["id"]?.string, (1...40).contains(id.utf8.count), all.insert(id).inserted else {
                        throw WireRefusal("Invalid 'messages[\(index)].tool_calls[].id': empty, too long or repeated.")
                    }
                    guard call["type"]?.string == "function", let name = call["function"]?["name"]?.string,
                        isToolName(name, longest: 64), call["function"]?["arguments"]?.string != nil
                    else { throw WireRefusal("Invalid 'messages[\(index)].tool_calls[].function'.") }
                    open.insert(id)
                }
            case "tool":
                guard let id = message["tool_call_id"]?.string, open.remove(id) != nil else {
                    throw WireRefusal(
                        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.")
                }
                guard message["content"]?.string != nil else { throw WireRefusal("Invalid value for 'content'.") }
            default: throw WireRefusal("Invalid value: '\(role)'. Supported values are: 'system', 'assistant', 'user', and 'tool'.")
            }
        }
        if !open.isEmpty { throw unanswered(open) }
    }

    private static func unanswered(_ ids: Set<String>) -> WireRefusal {
        WireRefusal(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: \(ids.sorted().joined(separator: ", "))"
        )
    }

    private static func finish(_ answer: ScriptedAnswer) -> ScriptValue {
        switch answer.stop {
        case .end: "stop"
        case .calls: "tool_calls"
        case .outputLimit: "length"
        case .refusal: "content_filter"
        }
    }

    private static func usage(_ answer: ScriptedAnswer) -> ScriptValue {
        [
            "prompt_tokens": .int(answer.inputTokens), "completion_tokens": .int(answer.outputTokens),
            "total_tokens": .int(answer.inputTokens + answer.outputTokens),
            "prompt_tokens_details": ["cached_tokens": .int(answer.cachedTokens)],
        ]
    }

    private static func call(_ call: (id: String, name: String, arguments: String)) -> [String: ScriptValue] {
        [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
        ]
    }

    static func whole(_ answer: ScriptedAnswer) -> ScriptValue {
        var message: [String: ScriptValue] = [
            "role": "assistant", "content": answer.text.isEmpty ? nil : .string(answer.text),
        ]
        if let thinking = answer.thinking { message["reasoning_content"] = .string(thinking) }
        if !answer.calls.isEmpty { message["tool_calls"] = .array(answer.calls.map { .object(call($0)) }) }
        return [
            "id": .string("chatcmpl-\(answer.id)"), "object": "chat.completion", "created": 1_790_000_000,
            "model": .string(answer.model),
            "choices": [["index": 0, "message": .object(message), "finish_reason": finish(answer)]],
            "usage": usage(answer),
        ]
    }

    static func events(_ answer: ScriptedAnswer) -> [String] {
        func chunk(_ choices: ScriptValue, usage: ScriptValue = nil) -> String {
            let value: ScriptValue = [
                "id": .string("chatcmpl-\(answer.id)"), "object": "chat.completion.chunk", "created": 1_790_000_000,
                "model": .string(answer.model), "choices": choices, "usage": usage,
            ]
            return "data: \(value.json)"
        }
        func delta(_ delta: ScriptValue, finish: ScriptValue = nil) -> String {
            chunk([["index": 0, "delta": delta, "finish_reason": finish]])
        }
        var events = [delta(["role": "assistant", "content": ""])]
        if let thinking = answer.thinking {
            events += ScriptedAnswer.pieces(thinking).map { delta(["reasoning_content": .string($0)]) }
        }
        events += ScriptedAnswer.pieces(answer.text).map { delta(["content": .string($0)]) }
        for (index, item) in answer.calls.enumerated() {
            var first = call((item.id, item.name, ""))
            first["index"] = .int(index)
            events.append(delta(["tool_calls": [.object(first)]]))
            events += ScriptedAnswer.pieces(item.arguments).map { piece in
                delta(["tool_calls": [["index": .int(index), "function": ["arguments": .string(piece)]]]])
            }
        }
        events.append(delta([:], finish: finish(answer)))
        events.append(chunk([], usage: usage(answer)))
        events.append("data: [DONE]")
        return events
    }

    static func error(_ refusal: WireRefusal) -> ScriptValue {
        [
            "error": [
                "message": .string(refusal.message), "type": .string(refusal.type), "param": nil,
                "code": refusal.code.map { .string($0) } ?? nil,
            ]
        ]
    }

    static func errorEvent(_ refusal: WireRefusal) -> String { "data: \(error(refusal).json)" }
}
