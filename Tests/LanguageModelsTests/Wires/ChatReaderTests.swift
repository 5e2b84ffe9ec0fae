import Testing

@testable import LanguageModels

@Suite struct ChatReaderTests {
    private static func delta(_ delta: String, finish: String = "null") -> String {
        #"{"choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }
    private static func calls(_ fragments: String) -> String { delta(#"{"tool_calls":[\#(fragments)]}"#) }
    private static let end = [delta("{}", finish: #""tool_calls""#), "[DONE]"]

    struct Quirk: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let fragments: [String]
        let expected: [String]
    }

    static let quirks = [
        Quirk(
            testDescription: "identity first, arguments in pieces",
            fragments: [
                #"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}"#,
                #"{"index":0,"function":{"arguments":"{\"x\""}}"#, #"{"index":0,"function":{"arguments":":1}"}}"#,
                #"{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}"#,
            ], expected: [#"a f {"x":1}"#, "b g {}"]),
        Quirk(
            testDescription: "empty id and name on continuations",
            fragments: [
                #"{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}"#,
                #"{"index":0,"id":"","function":{"name":"","arguments":"}"}}"#,
            ], expected: ["a f {}"]),
        Quirk(
            testDescription: "null id and name on continuations",
            fragments: [
                #"{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}"#,
                #"{"index":0,"id":null,"function":{"name":null,"arguments":"}"}}"#,
            ], expected: ["a f {}"]),
        Quirk(
            testDescription: "no index",
            fragments: [
                #"{"id":"a","function":{"name":"f","arguments":"{"}}"#, #"{"function":{"arguments":"}"}}"#,
                #"{"id":"b","function":{"name":"g","arguments":"{\"y\":2}"}}"#,
            ], expected: ["a f {}", #"b g {"y":2}"#]),
        Quirk(
            testDescription: "the same index for two calls",
            fragments: [
                #"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#,
                #"{"index":0,"id":"b","function":{"name":"g","arguments":"{\"z\""}}"#,
                #"{"index":0,"function":{"arguments":":3}"}}"#,
            ], expected: ["a f {}", #"b g {"z":3}"#]),
        Quirk(
            testDescription: "no id at all",
            fragments: [
                #"{"index":0,"function":{"name":"f","arguments":"{}"}}"#,
                #"{"index":1,"function":{"name":"g","arguments":"{}"}}"#,
            ], expected: ["call_0_0 f {}", "call_0_1 g {}"]),
        Quirk(
            testDescription: "neither id nor index, two whole calls",
            fragments: [
                #"{"function":{"name":"f","arguments":"{}"}}"#, #"{"function":{"name":"g","arguments":"{}"}}"#,
            ], expected: ["call_0_0 f {}", "call_0_1 g {}"]),
        Quirk(
            testDescription: "id and name in each fragment",
            fragments: [
                #"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}"#,
                #"{"index":0,"id":"a","function":{"name":"f","arguments":"1}"}}"#,
            ], expected: [#"a f {"x":1}"#]),
        Quirk(
            testDescription: "arguments as an object",
            fragments: [#"{"index":0,"id":"a","function":{"name":"f","arguments":{"x":[1]}}}"#],
            expected: [#"a f {"x":[1]}"#]),
        Quirk(
            testDescription: "no arguments, null, blank",
            fragments: [
                #"{"index":0,"id":"a","function":{"name":"f"}}"#,
                #"{"index":1,"id":"b","function":{"name":"f","arguments":null}}"#,
                #"{"index":2,"id":"c","function":{"name":"f","arguments":" "}}"#,
                #"{"index":3,"id":"d","function":{"name":"f","arguments":"null"}}"#,
            ], expected: ["a f {}", "b f {}", "c f {}", "d f {}"]),
        Quirk(
            testDescription: "arguments encoded twice",
            fragments: [#"{"index":0,"id":"a","function":{"name":"f","arguments":"\"{\\\"x\\\":1}\""}}"#],
            expected: [#"a f {"x":1}"#]),
        Quirk(
            testDescription: "a doubled id becomes unique",
            fragments: [#"{"index":0,"id":"used","function":{"name":"f","arguments":"{}"}}"#],
            expected: ["used_2 f {}"]),
    ]

    @Test("tool calls are joined as each server means them", arguments: quirks)
    func joins(_ quirk: Quirk) throws {
        let used = quirk.expected.contains { $0.hasPrefix("used") } ? [ToolCall(id: "used", name: "x", arguments: .object("{}"))] : []
        let lines = quirk.fragments.map(Self.calls) + Self.end
        let reply = try read(ChatWire.self, lines, used: used).reply
        #expect(reply.calls.map { "\($0.id) \($0.name) \($0.object ?? "?")" } == quirk.expected)
        #expect(reply.stop == .toolCalls)
        let raw = try JSONValue(parsing: reply.raw)
        #expect(raw["tool_calls"]?.array?.count == quirk.expected.count)
        #expect(raw["tool_calls"]?.array?.allSatisfy { $0["function"]?["arguments"]?.string != nil && $0["id"]?.string != "" } == true)
    }

    @Test("arguments that are no object are never run", arguments: ["{\\\"a\\\":", "[1]", "3", "\\\"x\\\"", "{}{}"])
    func malformed(_ arguments: String) throws {
        let fragment = #"{"index":0,"id":"a","function":{"name":"f","arguments":"\#(arguments)"}}"#
        let reply = try read(ChatWire.self, [Self.calls(fragment)] + Self.end).reply
        #expect(reply.calls.first?.problem != nil)
        #expect(try JSONValue(parsing: reply.raw)["tool_calls"]?[0]?["function"]?["arguments"]?.string == "{}")
    }

    @Test("calls count, not the finish reason", arguments: ["stop", "tool_calls", "function_call", ""])
    func finishReason(_ reason: String) throws {
        let lines = [
            Self.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#),
            Self.delta("{}", finish: "\"\(reason)\""), "[DONE]",
        ]
        #expect(try read(ChatWire.self, lines).reply.stop == .toolCalls)
    }

    @Test("usage counts on any chunk, with empty or missing choices, and cost comes along")
    func usage() throws {
        let lines = [
            Self.delta(#"{"role":"assistant","content":"hi"}"#),
            #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}}"#,
            #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
            #"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":1},"cost":0.5}}"#,
            #"{"usage":null}"#, "[DONE]",
        ]
        let reply = try read(ChatWire.self, lines).reply
        #expect(reply.usage == WireUsage(input: 10, cacheRead: 8, cacheWrite: 1, output: 2, cost: 0.5))
        #expect(reply.text == "hi")
        #expect(reply.stop == .finished)
    }

    @Test("a finish reason is enough without an end mark, and the reverse; neither is a broken reply")
    func ends() throws {
        #expect(try read(ChatWire.self, [Self.delta(#"{"content":"a"}"#, finish: #""stop""#)]).reply.text == "a")
        #expect(try read(ChatWire.self, [Self.delta(#"{"content":"a"}"#), "[DONE]"]).reply.text == "a")
        #expect(throws: ReplyTrouble.self) { try read(ChatWire.self, [Self.delta(#"{"content":"a"}"#)]) }
        #expect(throws: ReplyTrouble.self) { try read(ChatWire.self, ["[DONE]"]) }
    }

    @Test(
        "an error in a stream is an error",
        arguments: [
            #"{"error":{"message":"no","type":"server_error","code":502}}"#,
            #"{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
            #"{"choices":[{"index":0,"error":{"message":"no","code":503}}]}"#,
        ])
    func errors(_ line: String) {
        #expect(throws: ReplyTrouble.self) {
            try read(ChatWire.self, [Self.delta(#"{"content":"a"}"#), line, "[DONE]"])
        }
    }

    @Test("reasoning is kept under its own name and shown to nobody", arguments: ["reasoning_content", "reasoning"])
    func reasoning(_ name: String) throws {
        let lines =
            [
                Self.delta(#"{"\#(name)":"th"}"#), Self.delta(#"{"\#(name)":"ink"}"#), Self.delta(#"{"content":"a"}"#),
            ] + [Self.delta("{}", finish: #""stop""#), "[DONE]"]
        let (reply, shown) = try read(ChatWire.self, lines)
        #expect(reply.text == "a" && shown == "a")
        #expect(try JSONValue(parsing: reply.raw)[name]?.string == "think")
    }

    @Test("reasoning details are joined by index")
    func reasoningDetails() throws {
        let lines = [
            Self.delta(#"{"reasoning_details":[{"type":"reasoning.text","index":0,"text":"a"}]}"#),
            Self.delta(#"{"reasoning_details":[{"type":"reasoning.text","index":0,"text":"b","signature":"s"}]}"#),
            Self.delta(#"{"reasoning_details":[{"type":"reasoning.encrypted","index":1,"data":"x"}],"content":"c"}"#, finish: #""stop""#),
        ]
        let raw = try JSONValue(parsing: read(ChatWire.self, lines).reply.raw)
        #expect(
            raw["reasoning_details"]?.text
                == #"[{"type":"reasoning.text","index":0,"text":"ab","signature":"s"},{"type":"reasoning.encrypted","index":1,"data":"x"}]"#)
    }

    @Test(
        "thoughts inside the content are hidden and sent back",
        arguments: [
            ("<think>a<b</think>\n\nHello", "Hello"), ("thought</think>Hello", "Hello"), ("Hello <think>", "Hello <think>"),
            ("<thin air", "<thin air"), ("  <think>never closed", ""),
        ])
    func think(_ content: String, _ visible: String) throws {
        let pieces = content.map { Self.delta(#"{"content":\#(JSONValue.string(String($0)).text)}"#) }
        let (reply, _) = try read(ChatWire.self, pieces + [Self.delta("{}", finish: #""stop""#)])
        #expect(reply.text == visible)
        #expect(try JSONValue(parsing: reply.raw)["content"]?.string == content)
    }

    @Test("thoughts do not show while they stream")
    func thinkProgress() throws {
        let pieces = "<think>secret plan</think>Done".map { Self.delta(#"{"content":"\#($0)"}"#) }
        #expect(try read(ChatWire.self, pieces + ["[DONE]"]).shown == "Done")
    }

    @Test("a cut reply loses its last call")
    func cut() throws {
        let lines = [
            Self.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#),
            Self.calls(#"{"index":1,"id":"b","function":{"name":"f","arguments":"{\"x\":"}}"#),
            Self.delta("{}", finish: #""length""#), "[DONE]",
        ]
        let reply = try read(ChatWire.self, lines).reply
        #expect(reply.stop == .outputLimit)
        #expect(reply.calls.map(\.id) == ["a"])
    }

    @Test(
        "refusals are told as such",
        arguments: [
            delta(#"{"refusal":"I won't"}"#, finish: #""stop""#), delta("{}", finish: #""content_filter""#),
        ])
    func refusal(_ line: String) throws {
        let reply = try read(ChatWire.self, [line, "[DONE]"]).reply
        guard case .refused = reply.stop else {
            Issue.record("\(reply.stop)")
            return
        }
        #expect(reply.calls.isEmpty)
    }

    @Test("a reply that came whole, as JSON")
    func whole() throws {
        var stream = ReplyStream(ChatWire.reader(ReplyContext(Conversation(system: "", tools: []))))
        _ = try stream.add(
            Array(
                #" {"model":"x","choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}"#
                    .utf8))
        let reply = try stream.finish().0
        #expect(reply.calls.map(\.name) == ["f"])
        #expect(reply.usage == nil)
        #expect(reply.model == "x")
    }

    @Test("A51: a reply of parts without end is broken off, and blanks without end cost no more than they are", .timeLimit(.minutes(1)))
    func endless() throws {
        func call(_ index: Int) -> String { Self.calls(#"{"index":\#(index),"id":"same\#(index)","function":{"name":"f","arguments":"{}"}}"#) }
        #expect(throws: ReplyTrouble.self) { try read(ChatWire.self, (0..<1_001).map(call) + Self.end, chunk: 4_096) }
        #expect(try read(ChatWire.self, (0..<1_000).map(call) + Self.end, chunk: 4_096).reply.calls.count == 1_000)
        #expect(throws: ReplyTrouble.self) {
            try read(
                ChatWire.self, (0..<1_100).map { Self.delta(#"{"reasoning_details":[{"index":\#($0),"text":"x"}]}"#) } + Self.end, chunk: 4_096)
        }
        var filter = ThinkFilter()
        for _ in 0..<20_000 { _ = filter.add("  ") }
        #expect(filter.add("seen").hasSuffix("seen"))
    }
}
