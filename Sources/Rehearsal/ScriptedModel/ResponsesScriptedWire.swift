/// OpenAI Responses: its checks, in its words.
enum ResponsesScriptedWire: ScriptedWire {
    static let name = "responses"
    static let ping = ": keep-alive"

    static func check(_ body: ScriptValue, bytes: Int, refuses: Set<String>) throws -> ModelExchange {
        guard let model = body["model"]?.string, !model.isEmpty else {
            throw WireRefusal("Missing required parameter: 'model'.", code: "missing_required_parameter")
        }
        guard let items = body["input"]?.array, !items.isEmpty else {
            throw WireRefusal("Missing required parameter: 'input'.", code: "missing_required_parameter")
        }
        for field in ["messages", "max_tokens"] where body[field] != nil {
            throw WireRefusal("Unsupported parameter: '\(field)'.", code: "unsupported_parameter")
        }
        var names: Set<String> = []
        for (index, tool) in (body["tools"]?.array ?? []).enumerated() {
            guard let name = tool["name"]?.string, isToolName(name, longest: 64) else {
                throw WireRefusal("Missing required parameter: 'tools[\(index)].name'.", code: "missing_required_parameter")
            }
            guard tool["strict"]?.bool != nil else {
                throw WireRefusal("Missing required parameter: 'tools[\(index)].strict'.", code: "missing_required_parameter")
            }
            names.insert(name)
        }
        let turn = try check(items: items)
        let first = items.first { $0["role"]?.string == "user" }?["content"]?.joinedText ?? ""
        return ModelExchange(
            model: model, isStreaming: body["stream"]?.bool ?? false,
            opening: (body["instructions"]?.string ?? "") + "\n" + first, tools: names, turn: turn, bytes: bytes)
    }

    /// - Returns: How many turns of the model there are.
    private static func check(items: [ScriptValue]) throws -> Int {
        var (turns, isModel) = (0, false)
        var (calls, outputs): (Set<String>, Set<String>) = ([], [])
        for (index, item) in items.enumerated() {
            let type = item["type"]?.string ?? "message"
            switch type {
            case "function_call":
                guard let id = item["call_id"]?.string, (1...64).contains(id.utf8.count), calls.insert(id).inserted,
                    let name = item["name"]?.string, isToolName(name, longest: 64), item["arguments"]?.string != nil
                else { throw WireRefusal("Invalid 'input[\(index)]': a function call needs its own call_id, name and arguments.") }
            case "function_call_output":
                guard let id = item["call_id"]?.string, calls.contains(id) else {
                    throw WireRefusal("No tool call found for function call output with call_id \(item["call_id"]?.string ?? "").")
                }
                guard outputs.insert(id).inserted, item["output"]?.string != nil else {
                    throw WireRefusal("Invalid 'input[\(index)]': a second output, or none.")
                }
            case "reasoning":
                guard item["encrypted_content"]?.string != nil else {
                    throw WireRefusal(404, "Item with id '\(item["id"]?.string ?? "")' not found. Items are not persisted when `store` is set to false.")
                }
            case "message":
                guard item["role"]?.string != nil, item["content"] != nil else {
                    throw WireRefusal("Missing required parameter: 'input[\(index)].content'.", code: "missing_required_parameter")
                }
            default: throw WireRefusal("Invalid value: '\(type)'.", code: "invalid_value")
            }
            let isFromModel = ["function_call", "reasoning"].contains(type) || item["role"]?.string == "assistant"
            if isFromModel && !isModel { turns += 1 }
            isModel = isFromModel
        }
        if let open = calls.subtracting(outputs).sorted().first {
            throw WireRefusal("No tool output found for function call \(open).")
        }
        return turns
    }

    static func whole(_ answer: ScriptedAnswer) -> ScriptValue {
        response(answer, output: output(answer), isDone: true)
    }

