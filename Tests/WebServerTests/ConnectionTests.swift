import Foundation
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import WebServer

@Suite("Connections", .timeLimit(.minutes(2)))
struct ConnectionTests {
    @Test(
        "A09: ambiguous framing and odd requests get 400 and an end",
        arguments: [
            "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\u{B}chunked\r\n\r\n0\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: h\r\nX: a\u{0}b\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /healthz HTTP/1.1\nHost: h\n\n",
            "GET /healthz HTTP/1.1\r\nHost: h\n\r\n",
            "GET /healthz HTTP/9.9\r\nHost: h\r\n\r\n",
            "G\u{7F}T /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
            "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}",
            "GET /healthz HTTP/1.1\r\nHost: h\r\n X-Folded: a\r\n\r\n",
        ])
    func framing(_ request: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.raw(request)
            // A body that turns out to be broken may come after the answer to the path.
            #expect(reply.status == 400 || request.contains("zz") && reply.status == 404, "\(reply.text)")
            #expect(reply.text.components(separatedBy: "HTTP/1.1 ").count == 2, "one answer, then the end: \(reply.text)")
        }
    }

    @Test("A09: after a bad request nothing more is read from the connection")
    func afterBad() async throws {
        try await WebBench.run { web in
            let next = "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            for bad in ["GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /healthz HTTP/9.9\r\nHost: h\r\n\r\n"] {
                let reply = try await web.raw(bad + next)
                #expect(reply.status == 400)
                #expect(reply.text.components(separatedBy: "HTTP/1.1 ").count == 2, "\(reply.text)")
            }
        }
    }

    @Test(
        "A09: a path has one spelling",
        arguments: [
            "//webhooks/gitlab", "/webhooks//gitlab", "/webhooks/gitlab/", "/webhooks/./gitlab", "/webhooks/../webhooks/gitlab",
            "/webhooks%2Fgitlab", "/%77ebhooks/gitlab", "/WEBHOOKS/gitlab", "/webhooks/gitlab;x", "/webhooks\\gitlab", "/webhooks/gitlab%00",
            "/webhooks/gitlab.", "*",
        ])
    func paths(_ path: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.send(
                "POST", path, headers: [("Content-Type", "application/json"), ("X-Gitlab-Token", WebBench.token)], body: IntakeTests.note())
            #expect([400, 404].contains(reply.status), "\(reply.text)")
        }
    }

    @Test("A09: other methods lead nowhere", arguments: ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "HEAD", "FOO"])
    func methods(_ method: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.send(method, "/webhooks/gitlab", headers: [("X-Gitlab-Token", WebBench.token)])
            #expect([400, 404, 405].contains(reply.status), "\(reply.text)")
        }
    }

    @Test(
        "A07: many and long headers are refused",
        arguments: [
            String(repeating: "X-A: b\r\n", count: 200), "X-Long: \(String(repeating: "a", count: 40_000))\r\n",
            String(repeating: "X-Some: \(String(repeating: "a", count: 1000))\r\n", count: 30),
        ])
    func headers(_ lines: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.raw("GET /healthz HTTP/1.1\r\nHost: h\r\n\(lines)\r\n")
            #expect(reply.status == 400)
        }
    }

    @Test(
        "A10: a slow head, a slow body and silence end by themselves",
        arguments: [
            "GET /healthz HTTP/1.1\r\nHost: h\r\n", "", "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
            "POST /webhooks/gitlab HTTP/1.1\r\nHost: h\r\nX-Gitlab-Token: \(WebBench.token)\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        ])
    func slow(_ start: String) async throws {
        try await WebBench.run {
            ($0.limits.headerSeconds, $0.limits.bodySeconds, $0.limits.idleSeconds) = (1, 1, 1)
        } _: { web in
            // Returns when the server has closed; the time limit of the suite says when it has not.
            let reply = try await web.raw(start)
            #expect(reply.status == (start.hasPrefix("GET") && start.hasSuffix("\r\n\r\n") ? 200 : 0) || start.hasPrefix("POST"))
        }
    }

    // Both ends of each connection are open files of this process.
    @Test("A10: a delivery does not wait for five hundred connections that do nothing", .enabled(if: OpenFiles.canBe(1_500)))
    func manySlow() async throws {
        // The slow ones stay for as long as the test, however busy the machine is.
        try await WebBench.run {
            $0.limits.headerSeconds = 600
        } _: { web in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (events, source) = AsyncStream<Bool>.makeStream()
                for _ in 0..<500 {
                    group.addTask {
                        try await web.connect { inbound, outbound in
                            try await outbound.write(ByteBuffer(string: "POST /webhooks/gitlab HTTP/1.1\r\nHost: h\r\n"))
                            source.yield(true)
                            for try await _ in inbound {}
                            source.yield(false)
                        }
                    }
                }
                var iterator = events.makeAsyncIterator()
                for _ in 0..<500 { #expect(await iterator.next() == true) }
                let reply = try await web.deliver(IntakeTests.note())
                #expect(reply.status == 202)
                source.finish()
                #expect(await iterator.next() == nil, "none of them was closed to make room")
                group.cancelAll()
                while (try? await group.next()) != nil {}
            }
        }
    }

    @Test("A10: an address other than this machine's has its share of connections and no more")
    func peers() {
        let counter = PeerCounter(limit: 2)
        #expect(counter.enter("203.0.113.9") && counter.enter("203.0.113.9"))
        #expect(!counter.enter("203.0.113.9"))
        #expect(counter.enter("203.0.113.10"))
        counter.leave("203.0.113.9")
        #expect(counter.enter("203.0.113.9"))
        #expect((0..<50).allSatisfy { _ in counter.enter("127.0.0.1") })
        #expect(counter.total == 53)
        // One machine has a whole IPv6 network at hand.
        #expect(counter.enter("2001:db8::1") && counter.enter("2001:db8::ffff:2%eth0"))
        #expect(!counter.enter("2001:db8:0:0:1::3"))
        #expect(counter.enter("2001:db8:0:1::1") && counter.enter("::ffff:203.0.113.7") && counter.enter("::ffff:203.0.113.8"))
        counter.leave("2001:db8::1")
        #expect(counter.enter("2001:db8:0:0:1::3"))
        #expect((0..<50).allSatisfy { _ in counter.enter("::1") })
    }

    @Test("A10: a connection whose answers nobody reads is closed; one that is read again in time is not", arguments: [false, true])
    func unreadAnswers(isReadAgain: Bool) throws {
        var limits = WebServerSettings.Limits()
        (limits.stallSeconds, limits.headerSeconds) = (5, 600)
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(handler: ConnectionGuard(limits: limits, peers: PeerCounter(limit: 10)), loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "203.0.113.9", port: 4000)).wait()
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        loop.advanceTime(by: .seconds(4))
        #expect(channel.isActive)
        channel.isWritable = isReadAgain
        if isReadAgain { channel.pipeline.fireChannelWritabilityChanged() }
        loop.advanceTime(by: .seconds(60))
        #expect(channel.isActive == isReadAgain)
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    @Test("A10: connections that were served and then keep silent make room when few places are left")
    func crowd() async throws {
        try await WebBench.run {
            ($0.limits.connections, $0.limits.idleSeconds) = (8, 600)
        } _: { web in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await web.connect { inbound, outbound in
                            try await outbound.write(ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"))
                            for try await _ in inbound {}
                        }
                    }
                }
                // At least one of them is closed, though none of them would be for ten minutes.
                try await group.next()
                #expect(try await web.deliver(IntakeTests.note()).status == 202)
                group.cancelAll()
                while (try? await group.next()) != nil {}
            }
        }
    }

    /// An address of this machine that is not loopback's: what connects to it comes from it.
    private static let ownAddress = (try? System.enumerateDevices())?.compactMap { $0.address?.ipAddress }
        .first { !$0.contains(":") && !WebServerSettings.isLoopback($0) }

    @Test("A10: a connection beyond its address's share is closed at once", .enabled(if: ownAddress != nil, "needs an address beside loopback's"))
    func share() async throws {
        let address = try #require(Self.ownAddress)
        try await WebBench.run {
            ($0.host, $0.limits.connectionsPerPeer) = ("0.0.0.0", 1)
        } _: { web in
            let request = ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            try await web.connect(to: address) { inbound, outbound in
                try await outbound.write(request)
                var answer = inbound.makeAsyncIterator()
                #expect(try await answer.next() != nil)
                let second = try? await web.connect(to: address) { inbound, outbound in
                    try? await outbound.write(request)
                    return try await WebReply(reading: inbound).status
                }
                #expect(second ?? 0 == 0)
            }
        }
    }

    @Test("A10: beyond the total a connection waits until one of the others has run out of its time")
    func total() async throws {
        try await WebBench.run {
            ($0.limits.connections, $0.limits.headerSeconds) = (3, 1)
        } _: { web in
            let clock = ContinuousClock()
            let start = clock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (events, source) = AsyncStream<Void>.makeStream()
                for _ in 0..<3 {
                    group.addTask {
                        try await web.connect { inbound, outbound in
                            try await outbound.write(ByteBuffer(string: "GET /healthz HTTP/1.1\r\n"))
                            source.yield()
                            for try await _ in inbound {}
                        }
                    }
                }
                var iterator = events.makeAsyncIterator()
                for _ in 0..<3 { await iterator.next() }
                let reply = try await web.send("GET", "/healthz")
                #expect(reply.status == 200)
                #expect(clock.now - start >= .seconds(1))
                group.cancelAll()
                while (try? await group.next()) != nil {}
            }
        }
    }

    @Test("one connection serves request after request")
    func keepAlive() async throws {
        try await WebBench.run { web in
            let request = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
            let last = "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            let reply = try await web.raw(request + request + last)
            #expect(reply.text.components(separatedBy: "HTTP/1.1 200 OK").count == 4)
        }
    }
}
