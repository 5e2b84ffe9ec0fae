import Logging
import Rehearsal
import Testing
import Transport

/// The scripted model has to be as strict as the real services, or tests against it prove nothing.
@Suite struct ScriptedModelServerTests {
    private static let script = ModelScript(
        conversations: [
            .init("special", containing: ["marker"], tool: "finish", turns: [.init(text: "special")]),
            .init("main", turns: [.init(text: "first"), .init(text: "second")]),
        ], keys: ["k"], models: ["m"])

    private func post(_ bodies: [(String, String)], key: String = "k", log: Bool = false) async throws -> [(Int, String)] {
        let server = ScriptedModelServer(Self.script)
        return try await server.serving { url in
            let transport = try NetworkTransport(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            var replies: [(Int, String)] = []
            for (path, body) in bodies {
                var request = HTTPRequest(
                    "POST", "\(url)/v1/\(path)",
                    headers: [
                        "content-type": "application/json", "anthropic-version": "2023-06-01", "authorization": "Bearer \(key)",
                    ], body: Array(body.utf8))
                request.timeouts.firstByte = .seconds(50)
                let reply = try await transport.send(request)
                replies.append((reply.status, reply.text))
            }
            if log {
                let reply = try await transport.send(HTTPRequest("GET", "\(url)/__rehearsal/requests?bodies=1"))
                replies.append((reply.status, reply.text))
            }
            await transport.shutdown()
            return replies
        }
    }

    private static let user = #"{"role":"user","content":"hi"}"#
    private static let use = #"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}"#
    private static func result(_ ids: String...) -> String {
        let blocks = ids.map { #"{"type":"tool_result","tool_use_id":"\#($0)","content":"x"}"# }
        return #"{"role":"user","content":[\#(blocks.joined(separator: ","))]}"#
    }
    private static func messages(_ list: String..., more: String = "") -> String {
        #"{"model":"m","max_tokens":10\#(more),"messages":[\#(list.joined(separator: ","))]}"#
    }

    @Test(
        "what Anthropic refuses is refused in its words", .timeLimit(.minutes(1)),
        arguments: [
            (#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#, "max_tokens: Field required"),
            (#"{"max_tokens":1,"messages":[{"role":"user","content":"hi"}]}"#, "model: Field required"),
            (messages(), "at least one message"), (messages(use, result("a")), "first message must use"),
            (messages(#"{"role":"user","content":""}"#), "non-empty"),
            (messages(user, more: #","system":[{"type":"text","text":""}]"#), "system: text content blocks"),
            (messages(user, use, user), "without `tool_result` blocks"), (messages(user, use, result("b")), "unexpected `tool_use_id`"),
            (messages(user, use, result("a", "a")), "single result"), (messages(user, use, result("a"), use, result("a")), "ids must be unique"),
            (messages(user, use), "prefill"), (messages(user, more: #","temperature":1"#), "temperature"),
            (messages(user, more: #","tools":[{"name":"a b","input_schema":{"type":"object"}}]"#), "tools.0.name"), ("{", "not valid JSON"),
            (messages(user, #"{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"forged"}]}"#, user), "Invalid `signature`"),
        ])
    func anthropic(_ body: String, _ words: String) async throws {
        let reply = try await post([("messages", body)])[0]
        #expect(reply.0 == 400)
        #expect(reply.1.contains(words), "\(reply.1)")
    }

    private static let calls = #"{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#

    @Test(
        "what OpenAI refuses is refused in its words", .timeLimit(.minutes(1)),
        arguments: [
            ("chat/completions", messages(user, calls, user), "did not have response messages"),
            ("chat/completions", messages(user, calls), "did not have response messages"),
            ("chat/completions", messages(user, #"{"role":"tool","tool_call_id":"a","content":"x"}"#), "preceeding message"),
            ("chat/completions", messages(user, #"{"role":"assistant","content":"x","tool_calls":[]}"#, user), "too short"),
            ("chat/completions", messages(#"{"role":"user","content":null}"#), "expected a string"),
            ("responses", #"{"model":"m","input":[{"type":"function_call","call_id":"a","name":"f","arguments":"{}"}]}"#, "No tool output found"),
            ("responses", #"{"model":"m","input":[{"type":"function_call_output","call_id":"a","output":"x"}]}"#, "No tool call found"),
            ("responses", #"{"model":"m","input":[{"role":"user","content":"x"}],"tools":[{"type":"function","name":"f"}]}"#, "strict"),
            ("responses", #"{"model":"m"}"#, "'input'"),
        ])
    func openAI(_ path: String, _ body: String, _ words: String) async throws {
        let reply = try await post([(path, body)])[0]
        #expect(reply.0 == 400)
        #expect(reply.1.contains(words), "\(reply.1)")
    }

    @Test("key and model are checked", .timeLimit(.minutes(1)))
    func access() async throws {
        #expect(try await post([("messages", Self.messages(Self.user))], key: "wrong")[0].0 == 401)
        #expect(try await post([("messages", Self.messages(Self.user).replacing("\"m\"", with: "\"x\""))])[0].0 == 404)
    }

    @Test("the turn follows from the request alone, and the log says what was asked", .timeLimit(.minutes(1)))
    func turns() async throws {
        let second = Self.messages(Self.user, #"{"role":"assistant","content":"first"}"#, Self.user)
        let special =
            #"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a marker"}],"tools":[{"name":"finish","input_schema":{"type":"object"}}]}"#
        let replies = try await post([("messages", second), ("messages", Self.messages(Self.user)), ("messages", special)], log: true)
        #expect(replies[0].1.contains("second") && replies[1].1.contains("first") && replies[2].1.contains("special"))
        #expect(replies[3].1.ranges(of: "\"conversation\":").count == 3 && replies[3].1.contains("a marker"))
    }

    @Test("a script can be written as JSON and read back")
    func codable() throws {
        let json =
            #"{"conversations":[{"name":"x","tool":"finish","turns":[{"text":"t","calls":[{"name":"f","arguments":{"a":[1,true,null,"s"]}}],"faults":[{"kind":"rate_limit","retryAfter":"3"}]}]}]}"#
        let script = try ModelScript(json: Array(json.utf8))
        #expect(script.conversations[0].turns[0].calls?[0].arguments == ["a": [1, true, nil, "s"]])
        #expect(try ModelScript(json: script.json) == script)
    }
}
