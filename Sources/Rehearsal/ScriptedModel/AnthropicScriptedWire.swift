/// Anthropic Messages: its checks, in its words.
enum AnthropicScriptedWire: ScriptedWire {
    static let name = "anthropic"
    static let ping = "event: ping\ndata: {\"type\":\"ping\"}"

    static func check(_ body: ScriptValue, bytes: Int, refuses: Set<String>) throws -> ModelExchange {
        guard let model = body["model"]?.string, !model.isEmpty else { throw WireRefusal("model: Field required") }
        guard let limit = body["max_tokens"]?.int else { throw WireRefusal("max_tokens: Field required") }
        guard limit >= 1 else { throw WireRefusal("max_tokens: must be greater than or equal to 1") }
        guard let messages = body["messages"]?.array, !messages.isEmpty else {
            throw WireRefusal("messages: at least one message is required")
        }
        for field in ["temperature", "top_p", "top_k", "tool_choice", "thinking"] where body[field] != nil {
            throw WireRefusal("\(field): not supported by this model")
        }
        if refuses.contains("cache_control"), body.json.contains("\"cache_control\"") {
            throw WireRefusal("cache_control: Extra inputs are not permitted")
        }
        guard body.json.ranges(of: "\"cache_control\"").count <= 4 else {
            throw WireRefusal("A maximum of 4 blocks with cache_control may be provided.")
        }
        for block in body["system"]?.array ?? [] where block["text"]?.string?.isEmpty ?? true {
            throw WireRefusal("system: text content blocks must be non-empty")
        }
        let tools = try check(tools: body["tools"]?.array ?? [])
        try check(messages: messages)
        let system = body["system"]?.joinedText ?? ""
        let turns = messages.indices.filter { index in
            messages[index]["role"]?.string == "assistant"
                && (index == 0 || messages[index - 1]["role"]?.string != "assistant")
        }
        return ModelExchange(
            model: model, isStreaming: body["stream"]?.bool ?? false,
            opening: system + "\n" + (messages[0]["content"]?.joinedText ?? ""), tools: tools, turn: turns.count,
            bytes: bytes)
    }

