/// Puts a reply of Anthropic Messages together, tolerating what imitators do differently.
package struct AnthropicReader: ReplyReader {
    private struct Block {
        var value: JSONValue
        var text = ""
        var signature = ""
        var input = ""
        var filter = ThinkFilter()
        var kind: String { value["type"]?.string ?? "" }
    }

    private var context: ReplyContext
    private var blocks: [Block] = []
    /// The server's index of a block, to our place for it.
    private var places: [Int: Int] = [:]
    private var strayText: Int?
    private var usage: WireUsage?
    private var counts: [String: Int] = [:]
    private var model: String?
    private var stopReason: String?
    private var stopDetails: JSONValue?
    package private(set) var isComplete = false

    init(_ context: ReplyContext) { self.context = context }

    package mutating func add(_ event: JSONValue) throws(ReplyTrouble) -> String {
        switch event["type"]?.string {
        case "message_start":
            model = event["message"]?["model"]?.string
            count(event["message"]?["usage"])
        case "content_block_start":
            try ReplyBounds.check(blocks.count + 1)
            return start(event["content_block"] ?? [:], index: event["index"]?.int)
        case "content_block_delta":
            return delta(event["delta"] ?? [:], index: event["index"]?.int)
        case "message_delta":
            stopReason = event["delta"]?["stop_reason"]?.string ?? stopReason
            stopDetails = event["delta"]?["stop_details"] ?? stopDetails
            count(event["usage"])
        case "message_stop": isComplete = true
        case "error": throw .service(ServiceError(event))
        case nil where event["error"] != nil: throw .service(ServiceError(event))
        default: break
        }
        return ""
    }

    package mutating func addEndMark() {
        if stopReason != nil { isComplete = true }
    }

    private mutating func start(_ content: JSONValue, index: Int?) -> String {
        places[index ?? blocks.count] = blocks.count
        var block = Block(value: content)
        block.text = content["text"]?.string ?? content["thinking"]?.string ?? ""
        block.signature = content["signature"]?.string ?? ""
        blocks.append(block)
        return block.kind == "text" && !block.text.isEmpty ? blocks[blocks.count - 1].filter.add(block.text) : ""
    }

    private mutating func delta(_ delta: JSONValue, index: Int?) -> String {
        let known = index.map { places[$0] } ?? (blocks.isEmpty ? nil : blocks.count - 1)
        switch delta["type"]?.string {
        case "text_delta":
            guard let text = delta["text"]?.string else { return "" }
            let place: Int
            if let known, blocks[known].kind == "text" {
                place = known
            } else if let strayText {
                place = strayText
            } else {
                // Text inside an open call, or without a start.
                place = blocks.count
                blocks.append(Block(value: ["type": "text"]))
                strayText = place
            }
            blocks[place].text += text
            return blocks[place].filter.add(text)
        case "input_json_delta":
            if let known { blocks[known].input += delta["partial_json"]?.string ?? "" }
        case "thinking_delta":
            if let known { blocks[known].text += delta["thinking"]?.string ?? "" }
        case "signature_delta":
            if let known { blocks[known].signature += delta["signature"]?.string ?? "" }
        case "citations_delta":
            if let known, let citation = delta["citation"] {
                let earlier = blocks[known].value["citations"]?.array ?? []
                guard earlier.count < ReplyBounds.parts else { return "" }
                blocks[known].value.set("citations", .array(earlier + [citation]))
            }
        default: break
        }
        return ""
    }

    /// Counts are totals so far, and a server may send them at the start, at the end, or both.
    private mutating func count(_ usage: JSONValue?) {
        guard let usage else { return }
        var fields: [(String, JSONValue?)] = [
            "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens",
        ].map { ($0, usage[$0]) }
        fields.append(("hour", usage["cache_creation"]?["ephemeral_1h_input_tokens"]))
        for (name, value) in fields {
            if let value = value?.int { counts[name] = max(counts[name] ?? 0, WireUsage.count(value)) }
        }
        let read = counts["cache_read_input_tokens"] ?? 0
        let written = counts["cache_creation_input_tokens"] ?? 0
        self.usage = WireUsage(
            input: (counts["input_tokens"] ?? 0) + read + written, cacheRead: read, cacheWrite: written,
            cacheWriteHour: counts["hour"] ?? 0, output: counts["output_tokens"] ?? 0,
            cost: usage["cost"]?.double ?? self.usage?.cost)
    }

    package mutating func read(_ reply: JSONValue) throws(ReplyTrouble) -> WireReply {
        if reply["type"]?.string == "error" || reply["error"] != nil { throw .service(ServiceError(reply)) }
        guard let content = reply["content"]?.array else { throw .broken("it has no content") }
        model = reply["model"]?.string
        count(reply["usage"])
        stopReason = reply["stop_reason"]?.string
        stopDetails = reply["stop_details"]
        try ReplyBounds.check(content.count)
        for block in content { _ = start(block, index: nil) }
        isComplete = true
        return try finish()
    }

    package mutating func finish() throws(ReplyTrouble) -> WireReply {
        guard isComplete else { throw .broken("it ended before its last event") }
        if let stray = strayText, let call = blocks.firstIndex(where: { $0.kind == "tool_use" }), call < stray {
            // What follows the calls has to be their results.
            blocks.insert(blocks.remove(at: stray), at: call)
        }
        let isCut = stopReason == "max_tokens" || stopReason == "model_context_window_exceeded"
        let isRefused = stopReason == "refusal"
        if isCut, blocks.last?.kind == "tool_use" { blocks.removeLast() }
        if isRefused { blocks.removeAll { $0.kind == "tool_use" } }
        blocks.removeAll { $0.kind == "text" && $0.text.isEmpty }
        var calls: [ToolCall] = []
        var writer = JSONWriter()
        writer.list("[", "]", blocks.indices) { writer, index in
            write(blocks[index], index: index, to: &writer, &calls)
        }
        var raw = writer.text
        if isCut, !blocks.isEmpty, blocks.allSatisfy({ $0.kind.hasSuffix("thinking") }) {
            // Thoughts alone are not accepted as a turn.
            raw = raw.dropLast() + #",{"type":"text","text":"(cut off)"}]"#
        }
        let text = blocks.filter { $0.kind == "text" }.map(\.text).joined()
        return WireReply(
            text: ThinkFilter.visible(text), calls: calls, stop: stop(calls), usage: usage, model: model, raw: raw)
    }

    private func stop(_ calls: [ToolCall]) -> ModelTurn.Stop {
        switch stopReason {
        case "max_tokens": .outputLimit
        case "model_context_window_exceeded": .contextExhausted
        case "pause_turn": .paused
        case "refusal": .refused(stopDetails?["explanation"]?.string ?? stopDetails?["category"]?.string)
        default: calls.isEmpty ? .finished : .toolCalls
        }
    }

    private mutating func write(_ block: Block, index: Int, to writer: inout JSONWriter, _ calls: inout [ToolCall]) {
        var value = block.value
        switch block.kind {
        case "text": value.set("text", .string(block.text))
        case "thinking":
            value.set("thinking", .string(block.text))
            if !block.signature.isEmpty { value.set("signature", .string(block.signature)) }
        case "tool_use":
            let given = value["input"].flatMap { $0.members?.isEmpty == true ? nil : $0 }
            let arguments =
                block.input.allSatisfy(\.isWhitespace)
                ? ToolArguments.read(given) : ToolArguments.read(block.input)
            let id = context.unique(value["id"]?.string, index: index)
            calls.append(ToolCall(id: id, name: value["name"]?.string ?? "", arguments: arguments))
            // The input goes in as the model wrote it, letter by letter.
            value.remove("input")
            value.set("id", .string(id))
            if value["name"]?.string?.isEmpty ?? true { value.set("name", "unknown") }
            writer.raw(value.text.dropLast() + ",\"input\":" + arguments.wellFormed + "}")
            return
        default: break
        }
        writer.value(value)
    }
}
