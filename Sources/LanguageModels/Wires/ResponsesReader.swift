/// Reads a reply of OpenAI Responses: deltas for display, the last `response` object as the truth.
package struct ResponsesReader: ReplyReader {
    private var context: ReplyContext
    private var filter = ThinkFilter()
    /// Items as they were finished, for servers whose last event holds none.
    private var items: [JSONValue] = []
    private var response: JSONValue?

    init(_ context: ReplyContext) { self.context = context }

    package var isComplete: Bool { response != nil }

    package mutating func addEndMark() {}

    package mutating func add(_ event: JSONValue) throws(ReplyTrouble) -> String {
        switch event["type"]?.string {
        case "response.output_text.delta": return filter.add(event["delta"]?.string ?? "")
        case "response.output_item.done":
            try ReplyBounds.check(items.count + 1)
            if let item = event["item"] { items.append(item) }
        case "response.completed", "response.incomplete": response = event["response"] ?? [:]
        case "response.failed": throw .service(ServiceError(event["response"] ?? event))
        case "error": throw .service(ServiceError(event))
        case nil where event["error"] != nil: throw .service(ServiceError(event))
        default: break
        }
        return ""
    }

    package mutating func read(_ reply: JSONValue) throws(ReplyTrouble) -> WireReply {
        if reply["error"] != nil || reply["status"]?.string == "failed" { throw .service(ServiceError(reply)) }
        guard reply["output"]?.array != nil else { throw .broken("it has no output") }
        response = reply
        return try finish()
    }

    package mutating func finish() throws(ReplyTrouble) -> WireReply {
        guard let response else { throw .broken("it ended before its last event") }
        if response["status"]?.string == "failed" { throw .service(ServiceError(response)) }
        var output = response["output"]?.array ?? []
        if output.isEmpty { output = items }
        try ReplyBounds.check(output.count)
        let reason = response["incomplete_details"]?["reason"]?.string
        let isIncomplete = response["status"]?.string == "incomplete"
        let refusal = output.flatMap { $0["content"]?.array ?? [] }.first { $0["type"]?.string == "refusal" }
        let isRefused = refusal != nil || (isIncomplete && reason == "content_filter")
        if isIncomplete, output.last?["type"]?.string == "function_call" { output.removeLast() }
        if isRefused { output.removeAll { $0["type"]?.string == "function_call" } }
        if isIncomplete || isRefused {
            // A thought is only accepted before what it led to.
            while output.last?["type"]?.string == "reasoning" { output.removeLast() }
        }
        let calls = readCalls(&output)
        let text = output.filter { $0["type"]?.string == "message" }
            .flatMap { $0["content"]?.array ?? [] }.compactMap { $0["text"]?.string }.joined()
        let stop: ModelTurn.Stop =
            if isRefused { .refused(refusal?["refusal"]?.string) } else if isIncomplete { .outputLimit } else { calls.isEmpty ? .finished : .toolCalls }
        // Without its encrypted content a thought is only a reference to something that was not stored.
        output.removeAll {
            $0["type"]?.string == "reasoning" && $0["encrypted_content"] == nil && ($0["content"]?.array ?? []).isEmpty
        }
        return WireReply(
            text: ThinkFilter.visible(text), calls: calls, stop: stop, usage: usage(response["usage"]),
            model: response["model"]?.string, raw: JSONValue.array(output).text)
    }

    private mutating func readCalls(_ output: inout [JSONValue]) -> [ToolCall] {
        var calls: [ToolCall] = []
        for index in output.indices where output[index]["type"]?.string == "function_call" {
            let received = output[index]["call_id"]?.string ?? output[index]["id"]?.string
            let id = context.unique(received, index: calls.count)
            let name = output[index]["name"]?.string ?? ""
            let arguments = ToolArguments.read(output[index]["arguments"])
            calls.append(ToolCall(id: id, name: name, arguments: arguments))
            if output[index]["call_id"]?.string != id { output[index].set("call_id", .string(id)) }
            if wireToolName(name) != name { output[index].set("name", .string(wireToolName(name))) }
            if output[index]["arguments"]?.string != arguments.wellFormed {
                output[index].set("arguments", .string(arguments.wellFormed))
            }
        }
        return calls
    }

    private func usage(_ usage: JSONValue?) -> WireUsage? {
        guard let usage, usage.members != nil else { return nil }
        let details = usage["input_tokens_details"]
        return WireUsage(
            input: usage["input_tokens"]?.int ?? 0, cacheRead: details?["cached_tokens"]?.int ?? 0,
            cacheWrite: details?["cache_write_tokens"]?.int ?? 0, output: usage["output_tokens"]?.int ?? 0,
            cost: usage["cost"]?.double)
    }
}