    private static func check(tools: [ScriptValue]) throws -> Set<String> {
        var names: Set<String> = []
        for (index, tool) in tools.enumerated() {
            guard let name = tool["name"]?.string, isToolName(name, longest: 128) else {
                throw WireRefusal("tools.\(index).name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
            }
            guard names.insert(name).inserted else { throw WireRefusal("tools: Tool names must be unique.") }
            guard tool["input_schema"]?["type"]?.string == "object" else {
                throw WireRefusal("tools.\(index).input_schema.type: Input should be 'object'")
            }
        }
        return names
    }

    private static func check(messages: [ScriptValue]) throws {
        guard messages[0]["role"]?.string == "user" else {
            throw WireRefusal("messages: first message must use the \"user\" role")
        }
        guard messages[messages.count - 1]["role"]?.string == "user" else {
            throw WireRefusal("This model does not support assistant message prefill. The conversation must end with a user message.")
        }
        var open: Set<String> = []
        var all: Set<String> = []
        for (index, message) in messages.enumerated() {
            let role = message["role"]?.string ?? ""
            guard role == "user" || role == "assistant" else {
                throw WireRefusal("messages.\(index).role: Input should be 'user' or 'assistant'")
            }
            let blocks = message["content"]?.array ?? [["type": "text", "text": message["content"] ?? ""]]
            guard !blocks.isEmpty else { throw WireRefusal("messages.\(index): content must not be empty") }
            var results: Set<String> = []
            var sawText = false
            for (place, block) in blocks.enumerated() {
                let at = "messages.\(index).content.\(place)"
                switch block["type"]?.string {
                case "text":
                    sawText = true
                    guard block["text"]?.string?.isEmpty == false else {
                        throw WireRefusal("messages: text content blocks must be non-empty")
                    }
                case "tool_result":
                    guard role == "user", let id = block["tool_use_id"]?.string, open.contains(id) else {
                        throw WireRefusal(
                            "\(at): unexpected `tool_use_id` found in `tool_result` blocks: \(block["tool_use_id"]?.string ?? ""). Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
                        )
                    }
                    guard results.insert(id).inserted else {
                        throw WireRefusal("\(at): each tool_use must have a single result. Found multiple `tool_result` blocks with id: \(id)")
                    }
                    guard !sawText else { throw WireRefusal("\(at): tool_result blocks must come before text") }
                case "tool_use" where role == "assistant": break
                case "thinking" where role == "assistant":
                    guard block["signature"]?.string == signature(block["thinking"]?.string ?? "") else {
                        throw WireRefusal("\(at): Invalid `signature` in `thinking` block")
                    }
                case "redacted_thinking" where role == "assistant": break
                default: throw WireRefusal("\(at).type: Input tag '\(block["type"]?.string ?? "")' does not match any of the expected tags")
                }
            }
            guard results == open else {
                throw WireRefusal(
                    "messages.\(index): `tool_use` ids were found without `tool_result` blocks immediately after: \(open.subtracting(results).sorted().joined(separator: ", ")). Each `tool_use` block must have a corresponding `tool_result` block in the next message."
                )
            }
            open = []
            for (place, block) in blocks.enumerated() where block["type"]?.string == "tool_use" {
                let at = "messages.\(index).content.\(place)"
                guard let id = block["id"]?.string, isToolName(id, longest: 128) else {
                    throw WireRefusal("\(at).id: String should match pattern '^[a-zA-Z0-9_-]+$'")
                }
                guard all.insert(id).inserted else { throw WireRefusal("messages: `tool_use` ids must be unique") }
                guard block["input"]?.isObject ?? false else {
                    throw WireRefusal("\(at).input: Input should be a valid dictionary")
                }
                open.insert(id)
            }
        }
    }

    static func signature(_ thinking: String) -> String {
        "sig_" + String(thinking.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 16)
    }

    private static func stop(_ answer: ScriptedAnswer) -> ScriptValue {
        switch answer.stop {
        case .end: "end_turn"
        case .calls: "tool_use"
        case .outputLimit: "max_tokens"
        case .refusal: "refusal"
        }
    }

    private static func usage(_ answer: ScriptedAnswer) -> [String: ScriptValue] {
        [
            "input_tokens": .int(answer.inputTokens - answer.cachedTokens),
            "cache_read_input_tokens": .int(answer.cachedTokens), "cache_creation_input_tokens": 0,
        ]
    }

    static func whole(_ answer: ScriptedAnswer) -> ScriptValue {
        var content: [ScriptValue] = []
        if let thinking = answer.thinking {
            content.append([
                "type": "thinking", "thinking": .string(thinking), "signature": .string(signature(thinking)),
            ])
        }
        if !answer.text.isEmpty { content.append(["type": "text", "text": .string(answer.text)]) }
        for call in answer.calls {
            content.append([
                "type": "tool_use", "id": .string(call.id), "name": .string(call.name),
                "input": (try? ScriptValue(json: call.arguments.utf8)) ?? [:],
            ])
        }
        var usage = usage(answer)
        usage["output_tokens"] = .int(answer.outputTokens)
        return [
            "id": .string("msg_\(answer.id)"), "type": "message", "role": "assistant", "model": .string(answer.model),
            "content": .array(content), "stop_reason": stop(answer), "stop_sequence": nil, "usage": .object(usage),
        ]
    }

    static func events(_ answer: ScriptedAnswer) -> [String] {
        var usage = usage(answer)
        usage["output_tokens"] = 1
        var events: [ScriptValue] = [
            [
                "type": "message_start",
                "message": [
                    "id": .string("msg_\(answer.id)"), "type": "message", "role": "assistant",
                    "model": .string(answer.model), "content": [], "stop_reason": nil, "stop_sequence": nil,
                    "usage": .object(usage),
                ],
            ],
            ["type": "ping"],
        ]
        var index = 0
        func block(_ start: ScriptValue, _ deltas: [ScriptValue]) {
            events.append(["type": "content_block_start", "index": .int(index), "content_block": start])
            events += deltas.map { ["type": "content_block_delta", "index": .int(index), "delta": $0] }
            events.append(["type": "content_block_stop", "index": .int(index)])
            index += 1
        }
        if let thinking = answer.thinking {
            let deltas = ScriptedAnswer.pieces(thinking).map { piece -> ScriptValue in
                ["type": "thinking_delta", "thinking": .string(piece)]
            }
            block(
                ["type": "thinking", "thinking": "", "signature": ""],
                deltas + [["type": "signature_delta", "signature": .string(signature(thinking))]])
        }
        if !answer.text.isEmpty {
            block(
                ["type": "text", "text": ""],
                ScriptedAnswer.pieces(answer.text).map { ["type": "text_delta", "text": .string($0)] })
        }
        for call in answer.calls {
            block(
                ["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": [:]],
                [["type": "input_json_delta", "partial_json": ""]]
                    + ScriptedAnswer.pieces(call.arguments).map { ["type": "input_json_delta", "partial_json": .string($0)] })
        }
        events.append([
            "type": "message_delta", "delta": ["stop_reason": stop(answer), "stop_sequence": nil],
            "usage": ["output_tokens": .int(answer.outputTokens)],
        ])
        events.append(["type": "message_stop"])
        return events.map { "event: \($0["type"]?.string ?? "")\ndata: \($0.json)" }
    }

    static func error(_ refusal: WireRefusal) -> ScriptValue {
        [
            "type": "error", "error": ["type": .string(refusal.type), "message": .string(refusal.message)],
            "request_id": "req_rehearsal",
        ]
    }

    static func errorEvent(_ refusal: WireRefusal) -> String { "event: error\ndata: \(error(refusal).json)" }
}
