@testable import LanguageModels

/// Reads a stream's data lines as the client does.
func read<Wire: ModelWire>(
    _: Wire.Type, _ lines: [String], used: [ToolCall] = [], chunk: Int = 7
) throws -> (reply: WireReply, shown: String) {
    var conversation = Conversation(system: "", tools: [])
    if !used.isEmpty {
        conversation.append(
            .assistant(ModelTurn(text: "", calls: used, stop: .toolCalls, usage: TokenUsage(input: 1, output: 1), model: "m", raw: "", source: "")))
    }
    var stream = ReplyStream(Wire.reader(ReplyContext(conversation)))
    let bytes = Array(lines.map { $0.hasPrefix(":") || $0.hasPrefix("event:") ? $0 + "\n\n" : "data: \($0)\n\n" }.joined().utf8)
    var shown = ""
    for start in stride(from: 0, to: bytes.count, by: chunk) {
        shown += try stream.add(Array(bytes[start..<min(start + chunk, bytes.count)]))
    }
    let (reply, last) = try stream.finish()
    return (reply, shown + last)
}

extension ToolCall {
    var object: String? { if case .object(let text) = arguments { text } else { nil } }
    var problem: String? { if case .malformed(_, let problem) = arguments { problem } else { nil } }
}
