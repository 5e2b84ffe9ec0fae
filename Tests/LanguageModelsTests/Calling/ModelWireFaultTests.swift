import LanguageModels
import Secrets
import TestSupport
import Testing
import Transport

/// Against a server that sends exactly the bytes a test wants.
@Suite struct ModelWireFaultTests {
    private static let whole =
        #"{"type":"message","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":4}}"#
    private static let events = [
        #"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":3,"output_tokens":1}}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi é😀"}}"#,
        #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}"#, #"{"type":"message_stop"}"#,
    ].map { "data: \($0)\n\n" }.joined()

    private static func reply(_ body: String, _ type: String = "text/event-stream", status: String = "200 OK", more: String = "") -> String {
        "HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\ncontent-length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
    }

    private func turn(
        _ wire: WireKind = .anthropic, options: CallOptions? = nil, key: String = "key-for-tests",
        _ handle: @escaping @Sendable (ByteServer.Connection) async throws -> Void
    ) async throws -> ModelTurn {
        try await ByteServer.serving(handle) { port in
            let rig = try Rig()
            return try await rig.model(wire, "http://127.0.0.1:\(port)", key: key, options: options ?? rig.options())
                .turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
        }
    }

    @Test(
        "the form of a reply is known by its bytes, whatever its content type", .timeLimit(.minutes(1)),
        arguments: [
            (whole, "text/event-stream"), (whole, "application/json"), (events, "application/json"), (events, "text/event-stream"),
            (":\n\n: still reading the prompt\n\n" + events, "text/event-stream"), ("\u{FEFF}" + events, "text/event-stream"),
            (events.replacing("\n", with: "\r\n"), "text/plain"), (String(events.dropLast(2)), "text/event-stream"),
        ])
    func forms(_ body: String, _ type: String) async throws {
        let turn = try await turn { connection in
            while await connection.request() != nil { try await connection.write(Self.reply(body, type)) }
        }
        #expect(turn.text.hasPrefix("Hi"))
        #expect(turn.stop == .finished)
    }

    @Test("bytes may come one by one", .timeLimit(.minutes(1)))
    func dribble() async throws {
        let turn = try await turn { connection in
            _ = await connection.request()
            for byte in Array(Self.reply(Self.events).utf8) { try await connection.write([byte]) }
        }
        #expect(turn.text == "Hi é😀")
    }

    @Test("a stream cut at any place is asked for again", .timeLimit(.minutes(2)), arguments: Array(stride(from: 0, to: events.utf8.count, by: 41)))
    func cuts(_ place: Int) async throws {
        let turn = try await turn { connection in
            _ = await connection.request()
            let reply = Array(Self.reply(Self.events).utf8)
            let head = reply.count - Self.events.utf8.count
            try await connection.write(connection.number == 0 ? Array(reply.prefix(head + place)) : reply)
        }
        #expect(turn.text == "Hi é😀")
    }

