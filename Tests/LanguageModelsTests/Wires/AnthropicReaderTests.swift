import Testing

@testable import LanguageModels

@Suite struct AnthropicReaderTests {
    private static let start =
        #"{"type":"message_start","message":{"id":"msg_1","model":"claude-x","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":30,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":2},"output_tokens":1}}}"#
    private static func block(_ index: Int, _ start: String, _ deltas: [String]) -> [String] {
        [#"{"type":"content_block_start","index":\#(index),"content_block":\#(start)}"#]
            + deltas.map { #"{"type":"content_block_delta","index":\#(index),"delta":\#($0)}"# }
            + [#"{"type":"content_block_stop","index":\#(index)}"#]
    }
    private static func end(_ reason: String = "end_turn", details: String = "null") -> [String] {
        [
            #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)","stop_details":\#(details)},"usage":{"output_tokens":20}}"#,
            #"{"type":"message_delta","delta":{},"usage":{"output_tokens":25}}"#, #"{"type":"message_stop"}"#,
        ]
    }
    private static func input(_ text: String) -> String {
        #"{"type":"input_json_delta","partial_json":\#(JSONValue.string(text).text)}"#
    }

    @Test("a turn is put together block by block, its raw form whole and in order")
    func whole() throws {
        let lines =
            [Self.start, #"{"type":"ping"}"#, ": comment", #"{"type":"from_the_future"}"#]
            + Self.block(
                0, #"{"type":"thinking","thinking":"","signature":""}"#,
                [
                    #"{"type":"thinking_delta","thinking":"hm"}"#, #"{"type":"signature_delta","signature":"c2ln"}"#,
                ])
            + Self.block(1, #"{"type":"redacted_thinking","data":"xyz"}"#, [])
            + Self.block(2, #"{"type":"text","text":""}"#, [#"{"type":"text_delta","text":"Hel"}"#, #"{"type":"text_delta","text":"lo 😀"}"#])
            + Self.block(3, #"{"type":"new_kind","field":1.50}"#, [#"{"type":"new_delta"}"#])
            + Self.block(4, #"{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"#, ["", #"{"pa"#, #"th": "a\"#, #"u00e9"}"#].map(Self.input))
            + Self.block(5, #"{"type":"tool_use","id":"toolu_2","name":"g","input":{}}"#, [])
            + Self.end("tool_use")
        let (reply, shown) = try read(AnthropicWire.self, lines)
        #expect(shown == "Hello 😀" && reply.text == shown)
        #expect(reply.calls.map(\.object) == [#"{"path": "a\u00e9"}"#, "{}"])
        #expect(reply.stop == .toolCalls)
        #expect(
            reply.raw
                == #"[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"redacted_thinking","data":"xyz"},{"type":"text","text":"Hello 😀"},{"type":"new_kind","field":1.50},{"type":"tool_use","id":"toolu_1","name":"f","input":{"path": "a\u00e9"}},{"type":"tool_use","id":"toolu_2","name":"g","input":{}}]"#
        )
        #expect(reply.usage == WireUsage(input: 45, cacheRead: 30, cacheWrite: 5, cacheWriteHour: 2, output: 25))
        #expect(reply.model == "claude-x")
    }

    struct Quirk: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let lines: [String]
        let text: String
        let calls: [String]
    }

    static let quirks = [
        Quirk(
            testDescription: "tool_use without input at its start",
            lines: block(0, #"{"type":"tool_use","id":"abc","name":"f"}"#, [input(#"{"a":1}"#)]), text: "",
            calls: [#"abc f {"a":1}"#]),
        Quirk(
            testDescription: "the whole input at the start, no deltas",
            lines: block(0, #"{"type":"tool_use","id":"abc","name":"f","input":{"a":1}}"#, []), text: "",
            calls: [#"abc f {"a":1}"#]),
        Quirk(
            testDescription: "text inside an open call",
            lines: block(
                0, #"{"type":"tool_use","id":"abc","name":"f","input":{}}"#,
                [
                    #"{"type":"text_delta","text":"note"}"#, input("{}"),
                ]), text: "note", calls: ["abc f {}"]),
        Quirk(
            testDescription: "thinking without signature, no ping, no cache counts",
            lines: block(0, #"{"type":"thinking","thinking":"x"}"#, []) + block(1, #"{"type":"text","text":"hi"}"#, []),
            text: "hi", calls: []),
        Quirk(
            testDescription: "no index anywhere",
            lines: [
                #"{"type":"content_block_start","content_block":{"type":"text","text":""}}"#,
                #"{"type":"content_block_delta","delta":{"type":"text_delta","text":"hi"}}"#, #"{"type":"content_block_stop"}"#,
            ], text: "hi", calls: []),
        Quirk(
            testDescription: "a missing and a doubled id",
            lines: block(0, #"{"type":"tool_use","name":"f"}"#, []) + block(1, #"{"type":"tool_use","id":"d","name":"f"}"#, [])
                + block(2, #"{"type":"tool_use","id":"d","name":"f"}"#, []),
            text: "", calls: ["call_0_0 f {}", "d f {}", "d_2 f {}"]),
    ]

    @Test("imitators are understood", arguments: quirks)
    func imitators(_ quirk: Quirk) throws {
        let (reply, shown) = try read(AnthropicWire.self, [Self.start] + quirk.lines + Self.end())
        #expect(reply.text == quirk.text && shown == quirk.text)
        #expect(reply.calls.map { "\($0.id) \($0.name) \($0.object ?? "?")" } == quirk.calls)
        #expect(reply.stop == (quirk.calls.isEmpty ? .finished : .toolCalls))
        let raw = try JSONValue(parsing: reply.raw)
        let kinds = raw.array?.compactMap { $0["type"]?.string } ?? []
        // A call is followed by calls alone.
        #expect(kinds.drop { $0 != "tool_use" }.allSatisfy { $0 == "tool_use" })
    }

    @Test("the event's name serves where the data has no type")
    func names() throws {
        let lines = [Self.start] + Self.block(0, #"{"type":"text","text":"x"}"#, []) + Self.end()
        let text = lines.map { line in
            let value = (try? JSONValue(parsing: line)) ?? .null
            var bare = value
            bare.remove("type")
            return "event: \(value["type"]?.string ?? "")\ndata: \(bare.text)"
        }
        #expect(try read(AnthropicWire.self, text).reply.text == "x")
    }

    @Test(
        "stop reasons",
        arguments: [
            ("end_turn", "null", ModelTurn.Stop.finished), ("stop_sequence", "null", .finished), ("something_new", "null", .finished),
            ("pause_turn", "null", .paused), ("max_tokens", "null", .outputLimit),
            ("model_context_window_exceeded", "null", .contextExhausted),
            ("refusal", #"{"type":"refusal","explanation":"harm"}"#, .refused("harm")),
            ("refusal", #"{"type":"refusal","category":"cyber"}"#, .refused("cyber")), ("refusal", "null", .refused(nil)),
        ])
    func stops(_ reason: String, _ details: String, _ stop: ModelTurn.Stop) throws {
        let lines = [Self.start] + Self.block(0, #"{"type":"text","text":"x"}"#, []) + Self.end(reason, details: details)
        #expect(try read(AnthropicWire.self, lines).reply.stop == stop)
    }

    @Test("a call that the output limit cut is neither run nor sent back")
    func cut() throws {
        let lines =
            [Self.start] + Self.block(0, #"{"type":"tool_use","id":"a","name":"f","input":{}}"#, [Self.input("{}")])
            + Self.block(1, #"{"type":"tool_use","id":"b","name":"f","input":{}}"#, [Self.input(#"{"x": "half"#)])
            + Self.end("max_tokens")
        let reply = try read(AnthropicWire.self, lines).reply
        #expect(reply.calls.map(\.id) == ["a"])
        #expect(!reply.raw.contains("\"b\""))
        let alone =
            [Self.start] + Self.block(0, #"{"type":"thinking","thinking":"x","signature":"s"}"#, [])
            + Self.block(1, #"{"type":"tool_use","id":"b","name":"f","input":{}}"#, []) + Self.end("max_tokens")
        #expect(try read(AnthropicWire.self, alone).reply.raw.hasSuffix(#"{"type":"text","text":"(cut off)"}]"#))
    }

    @Test("arguments that are no object go back as an empty one, and are told")
    func malformed() throws {
        let lines = [Self.start] + Self.block(0, #"{"type":"tool_use","id":"a","name":"f","input":{}}"#, [Self.input(#"{"x": nope"#)]) + Self.end("tool_use")
        let reply = try read(AnthropicWire.self, lines).reply
        #expect(reply.calls.first?.problem?.contains("byte 6") == true)
        #expect(reply.raw.contains(#""input":{}"#))
    }

    @Test(
        "an error in the stream, or an end without its last event, is no reply",
        arguments: [
            [start, #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#],
            [start] + block(0, #"{"type":"text","text":"x"}"#, []), [start] + end().dropLast(), [#"{"error":{"message":"x","code":500}}"#],
            [start, #"{"type": "#],
        ])
    func broken(_ lines: [String]) {
        #expect(throws: ReplyTrouble.self) { try read(AnthropicWire.self, lines) }
    }

    @Test("a reply that came whole, as JSON")
    func json() throws {
        var stream = ReplyStream(AnthropicWire.reader(ReplyContext(Conversation(system: "", tools: []))))
        _ = try stream.add(
            Array(
                #"{"type":"message","model":"m","content":[{"type":"text","text":"hi"},{"type":"tool_use","id":"a","name":"f","input":{"b":1}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":4}}"#
                    .utf8))
        let reply = try stream.finish().0
        #expect(reply.text == "hi" && reply.calls.first?.object == #"{"b":1}"#)
        #expect(reply.usage == WireUsage(input: 3, output: 4))
    }

    @Test("a proxy's page is told as such")
    func page() throws {
        var stream = ReplyStream(AnthropicWire.reader(ReplyContext(Conversation(system: "", tools: []))))
        _ = try stream.add(Array("\n<!doctype html><title>Sign in</title>".utf8))
        #expect(throws: ReplyTrouble.self) { try stream.finish() }
    }

    @Test("A51: a reply of parts without end is broken off", .timeLimit(.minutes(1)))
    func endless() throws {
        let blocks = (0..<1_001).map {
            #"{"type":"content_block_start","index":\#($0),"content_block":{"type":"tool_use","id":"same","name":"f","input":{}}}"#
        }
        #expect(throws: ReplyTrouble.self) { try read(AnthropicWire.self, blocks + [#"{"type":"message_stop"}"#], chunk: 4_096) }
        let citations = (0..<3_000).map { _ in
            #"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"a":1}}}"#
        }
        let start = #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"hi"}}"#
        #expect(try read(AnthropicWire.self, [start] + citations + [#"{"type":"message_stop"}"#], chunk: 4_096).reply.text == "hi")
    }
}
