import Testing

@testable import LanguageModels

@Suite struct RequestBodyTests {
    static let tool = ToolDefinition(
        name: "read_file", description: "Reads.", parameters: ["type": "object", "properties": ["path": ["type": "string"]]])
    static let raw = #"[{"type":"thinking","thinking":"","signature":"s\u0041"},{"type":"tool_use","id":"toolu_1","name":"read_file","input":{"path":  "a"}}]"#

    static func turn(
        _ text: String = "", ids: [String] = ["toolu_1"], raw: String = raw, source: String = "here",
        stop: ModelTurn.Stop = .toolCalls
    ) -> ModelTurn {
        ModelTurn(
            text: text, calls: ids.map { ToolCall(id: $0, name: "read_file", arguments: .object(#"{"path":"a"}"#)) },
            stop: stop, usage: TokenUsage(input: 1, output: 1), model: "m", raw: raw, source: source)
    }

    static func body<Wire: ModelWire>(
        _: Wire.Type, _ messages: [Message], system: String = "Be good.", tools: [ToolDefinition] = [tool],
        isFirstParty: Bool = false, change: (inout Adaptations) -> Void = { _ in }
    ) throws -> (text: String, value: JSONValue) {
        var adaptations = Adaptations()
        change(&adaptations)
        let bytes = Wire.body(
            of: WireRequest(
                conversation: Conversation(system: system, tools: tools, messages: messages), model: "m",
                maxOutputTokens: 100, source: "here", isFirstParty: isFirstParty, adaptations: adaptations))
        return (String(decoding: bytes, as: UTF8.self), try JSONValue(parsing: bytes))
    }

    static func result(_ id: String, _ content: String = "ok", isError: Bool = false) -> ToolResult {
        ToolResult(callID: id, content: content, isError: isError)
    }

    @Test("the smallest set of fields is sent, always streaming")
    func fields() throws {
        let anthropic = try Self.body(AnthropicWire.self, [.user("hi")]).value
        #expect(anthropic.members?.map(\.name) == ["model", "max_tokens", "stream", "tools", "system", "messages"])
        let chat = try Self.body(ChatWire.self, [.user("hi")]).value
        #expect(chat.members?.map(\.name) == ["model", "max_tokens", "stream", "stream_options", "tools", "messages"])
        let responses = try Self.body(ResponsesWire.self, [.user("hi")]).value
        #expect(responses.members?.map(\.name) == ["model", "max_output_tokens", "stream", "store", "include", "instructions", "tools", "input"])
        #expect(responses["tools"]?[0]?["strict"]?.bool == false)
        #expect(chat["tools"]?[0]?["function"]?["strict"] == nil)
        #expect(try Self.body(ChatWire.self, [.user("hi")], isFirstParty: true).value["prompt_cache_key"]?.string != nil)
    }

    @Test("what the model said goes back byte for byte to where it came from")
    func verbatim() throws {
        let messages: [Message] = [.user("hi"), .assistant(Self.turn()), .toolResults([Self.result("toolu_1")], text: nil)]
        #expect(try Self.body(AnthropicWire.self, messages).text.contains(#""content":\#(Self.raw)"#))
        let chat = #"{"role":"assistant","content":null,"reasoning_content":"x","tool_calls":[{"id":"toolu_1"}]}"#
        let chatMessages: [Message] = [.user("hi"), .assistant(Self.turn(raw: chat)), .toolResults([Self.result("toolu_1")], text: nil)]
        #expect(try Self.body(ChatWire.self, chatMessages).text.contains(chat))
    }

    @Test("another host's turn is rebuilt from its text and calls, with ids that this one takes")
    func rebuilt() throws {
        let turn = Self.turn("Look.", ids: ["functions.read:0", String(repeating: "x", count: 60)], source: "there")
        let messages: [Message] = [
            .user("hi"), .assistant(turn),
            .toolResults([Self.result("functions.read:0"), Self.result(String(repeating: "x", count: 60))], text: "go"),
        ]
        let anthropic = try Self.body(AnthropicWire.self, messages).value["messages"]
        let blocks = try #require(anthropic?[1]?["content"]?.array)
        #expect(blocks.map { $0["type"]?.string } == ["text", "tool_use", "tool_use"])
        #expect(blocks[1]["id"]?.string == "functions_read_0")
        #expect(anthropic?[2]?["content"]?.array?.map { $0["tool_use_id"]?.string } == ["functions_read_0", blocks[2]["id"]?.string, nil])
        let chat = try Self.body(ChatWire.self, messages).value["messages"]
        #expect(chat?[2]?["tool_calls"]?[1]?["id"]?.string?.utf8.count ?? 99 <= 40)
        #expect(chat?[3]?["tool_call_id"]?.string == "functions_read_0")
        #expect(chat?[5]?["role"]?.string == "user")
        let responses = try Self.body(ResponsesWire.self, messages).value["input"]
        #expect(
            responses?.array?.map { $0["type"]?.string ?? $0["role"]?.string } == [
                "user", "assistant", "function_call", "function_call", "function_call_output", "function_call_output", "user",
            ])
    }

    @Test("every call has exactly one result, right after it, whatever the history holds")
    func pairing() throws {
        let messages: [Message] = [
            .user("hi"), .assistant(Self.turn(ids: ["toolu_1", "toolu_2"])),
            .toolResults([Self.result("toolu_2", "", isError: true), Self.result("stranger")], text: nil),
            .user(""), .assistant(Self.turn("", ids: [], raw: "[]", stop: .finished)), .user("more"),
            .assistant(Self.turn(ids: ["toolu_3"])),
        ]
        let sent = try #require(try Self.body(AnthropicWire.self, messages).value["messages"]?.array)
        #expect(sent.map { $0["role"]?.string } == ["user", "assistant", "user", "assistant", "user"])
        let results = try #require(sent[2]["content"]?.array)
        #expect(results.map { $0["tool_use_id"]?.string } == ["toolu_1", "toolu_2", nil, nil])
        #expect(results[0]["is_error"]?.bool == true && results[1]["content"]?.string == "")
        #expect(results[2]["text"]?.string == "(no text)")
        #expect(sent[4]["content"]?[0]?["tool_use_id"]?.string == "toolu_3")
    }

    @Test("a conversation never ends with the model, except where the server paused it")
    func noPrefill() throws {
        let done = Self.turn("Done.", ids: [], raw: #"[{"type":"text","text":"Done."}]"#, stop: .finished)
        let sent = try Self.body(AnthropicWire.self, [.user("hi"), .assistant(done)]).value["messages"]?.array
        #expect(sent?.last?["role"]?.string == "user")
        let paused = Self.turn("x", ids: [], raw: #"[{"type":"server_tool_use"}]"#, stop: .paused)
        let resent = try Self.body(AnthropicWire.self, [.user("hi"), .assistant(paused)]).value["messages"]?.array
        #expect(resent?.last?["role"]?.string == "assistant")
    }

    @Test("breakpoints stand behind instructions and the newest message, and 15 blocks before in a long one")
    func breakpoints() throws {
        let short = try Self.body(AnthropicWire.self, [.user("hi")])
        #expect(short.text.ranges(of: "cache_control").count == 2)
        #expect(short.value["system"]?[0]?["cache_control"]?["type"]?.string == "ephemeral")
        #expect(short.value["messages"]?[0]?["content"]?[0]?["cache_control"] != nil)
        let ids = (0..<25).map { "toolu_\($0)" }
        let long = try Self.body(
            AnthropicWire.self,
            [.user("hi"), .assistant(Self.turn(ids: ids)), .toolResults(ids.map { Self.result($0) }, text: nil)])
        let blocks = try #require(long.value["messages"]?[2]?["content"]?.array)
        #expect(blocks.indices.filter { blocks[$0]["cache_control"] != nil } == [9, 24])
        #expect(long.text.ranges(of: "cache_control").count <= 4)
        let bare = try Self.body(AnthropicWire.self, [.user("hi")], system: "")
        #expect(bare.value["system"] == nil && bare.value["tools"]?[0]?["cache_control"] != nil)
        #expect(try !Self.body(AnthropicWire.self, [.user("hi")]) { $0.sendsCacheControl = false }.text.contains("cache_control"))
    }

    @Test("a later request begins with the earlier one, so that the cache holds")
    func prefix() throws {
        var messages: [Message] = [.user("hi")]
        func stem(_ messages: [Message]) throws -> String {
            let text = try Self.body(AnthropicWire.self, messages) { $0.sendsCacheControl = false }.text
            return String(text.dropLast(2))
        }
        let first = try stem(messages)
        messages += [.assistant(Self.turn()), .toolResults([Self.result("toolu_1")], text: nil)]
        #expect(try stem(messages).hasPrefix(first))
    }

    @Test("thoughts leave the history when a server refuses them")
    func withoutThinking() throws {
        let messages: [Message] = [.user("hi"), .assistant(Self.turn()), .toolResults([Self.result("toolu_1")], text: nil)]
        let sent = try Self.body(AnthropicWire.self, messages) { $0.sendsThinking = false }.value
        #expect(sent["messages"]?[1]?["content"]?.array?.map { $0["type"]?.string } == ["tool_use"])
    }

    @Test(
        "reasoning fields are left out or filled in as a server wants",
        arguments: [
            (Adaptations.ReasoningFields.asReceived, "x", nil), (.omitted, nil, nil), (.emptyWhereMissing, "x", ""),
        ] as [(Adaptations.ReasoningFields, String?, String?)])
    func reasoning(_ fields: Adaptations.ReasoningFields, _ own: String?, _ rebuilt: String?) throws {
        let raw =
            #"{"role":"assistant","content":null,"reasoning_content":"x","tool_calls":[{"id":"a","type":"function","function":{"name":"read_file","arguments":"{}"}}]}"#
        let messages: [Message] = [
            .user("hi"), .assistant(Self.turn(ids: ["a"], raw: raw)), .toolResults([Self.result("a")], text: nil),
            .assistant(Self.turn(ids: ["b"], source: "there")), .toolResults([Self.result("b")], text: nil),
        ]
        let sent = try Self.body(ChatWire.self, messages) { $0.reasoningFields = fields }.value["messages"]
        #expect(sent?[2]?["reasoning_content"]?.string == own)
        #expect(sent?[4]?["reasoning_content"]?.string == rebuilt)
    }
}