    @Test(
        "a proxy's page is quoted, and asked again only when it is the proxy's trouble", .timeLimit(.minutes(1)),
        arguments: [
            ("200 OK", 7), ("502 Bad Gateway", 7), ("403 Forbidden", 1),
        ])
    func pages(_ status: String, _ tries: Int) async throws {
        let rig = try Rig()
        let options = rig.options()
        let failure = await #expect(throws: ModelFailure.self) {
            try await turn(options: options) { connection in
                while await connection.request() != nil {
                    try await connection.write(Self.reply("<html><h1>Blocked by policy</h1></html>", "text/html", status: status))
                }
            }
        }
        #expect(failure?.message.contains("Blocked by policy") == true)
        #expect(rig.waits.seconds.count == tries - 1)
    }

    @Test(
        "headers go as each host wants them", .timeLimit(.minutes(1)),
        arguments: [
            (
                WireKind.anthropic,
                ["x-api-key: key-for-tests", "authorization: bearer key-for-tests", "anthropic-version: 2023-06-01", "accept-encoding: identity"]
            ),
            (.chat, ["authorization: bearer key-for-tests", "content-type: application/json"]),
        ])
    func headers(_ wire: WireKind, _ expected: [String]) async throws {
        let (requests, continuation) = AsyncStream.makeStream(of: String.self)
        await #expect(throws: ModelFailure.self) {
            try await turn(wire) { connection in
                if let request = await connection.request() { continuation.yield(request) }
                try await connection.write(Self.reply("{}", "application/json", status: "401 Unauthorized"))
            }
        }
        var iterator = requests.makeAsyncIterator()
        let request = try #require(await iterator.next()).lowercased()
        for header in expected { #expect(request.contains(header + "\r\n")) }
        #expect(wire == .anthropic || !request.contains("x-api-key"))
    }

    @Test(
        "errors of all shapes are read", .timeLimit(.minutes(1)),
        arguments: [
            #"{"type":"error","error":{"type":"invalid_request_error","message":"the reason"}}"#, #"{"error":{"code":400,"message":"the reason"}}"#,
            #"{"error":"the reason"}"#, #"{"message":"the reason"}"#, #"{"detail":"the reason"}"#, #"{"detail":[{"msg":"the reason"}]}"#, "the reason",
        ])
    func errorShapes(_ body: String) async throws {
        let failure = await #expect(throws: ModelFailure.self) {
            try await turn { connection in
                _ = await connection.request()
                try await connection.write(Self.reply(body, "application/json", status: "400 Bad Request"))
            }
        }
        #expect(failure?.message.contains("the reason") == true)
        #expect(failure?.reason == .invalidRequest)
    }

    @Test("an error in a body with status 200 counts as what it says", .timeLimit(.minutes(1)))
    func errorWith200() async throws {
        let failure = await #expect(throws: ModelFailure.self) {
            try await turn(.chat) { connection in
                _ = await connection.request()
                try await connection.write(Self.reply(#"{"error":{"message":"no credit","code":402}}"#, "application/json"))
            }
        }
        #expect(failure?.reason == .quota)
    }

    @Test("the server's word on repeating wins", .timeLimit(.minutes(1)), arguments: [("500 X", "false", 1), ("400 X", "true", 7)])
    func shouldRetry(_ status: String, _ header: String, _ tries: Int) async throws {
        let rig = try Rig()
        let options = rig.options()
        await #expect(throws: ModelFailure.self) {
            try await turn(options: options) { connection in
                while await connection.request() != nil {
                    try await connection.write(Self.reply("{}", "application/json", status: status, more: "x-should-retry: \(header)\r\n"))
                }
            }
        }
        #expect(rig.waits.seconds.count == tries - 1)
    }

    @Test("missing usage is estimated and marked", .timeLimit(.minutes(1)))
    func estimate() async throws {
        let turn = try await turn(.chat) { connection in
            _ = await connection.request()
            try await connection.write(Self.reply(#"{"choices":[{"message":{"content":"Hello there"},"finish_reason":"stop"}]}"#, "application/json"))
        }
        #expect(turn.usage.isEstimated && turn.usage.input > 20 && turn.usage.output > 0)
        #expect(turn.cost == nil)
    }

    @Test(
        "an output limit and a context that a server names are kept to", .timeLimit(.minutes(1)),
        arguments: [
            ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 32_000, "\"max_tokens\":8192", 128_000),
            (
                "This model's maximum context length is 32768 tokens. However, you requested 40000 tokens (8000 in the messages, 32000 in the completion). Please reduce",
                32_000, "\"max_tokens\":24704", 32_768
            ),
        ])
    func limits(_ message: String, _ asked: Int, _ field: String, _ window: Int) async throws {
        let (requests, continuation) = AsyncStream.makeStream(of: String.self)
        let learnt = try await ByteServer.serving { connection in
            while let request = await connection.request() {
                continuation.yield(request)
                try await connection.write(
                    request.contains("\"max_tokens\":32000")
                        ? Self.reply("{\"error\":{\"message\":\"\(message)\"}}", "application/json", status: "400 Bad Request")
                        : Self.reply(#"{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}"#, "application/json"))
            }
        } during: { port in
            let model = try Rig().model(.chat, "http://127.0.0.1:\(port)/v1", name: "local")
            _ = try await model.turn(Rig.conversation(), maxOutputTokens: asked, progress: { _ in })
            return model.contextWindow
        }
        continuation.finish()
        let bodies = await requests.reduce(into: [String]()) { $0.append($1) }
        #expect(bodies.count == 2 && bodies.last?.contains(field) == true)
        #expect(learnt == window)
    }

    @Test("cancelling the task closes the connection", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        let (arrived, continuation) = AsyncStream.makeStream(of: Void.self)
        let (gone, goneContinuation) = AsyncStream.makeStream(of: Void.self)
        try await ByteServer.serving { connection in
            _ = await connection.request()
            try await connection.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n3\r\n:\n\n\r\n")
            continuation.yield()
            await connection.closed()
            goneContinuation.yield()
        } during: { port in
            let call = Task {
                try await Rig().model(.anthropic, "http://127.0.0.1:\(port)").turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
            }
            for await _ in arrived { break }
            call.cancel()
            for await _ in gone { break }
            let result = await call.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
    }

    @Test("nobody listening is told with the setting", .timeLimit(.minutes(1)))
    func nobody() async throws {
        let failure = await #expect(throws: ModelFailure.self) {
            try await Rig().model(.anthropic, "http://127.0.0.1:1").turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
        }
        #expect(failure?.reason == .network && failure?.isTransient == true)
        #expect(failure?.message.contains("ANTHROPIC_BASE_URL") == true)
    }
}