    private static func output(_ answer: ScriptedAnswer) -> [ScriptValue] {
        var output: [ScriptValue] = []
        if let thinking = answer.thinking {
            output.append([
                "type": "reasoning", "id": .string("rs_\(answer.id)"), "summary": [],
                "encrypted_content": .string(AnthropicScriptedWire.signature(thinking)),
            ])
        }
        if answer.stop == .refusal {
            output.append([
                "type": "message", "id": .string("msg_\(answer.id)"), "role": "assistant", "status": "completed",
                "content": [["type": "refusal", "refusal": .string(answer.text)]],
            ])
        } else if !answer.text.isEmpty {
            output.append([
                "type": "message", "id": .string("msg_\(answer.id)"), "role": "assistant", "status": "completed",
                "content": [["type": "output_text", "text": .string(answer.text), "annotations": []]],
            ])
        }
        for (index, call) in answer.calls.enumerated() {
            output.append([
                "type": "function_call", "id": .string("fc_\(answer.id)_\(index)"), "call_id": .string(call.id),
                "name": .string(call.name), "arguments": .string(call.arguments),
                "status": answer.stop == .outputLimit && index == answer.calls.count - 1 ? "incomplete" : "completed",
            ])
        }
        return output
    }

    private static func response(_ answer: ScriptedAnswer, output: [ScriptValue], isDone: Bool) -> ScriptValue {
        let isCut = answer.stop == .outputLimit
        return [
            "id": .string("resp_\(answer.id)"), "object": "response", "model": .string(answer.model), "error": nil,
            "status": isDone ? (isCut ? "incomplete" : "completed") : "in_progress",
            "incomplete_details": isDone && isCut ? ["reason": "max_output_tokens"] : nil, "output": .array(output),
            "usage": isDone
                ? [
                    "input_tokens": .int(answer.inputTokens), "output_tokens": .int(answer.outputTokens),
                    "input_tokens_details": ["cached_tokens": .int(answer.cachedTokens)],
                    "output_tokens_details": ["reasoning_tokens": 0],
                ] : nil,
        ]
    }

    static func events(_ answer: ScriptedAnswer) -> [String] {
        let output = output(answer)
        var events: [[String: ScriptValue]] = [
            ["type": "response.created", "response": response(answer, output: [], isDone: false)]
        ]
        for (index, item) in output.enumerated() {
            let place: [String: ScriptValue] = ["output_index": .int(index), "item_id": item["id"] ?? ""]
            func event(_ type: ScriptValue, _ more: [String: ScriptValue]) {
                events.append(place.merging(more) { $1 }.merging(["type": type]) { $1 })
            }
            events.append(["type": "response.output_item.added", "output_index": .int(index), "item": item])
            if let text = item["content"]?.array?.first?["text"]?.string {
                for piece in ScriptedAnswer.pieces(text) { event("response.output_text.delta", ["delta": .string(piece)]) }
                event("response.output_text.done", ["text": .string(text)])
            }
            if let arguments = item["arguments"]?.string {
                for piece in ScriptedAnswer.pieces(arguments) {
                    event("response.function_call_arguments.delta", ["delta": .string(piece)])
                }
                event("response.function_call_arguments.done", ["arguments": .string(arguments)])
            }
            events.append(["type": "response.output_item.done", "output_index": .int(index), "item": item])
        }
        events.append([
            "type": answer.stop == .outputLimit ? "response.incomplete" : "response.completed",
            "response": response(answer, output: output, isDone: true),
        ])
        return events.enumerated().map { number, event in
            let value = ScriptValue.object(event.merging(["sequence_number": .int(number)]) { $1 })
            return "event: \(value["type"]?.string ?? "")\ndata: \(value.json)"
        }
    }

    static func error(_ refusal: WireRefusal) -> ScriptValue { ChatScriptedWire.error(refusal) }

    static func errorEvent(_ refusal: WireRefusal) -> String {
        let value: ScriptValue = [
            "type": "error", "code": .string(refusal.type), "message": .string(refusal.message), "param": nil,
        ]
        return "event: error\ndata: \(value.json)"
    }
}
