internal import Foundation
internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore

/// A model service on loopback that speaks the three real protocols and says what its script says.
///
/// It checks requests as the real services do, so that a client which passes here has sent what they accept.
package struct ScriptedModelServer: Sendable {
    package let script: ModelScript
    package let log: ScriptedRequestLog
    private let port: Int
    private let logger: Logger

    /// - Parameter port: 0 for a free one.
    package init(_ script: ModelScript, port: Int = 0, logger: Logger? = nil) {
        self.script = script
        self.port = port
        log = ScriptedRequestLog()
        self.logger = logger ?? Logger(label: "rehearsal.model", factory: { _ in SwiftLogNoOpLogHandler() })
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onReady: gets the port once connections are accepted.
    package func run(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let router = Router()
        router.get("__rehearsal/requests") { request, _ -> Response in
            var entries = log.entries
            if request.uri.queryParameters["bodies"] == nil {
                for index in entries.indices { entries[index].body = "" }
            }
            let json = try JSONEncoder().encode(entries)
            return Self.json(.ok, String(decoding: json, as: UTF8.self))
        }
        let prefixes = script.refuses?.contains("version_path") == true ? [""] : ["v1/"]
        for prefix in prefixes {
            router.post("\(prefix)messages") { request, _ in try await answer(request, AnthropicScriptedWire.self) }
            router.post("\(prefix)chat/completions") { request, _ in try await answer(request, ChatScriptedWire.self) }
            router.post("\(prefix)responses") { request, _ in try await answer(request, ResponsesScriptedWire.self) }
            router.get("\(prefix)models") { _, _ -> Response in
                let models = (script.models ?? ["scripted"]).map { ScriptValue.object(["id": .string($0), "object": "model"]) }
                return Self.json(.ok, ScriptValue.object(["object": "list", "data": .array(models)]).json)
            }
        }
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) }, logger: logger)
        try await app.run()
    }

    /// Serves while the closure runs; it gets the address, `http://127.0.0.1:PORT`.
    package func serving<Result: Sendable>(
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await run { continuation.yield($0) }
                return nil
            }
            group.addTask {
                for await port in ports { return try await body("http://127.0.0.1:\(port)") }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func answer<Wire: ScriptedWire>(_ request: Request, _: Wire.Type) async throws -> Response {
        let bytes = Array((try await request.body.collect(upTo: 64 << 20)).readableBytesView)
        var entry = ScriptedRequestLog.Entry(
            wire: Wire.name, conversation: "", turn: 0, model: "", status: 200, trouble: nil,
            body: String(decoding: bytes, as: UTF8.self))
        do {
            let response = try reply(request, bytes, &entry, Wire.self)
            log.append(entry)
            return response
        } catch let refusal as WireRefusal {
            entry.status = refusal.status
            entry.trouble = entry.trouble ?? refusal.message
            log.append(entry)
            return refused(refusal, Wire.self)
        }
    }

    private func refused<Wire: ScriptedWire>(
        _ refusal: WireRefusal, _: Wire.Type, headers: HTTPFields = [:]
    ) -> Response {
        var response = Self.json(.init(code: refusal.status), Wire.error(refusal).json)
        for field in headers { response.headers.append(field) }
        return response
    }

    private func reply<Wire: ScriptedWire>(
        _ request: Request, _ bytes: [UInt8], _ entry: inout ScriptedRequestLog.Entry, _: Wire.Type
    ) throws -> Response {
        try checkHeaders(request, Wire.name)
        guard let body = try? ScriptValue(json: bytes), body.isObject else {
            throw WireRefusal("The request body is not valid JSON.")
        }
        let exchange = try Wire.check(body, bytes: bytes.count, refuses: Set(script.refuses ?? []))
        entry.model = exchange.model
        if let models = script.models, !models.contains(exchange.model) {
            throw WireRefusal(
                404, "model: \(exchange.model)", type: "not_found_error", code: "model_not_found")
        }
        guard let index = script.conversations.firstIndex(where: { fits($0, exchange) }) else {
            throw WireRefusal("The script has no conversation for this request.")
        }
        let conversation = script.conversations[index]
        entry.conversation = conversation.name
        entry.turn = exchange.turn
        guard conversation.turns.indices.contains(exchange.turn) else {
            throw WireRefusal("The script has no turn \(exchange.turn) in '\(conversation.name)'.")
        }
        let turn = conversation.turns[exchange.turn]
        let identity = Self.hash("\(conversation.name)\n\(exchange.opening)")
        let times = log.ask("\(identity)/\(exchange.turn)")
        let faults = turn.faults ?? []
        let fault = faults.indices.contains(times) ? faults[times] : nil
        if let fault, fault.kind != .slow { entry.trouble = fault.kind.rawValue }
        if let fault, let (refusal, headers) = Self.refusal(fault, Wire.name) {
            entry.status = refusal.status
            return refused(refusal, Wire.self, headers: headers)
        }
        if fault?.kind == .html {
            entry.status = 502
            return Response(
                status: .badGateway, headers: [.contentType: "text/html"],
                body: .init(byteBuffer: ByteBuffer(string: "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")))
        }
        let answer = answer(turn, exchange, fault, id: "\(identity)_\(exchange.turn)")
        let delay = Duration.milliseconds((turn.delayMilliseconds ?? 0) + (fault?.kind == .slow ? fault?.milliseconds ?? 0 : 0))
        guard exchange.isStreaming, script.refuses?.contains("streaming") != true else {
            let json = Wire.whole(answer).json
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init { writer in
                    if delay > .zero { try await Task.sleep(for: delay) }
                    try await writer.write(ByteBuffer(string: json))
                    try await writer.finish(nil)
                })
        }
        let plan = ScriptedStream(answer, fault, delay: delay, Wire.self)
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache"],
            body: .init { try await plan.write(to: &$0) })
    }

    private func checkHeaders(_ request: Request, _ wire: String) throws {
        let key = HTTPField.Name("x-api-key").flatMap { request.headers[$0] }
        let bearer = request.headers[.authorization].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
        let given = wire == "anthropic" ? key ?? bearer : bearer
        guard let given, !given.isEmpty, script.keys?.contains(given) ?? true else {
            throw WireRefusal(
                401, wire == "anthropic" ? "invalid x-api-key" : "Incorrect API key provided: \(given ?? "none").",
                type: wire == "anthropic" ? "authentication_error" : "invalid_request_error", code: "invalid_api_key")
        }
        if wire == "anthropic", HTTPField.Name("anthropic-version").flatMap({ request.headers[$0] }) == nil {
            throw WireRefusal("anthropic-version: header is required")
        }
        guard request.headers[.contentType]?.hasPrefix("application/json") ?? false else {
            throw WireRefusal("content-type must be application/json")
        }
    }

    private func fits(_ conversation: ModelScript.Conversation, _ exchange: ModelExchange) -> Bool {
        (conversation.tool.map { exchange.tools.contains($0) } ?? true)
            && (conversation.containing ?? []).allSatisfy { exchange.opening.contains($0) }
    }

    private func answer(
        _ turn: ModelScript.Turn, _ exchange: ModelExchange, _ fault: ModelScript.Fault?, id: String
    ) -> ScriptedAnswer {
        let calls = (turn.calls ?? []).enumerated().map { index, call in
            (id: "toolu_\(id)_\(index)", name: call.name, arguments: call.arguments.json)
        }
        let input = exchange.bytes / 4
        var answer = ScriptedAnswer(
            id: id, model: exchange.model, thinking: turn.thinking, text: turn.text ?? "", calls: calls,
            stop: calls.isEmpty ? .end : .calls, inputTokens: input,
            cachedTokens: exchange.turn == 0 ? 0 : input * 3 / 4)
        if fault?.kind == .refusal {
            answer.calls = []
            answer.text = "I can't help with that."
            answer.stop = .refusal
        }
        if fault?.kind == .outputLimit {
            answer.stop = .outputLimit
            if let last = answer.calls.indices.last {
                answer.calls[last].arguments = String(answer.calls[last].arguments.dropLast(3))
            }
        }
        return answer
    }

    private static func refusal(_ fault: ModelScript.Fault, _ wire: String) -> (WireRefusal, HTTPFields)? {
        var headers: HTTPFields = [:]
        if let after = fault.retryAfter { headers[.retryAfter] = after }
        let isAnthropic = wire == "anthropic"
        let refusal: WireRefusal? =
            switch fault.kind {
            case .rateLimit:
                WireRefusal(429, "Number of requests has exceeded your rate limit", type: "rate_limit_error", code: "rate_limit_exceeded")
            case .quota:
                WireRefusal(
                    429, "You exceeded your current quota, please check your plan and billing details.", type: "insufficient_quota", code: "insufficient_quota")
            case .overloaded: WireRefusal(isAnthropic ? 529 : 503, "Overloaded", type: "overloaded_error")
            case .serverError: WireRefusal(500, "Internal server error", type: isAnthropic ? "api_error" : "server_error")
            case .unauthorized: WireRefusal(401, "invalid x-api-key", type: "authentication_error", code: "invalid_api_key")
            case .unknownModel:
                WireRefusal(404, "The model does not exist or you do not have access to it.", type: "not_found_error", code: "model_not_found")
            case .contextTooLong:
                isAnthropic
                    ? WireRefusal("prompt is too long: 1200000 tokens > 1000000 maximum")
                    : WireRefusal("This model's maximum context length is 128000 tokens.", code: "context_length_exceeded")
            case .html, .cut, .unfinished, .malformed, .slow, .pings, .overloadedInStream, .refusal, .outputLimit: nil
            }
        return refusal.map { ($0, headers) }
    }

    static func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private static func hash(_ text: String) -> String {
        String(text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }, radix: 16)
    }
}
