import Logging
import Secrets
import Synchronization
import TestSupport
import Testing
import Transport

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

@Suite struct NetworkTransportTests {
    private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

    private func send(
        _ request: @escaping @Sendable (String) -> HTTPRequest = { HTTPRequest("GET", $0) }, settings: NetworkSettings = NetworkSettings(),
        _ handle: @escaping @Sendable (ByteServer.Connection) async throws -> Void
    ) async throws -> HTTPReply {
        try await ByteServer.serving(handle) { port in
            let transport = try NetworkTransport(settings, logger: quiet)
            let result: Result<HTTPReply, any Error>
            do { result = .success(try await transport.send(request("http://127.0.0.1:\(port)/x"))) } catch { result = .failure(error) }
            await transport.shutdown()
            return try result.get()
        }
    }

    private func failure(
        _ request: @escaping @Sendable (String) -> HTTPRequest = { HTTPRequest("GET", $0) },
        _ handle: @escaping @Sendable (ByteServer.Connection) async throws -> Void
    ) async -> TransportFailure.Code? {
        let failure = await #expect(throws: TransportFailure.self) { try await send(request, handle) }
        return failure?.code
    }

    @Test("status, headers and body come as they are; redirects are not followed", .timeLimit(.minutes(1)))
    func plain() async throws {
        let reply = try await send({ HTTPRequest("POST", $0, headers: ["X-A": "b"], body: Array("body".utf8)) }) { connection in
            let request = await connection.request() ?? ""
            let isRight = request.hasPrefix("POST /x HTTP/1.1\r\n") && request.contains("X-A: b\r\n") && request.hasSuffix("\r\n\r\nbody")
            try await connection.write("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nset: 1\r\nset: 2\r\ncontent-length: 5\r\n\r\n\(isRight)\r")
        }
        #expect(reply.status == 302 && reply.headers.all("Set") == ["1", "2"] && reply.text.hasPrefix("true"))
    }

