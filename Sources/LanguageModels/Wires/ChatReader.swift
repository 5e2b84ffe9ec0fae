/// Puts a reply of Chat Completions together.
package struct ChatReader: ReplyReader {
    private var context: ReplyContext
    private var content = ""
    private var filter = ThinkFilter()
    private var refusal = ""
    private var reasoning: [(name: String, text: String)] = []
    private var details: [JSONValue] = []
    private var calls = ChatCallAssembly()
    private var finishReason: String?
    private var usage: WireUsage?
    private var model: String?
    private var hasEndMark = false

    init(_ context: ReplyContext) { self.context = context }

    /// Usage may follow the finish reason, so only the end mark tells.
    package var isComplete: Bool { hasEndMark }

    package mutating func addEndMark() { hasEndMark = true }

    package mutating func add(_ event: JSONValue) throws(ReplyTrouble) -> String {
        if event["error"] != nil { throw .service(ServiceError(event)) }
        model = event["model"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? model
        if let usage = event["usage"], usage.members != nil { self.usage = Self.usage(usage) }
        guard let choices = event["choices"]?.array,
            let choice = choices.first(where: { $0["index"]?.int ?? 0 == 0 })
        else { return "" }
        if choice["error"] != nil { throw .service(ServiceError(choice)) }
        if let reason = choice["finish_reason"]?.string, !reason.isEmpty { finishReason = reason }
        // DeepSeek and others put usage beside the delta, some proxies into the choice.
        if let usage = choice["usage"], usage.members != nil { self.usage = Self.usage(usage) }
        return try add(message: choice["delta"] ?? choice["message"] ?? [:])
    }

    private mutating func add(message: JSONValue) throws(ReplyTrouble) -> String {
        refusal += message["refusal"]?.string ?? ""
        for name in ["reasoning_content", "reasoning"] {
            guard let text = message[name]?.string else { continue }
            if let index = reasoning.firstIndex(where: { $0.name == name }) {
                reasoning[index].text += text
            } else {
                reasoning.append((name, text))
            }
        }
        for detail in message["reasoning_details"]?.array ?? [] { try add(detail: detail) }
        try calls.add(message["tool_calls"]?.array ?? [])
        if let call = message["function_call"] { try calls.add([["function": call]]) }
        guard let text = Self.text(message["content"]), !text.isEmpty else { return "" }
        content += text
        return filter.add(text)
    }

    /// A string, or parts as some servers send them.
    private static func text(_ content: JSONValue?) -> String? {
        content?.string ?? content?.array.map { $0.compactMap { $0["text"]?.string }.joined() }
    }

    private mutating func add(detail: JSONValue) throws(ReplyTrouble) {
        try ReplyBounds.check(details.count)
        let place = details.lastIndex { known in
            detail["index"] != nil && known["index"] == detail["index"] && known["type"] == detail["type"]
        }
        guard let place else { return details.append(detail) }
        for member in detail.members ?? [] {
            if ["text", "summary", "data"].contains(member.name), let more = member.value.string {
                details[place].set(member.name, .string((details[place][member.name]?.string ?? "") + more))
            } else if member.value != .null {
                details[place].set(member.name, member.value)
            }
        }
    }

    private static func usage(_ usage: JSONValue) -> WireUsage {
        let details = usage["prompt_tokens_details"]
        return WireUsage(
            input: usage["prompt_tokens"]?.int ?? 0,
            cacheRead: details?["cached_tokens"]?.int ?? usage["prompt_cache_hit_tokens"]?.int ?? 0,
            cacheWrite: details?["cache_write_tokens"]?.int ?? 0,
            output: usage["completion_tokens"]?.int ?? 0, cost: usage["cost"]?.double)
    }

    package mutating func read(_ reply: JSONValue) throws(ReplyTrouble) -> WireReply {
        if reply["error"] == nil, reply["choices"]?.array?.isEmpty ?? true { throw .broken("it has no choices") }
        _ = try add(reply)
        hasEndMark = true
        return try finish()
    }

    package mutating func finish() throws(ReplyTrouble) -> WireReply {
        guard hasEndMark || finishReason != nil else { throw .broken("it ended without a finish reason") }
        if finishReason == "error" || finishReason == "insufficient_system_resource" {
            throw .service(ServiceError(type: "overloaded_error", message: "the reply ended with '\(finishReason ?? "")'"))
        }
        var found = calls.finish(&context)
        if finishReason == "length", !found.isEmpty { found.removeLast() }
        let isRefused = !refusal.isEmpty || finishReason == "content_filter"
        if isRefused { found = [] }
        if finishReason == nil, content.isEmpty, found.isEmpty, reasoning.isEmpty, refusal.isEmpty {
            throw .broken("it is empty")
        }
        var message: JSONValue = ["role": "assistant"]
        message.set("content", content.isEmpty && !found.isEmpty ? .null : .string(content))
        for field in reasoning { message.set(field.name, .string(field.text)) }
        if !details.isEmpty { message.set("reasoning_details", .array(details)) }
        if !found.isEmpty { message.set("tool_calls", .array(found.map { ChatWire.call(id: $0.id, $0) })) }
        let isNothing = content.isEmpty && found.isEmpty
        let stop: ModelTurn.Stop =
            if isRefused { .refused(refusal.isEmpty ? nil : refusal) } else if finishReason == "length" { .outputLimit } else {
                found.isEmpty ? .finished : .toolCalls
            }
        return WireReply(
            text: ThinkFilter.visible(content), calls: found, stop: stop, usage: usage, model: model,
            raw: isNothing ? "" : message.text)
    }
}
