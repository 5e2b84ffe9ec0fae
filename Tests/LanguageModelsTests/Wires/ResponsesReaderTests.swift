import Testing

@testable import LanguageModels

@Suite struct ResponsesReaderTests {
    private static func completed(_ output: String, status: String = "completed", more: String = "") -> String {
        let type = status == "incomplete" ? "response.incomplete" : "response.completed"
        return
            #"{"type":"\#(type)","response":{"model":"m","status":"\#(status)","output":\#(output),"usage":{"input_tokens":9,"output_tokens":3,"input_tokens_details":{"cached_tokens":4}}\#(more)}}"#
    }
    private static let reasoning = #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"enc"}"#
    private static let message = #"{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"Hi"}]}"#
    private static let call = #"{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"a\":1}","status":"completed"}"#

    @Test("deltas are shown, the last object is the truth, every item goes back")
    func whole() throws {
        let lines = [
            #"{"type":"response.created","response":{}}"#, #"{"type":"response.output_text.delta","delta":"Hi"}"#,
            #"{"type":"response.something.new"}"#, Self.completed("[\(Self.reasoning),\(Self.message),\(Self.call)]"),
        ]
        let (reply, shown) = try read(ResponsesWire.self, lines)
        #expect(shown == "Hi" && reply.text == "Hi")
        #expect(reply.calls == [ToolCall(id: "call_1", name: "f", arguments: .object(#"{"a":1}"#))])
        #expect(reply.stop == .toolCalls)
        #expect(reply.raw == "[\(Self.reasoning),\(Self.message),\(Self.call)]")
        #expect(reply.usage == WireUsage(input: 9, cacheRead: 4, output: 3))
    }

    @Test("items serve where the last object has no output")
    func itemsOnly() throws {
        let lines = [#"{"type":"response.output_item.done","item":\#(Self.call)}"#, Self.completed("[]")]
        #expect(try read(ResponsesWire.self, lines).reply.calls.map(\.id) == ["call_1"])
    }

    @Test("a cut reply loses its last call and the thought that led to it")
    func cut() throws {
        let more = #","incomplete_details":{"reason":"max_output_tokens"}"#
        let line = Self.completed("[\(Self.message),\(Self.reasoning),\(Self.call)]", status: "incomplete", more: more)
        let reply = try read(ResponsesWire.self, [line]).reply
        #expect(reply.stop == .outputLimit && reply.calls.isEmpty)
        #expect(reply.raw == "[\(Self.message)]")
    }

    @Test("a thought without encrypted content is not sent back")
    func unstored() throws {
        let bare = #"{"type":"reasoning","id":"rs_1","summary":[]}"#
        #expect(try read(ResponsesWire.self, [Self.completed("[\(bare),\(Self.message)]")]).reply.raw == "[\(Self.message)]")
    }

    @Test("refusals are told as such")
    func refusal() throws {
        let item = #"{"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]}"#
        #expect(try read(ResponsesWire.self, [Self.completed("[\(item)]")]).reply.stop == .refused("no"))
        let filtered = Self.completed("[]", status: "incomplete", more: #","incomplete_details":{"reason":"content_filter"}"#)
        #expect(try read(ResponsesWire.self, [filtered]).reply.stop == .refused(nil))
    }

    @Test(
        "failures and cut streams are no replies",
        arguments: [
            #"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"}}}"#,
            #"{"type":"error","code":"rate_limit_exceeded","message":"x"}"#, #"{"type":"response.output_text.delta","delta":"x"}"#,
        ])
    func broken(_ line: String) {
        #expect(throws: ReplyTrouble.self) { try read(ResponsesWire.self, [line]) }
    }

    @Test("A51: a reply of parts without end is broken off", .timeLimit(.minutes(1)))
    func endless() {
        let item = #"{"type":"function_call","call_id":"same","name":"f","arguments":"{}"}"#
        let items = (0..<1_001).map { _ in #"{"type":"response.output_item.done","item":\#(item)}"# }
        #expect(throws: ReplyTrouble.self) { try read(ResponsesWire.self, items, chunk: 4_096) }
        let whole =
            #"{"type":"response.completed","response":{"status":"completed","output":[\#(Array(repeating: item, count: 1_001).joined(separator: ","))]}}"#
        #expect(throws: ReplyTrouble.self) { try read(ResponsesWire.self, [whole], chunk: 4_096) }
    }
}