    @Test("a compressed reply is inflated", .timeLimit(.minutes(1)))
    func gzip() async throws {
        // "hello hello hello\n"
        let gzip: [UInt8] = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0x5c,
            0x00, 0x3b, 0x7c, 0x8a, 0xdf, 0x12, 0x00, 0x00, 0x00,
        ]
        let reply = try await send { connection in
            _ = await connection.request()
            try await connection.write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: \(gzip.count)\r\n\r\n")
            try await connection.write(gzip)
        }
        #expect(reply.text.hasPrefix("hello hello hello"))
    }

    @Test(
        "each part of an exchange has its time", .timeLimit(.minutes(1)),
        arguments: [
            (TransportFailure.Timeout.firstByte, ""), (.firstByte, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"),
            (.idle, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"),
        ])
    func timeouts(_ kind: TransportFailure.Timeout, _ sent: String) async {
        // Only the time in question is short, so that a busy machine can't mix them up.
        let timeouts = RequestTimeouts(
            firstByte: kind == .firstByte ? .milliseconds(300) : .seconds(50), idle: kind == .idle ? .milliseconds(300) : .seconds(50),
            total: .seconds(55))
        let code = await failure({ HTTPRequest("GET", $0, timeouts: timeouts) }) { connection in
            _ = await connection.request()
            try await connection.write(sent)
            await connection.closed()
        }
        #expect(code == .timeout(kind))
    }

    @Test("a server that never stops sending meets the total limit", .timeLimit(.minutes(1)))
    func total() async {
        let code = await failure({ HTTPRequest("GET", $0, timeouts: RequestTimeouts(total: .seconds(1))) }) { connection in
            _ = await connection.request()
            try await connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            let clock = ContinuousClock()
            while true {
                try await connection.write("1\r\n.\r\n")
                try await clock.sleep(for: .milliseconds(10))
            }
        }
        #expect(code == .timeout(.total))
    }

    @Test("a larger reply than allowed is cut off", .timeLimit(.minutes(1)))
    func tooLarge() async {
        let code = await failure({ HTTPRequest("GET", $0, maxResponseBytes: 1_000) }) { connection in
            _ = await connection.request()
            try await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + String(repeating: "x", count: 5_000))
            await connection.closed()
        }
        #expect(code == .tooLarge(limit: 1_000))
    }

    @Test(
        "a reply that breaks off is told as such", .timeLimit(.minutes(1)),
        arguments: [
            "", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        ])
    func cut(_ sent: String) async {
        let code = await failure { connection in
            _ = await connection.request()
            try await connection.write(sent)
        }
        #expect(code == .connectionClosed)
    }

    @Test("what is no HTTP is told as such", .timeLimit(.minutes(1)))
    func noHTTP() async {
        let code = await failure { connection in
            _ = await connection.request()
            try await connection.write("SSH-2.0-OpenSSH_9.2\r\n")
            await connection.closed()
        }
        #expect(code == .malformedReply)
    }

    @Test(
        "nobody listening, an unknown name and a bad address are told apart, and at once", .timeLimit(.minutes(1)),
        arguments: [
            ("http://127.0.0.1:1/", TransportFailure.Code.refused), ("http://no-such-host.invalid/", .dns), ("ftp://host/", .invalidURL),
            ("nonsense", .invalidURL), ("http://:80/", .invalidURL),
        ])
    func unreachable(_ url: String, _ code: TransportFailure.Code) async throws {
        let transport = try NetworkTransport(NetworkSettings(connectTimeout: .seconds(50)), logger: quiet)
        let failure = await #expect(throws: TransportFailure.self) { try await transport.send(HTTPRequest("GET", url)) }
        await transport.shutdown()
        #expect(failure?.code == code)
    }

    @Test(
        "a kept connection that the server closes is replaced without a word, if asking twice is harmless", .timeLimit(.minutes(1)), arguments: [true, false])
    func keptConnection(_ isRepeatable: Bool) async throws {
        let connections = Mutex(0)
        let second = try await ByteServer.serving { connection in
            connections.withLock { $0 = max($0, connection.number + 1) }
            _ = await connection.request()
            try await connection.write(Self.ok)
            // The next request on the first connection is read and not answered.
            _ = await connection.request()
        } during: { port -> TransportFailure.Code? in
            let transport = try NetworkTransport(logger: quiet)
            let request = HTTPRequest("POST", "http://127.0.0.1:\(port)/", body: [1], isRepeatable: isRepeatable)
            _ = try await transport.send(request)
            var code: TransportFailure.Code?
            do throws(TransportFailure) { _ = try await transport.send(request) } catch { code = error.code }
            await transport.shutdown()
            return code
        }
        #expect(second == (isRepeatable ? nil : .connectionClosed))
        let count = connections.withLock(\.self)
        #expect(count == (isRepeatable ? 2 : 1))
    }

    @Test("a first connection that closes is not tried again", .timeLimit(.minutes(1)))
    func firstConnection() async throws {
        let connections = Mutex(0)
        let code = await failure { connection in
            connections.withLock { $0 += 1 }
            _ = await connection.request()
        }
        let count = connections.withLock(\.self)
        #expect(code == .connectionClosed && count == 1)
    }

    @Test("cancelling the task closes the connection", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        let (arrived, continuation) = AsyncStream.makeStream(of: Void.self)
        let (gone, goneContinuation) = AsyncStream.makeStream(of: Void.self)
        try await ByteServer.serving { connection in
            _ = await connection.request()
            continuation.yield()
            await connection.closed()
            goneContinuation.yield()
        } during: { port in
            let transport = try NetworkTransport(logger: quiet)
            let call = Task { try await transport.send(HTTPRequest("GET", "http://127.0.0.1:\(port)/")) }
            for await _ in arrived { break }
            call.cancel()
            for await _ in gone { break }
            let result = await call.result
            let failure = #expect(throws: TransportFailure.self) { try result.get() }
            #expect(failure?.code == .cancelled)
            await transport.shutdown()
        }
    }

    @Test("leaving the closure early closes the connection; waiting for a formal end has a limit", .timeLimit(.minutes(1)))
    func early() async throws {
        let status = try await ByteServer.serving { connection in
            _ = await connection.request()
            try await connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n")
            await connection.closed()
        } during: { port in
            let transport = try NetworkTransport(logger: quiet)
            let first = try await transport.withResponse(to: HTTPRequest("GET", "http://127.0.0.1:\(port)/")) { $0.status }
            let text = try await transport.withResponse(to: HTTPRequest("GET", "http://127.0.0.1:\(port)/")) { response in
                var text: [UInt8] = []
                do throws(TransportFailure) {
                    for try await chunk in response.body {
                        text += chunk
                        response.body.expectEnd(within: .milliseconds(50))
                    }
                } catch { #expect(error.code == .cancelled) }
                return text
            }
            await transport.shutdown()
            return (first, text)
        }
        #expect(status.0 == 200 && status.1 == Array("ab".utf8))
    }
}
