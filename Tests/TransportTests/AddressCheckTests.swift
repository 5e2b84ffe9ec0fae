import NIOCore
import NIOSSL
import NetworkAddresses
import Synchronization
import TestSupport
import Testing

@testable import Transport

@Suite("Where a name may lead")
struct AddressCheckTests {
    /// A resolver whose answers change from one question to the next; the last one stays.
    private final class ChangingZone: Sendable {
        private let answers: Mutex<[[String]]>
        init(_ answers: [[String]]) { self.answers = Mutex(answers) }

        func resolve(_ host: String, _ port: Int) async throws -> [String] {
            try answers.withLock { rest in
                guard let first = rest.first else { throw HostLookup.Failure() }
                if rest.count > 1 { rest.removeFirst() }
                return first
            }
        }
    }

    private static func addresses(_ url: String, _ answers: [String]...) async throws -> [String] {
        let origin = try #require(Origin(url))
        let check = AddressCheck(resolve: ChangingZone(answers).resolve)
        for _ in 1..<max(1, answers.count) { _ = try? await check.addresses(of: origin) }
        return try await check.addresses(of: origin)
    }

    @Test(
        "A60: a name leads to the public internet or to the own networks, and to this machine only where that was written",
        arguments: [
            ("https://hook.example/x", ["93.184.216.34"], ["93.184.216.34"]),
            ("https://hook.example/x", ["2606:2800:220:1:248:1893:25c8:1946", "93.184.216.34"], ["2606:2800:220:1:248:1893:25c8:1946", "93.184.216.34"]),
            ("http://receiver:8080", ["172.18.0.5"], ["172.18.0.5"]), ("http://receiver:8080", ["fd00::5"], ["fd00::5"]),
            ("http://localhost:9000", ["::1", "127.0.0.1"], ["::1", "127.0.0.1"]), ("http://hook.localhost", ["127.0.0.1"], ["127.0.0.1"]),
            ("http://127.0.0.1:9000", [], ["127.0.0.1"]), ("http://[::1]:9000", [], ["::1"]), ("http://10.1.2.3", [], ["10.1.2.3"]),
            // Of several, those that are in order; beside a public address, none of the own networks.
            ("https://hook.example", ["127.0.0.1", "10.0.0.1"], ["10.0.0.1"]), ("https://hook.example", ["10.0.0.1", "8.8.8.8"], ["8.8.8.8"]),
        ])
    func open(_ url: String, _ answer: [String], _ expected: [String]) async throws {
        #expect(try await Self.addresses(url, answer) == expected)
    }

    @Test(
        "A60: nothing is sent where a name leads to this machine, to a metadata service or nowhere",
        arguments: [
            ("http://hook.example", ["127.0.0.1"]), ("http://hook.example", ["::1"]), ("http://localhost.example", ["127.0.0.1"]),
            ("http://hook.example", ["169.254.169.254"]), ("http://localhost", ["169.254.169.254"]), ("http://hook.example", ["fe80::1"]),
            ("http://hook.example", ["100.100.100.200"]), ("http://hook.example", ["fd00:ec2::254"]),
            ("http://hook.example", ["0.0.0.0"]), ("http://hook.example", ["::"]), ("http://hook.example", ["224.0.0.1"]),
            ("http://hook.example", ["::ffff:127.0.0.1"]), ("http://hook.example", ["::ffff:169.254.169.254"]),
            ("http://169.254.169.254/latest", []), ("http://[fe80::1]/", []), ("http://0.0.0.0:80", []),
            // To a resolver these are addresses of this machine.
            ("http://127.1", ["127.0.0.1"]), ("http://2130706433", ["127.0.0.1"]), ("http://0x7f000001", ["127.0.0.1"]),
        ])
    func closed(_ url: String, _ answer: [String]) async throws {
        let failure = await #expect(throws: TransportFailure.self) { try await Self.addresses(url, answer) }
        guard case .forbiddenAddress = failure?.code else {
            Issue.record("\(url), \(answer): \(String(describing: failure))")
            return
        }
    }

    @Test("A60: a public name that turns into one of the own networks is no longer followed, until it is public again")
    func rebinding() async throws {
        let failure = await #expect(throws: TransportFailure.self) { try await Self.addresses("https://hook.example", ["8.8.8.8"], ["10.0.0.1"]) }
        #expect(failure?.code == .forbiddenAddress("10.0.0.1") && failure?.isTransient == false)
        #expect(try await Self.addresses("https://hook.example", ["8.8.8.8"], ["10.0.0.1"], ["9.9.9.9"]) == ["9.9.9.9"])
    }

    @Test("A60: the connection goes to the address that was looked at, whatever the name means by then", .timeLimit(.minutes(1)))
    func pinned() async throws {
        let requests = Mutex<[String]>([])
        try await ByteServer.serving { connection in
            while let request = await connection.request() {
                requests.withLock { $0.append(request) }
                try await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            }
        } during: { port in
            var settings = NetworkSettings()
            // The first address takes no connection; a name like this is none that the machine's own resolver could know.
            let zone = ChangingZone([["127.0.0.9", "127.0.0.1"], ["127.0.0.1", "127.0.0.9"], ["169.254.169.254"]])
            settings.resolve = zone.resolve
            let transport = try NetworkTransport(settings, logger: quiet)
            for _ in 1...2 {
                let reply = try await transport.send(HTTPRequest("POST", "HTTP://Hook.LOCALHOST:\(port)/a?b=c", body: [1], checksAddress: true))
                #expect(reply.text == "ok")
            }
            await #expect(throws: TransportFailure(.forbiddenAddress("169.254.169.254"), host: "hook.localhost:\(port)")) {
                try await transport.send(HTTPRequest("POST", "http://hook.localhost:\(port)/a", checksAddress: true))
            }
            await transport.shutdown()
            let told = requests.withLock { $0 }
            #expect(told.count == 2 && told.allSatisfy { $0.hasPrefix("POST /a?b=c HTTP/1.1\r\n") })
            #expect(told.allSatisfy { $0.lowercased().contains("host: hook.localhost:\(port)\r\n") })
        }
    }

    @Test("the certificate is still the name's", .timeLimit(.minutes(1)))
    func certificate() async throws {
        // Without the address, which the client library would take for a match, too.
        try await PrivateAuthority.with(names: "DNS:localhost") { authority in
            let context = try authority.tls()
            try await ByteServer.serving { connection in
                while await connection.request() != nil { try await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") }
            } prepare: {
                try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
            } during: { port in
                var settings = NetworkSettings(certificateFile: "\(authority.directory)/ca.pem")
                settings.resolve = { _, _ in ["127.0.0.1"] }
                let transport = try NetworkTransport(settings, logger: quiet)
                #expect(try await transport.send(HTTPRequest("GET", "https://localhost:\(port)/", checksAddress: true)).text == "ok")
                let failure = await #expect(throws: TransportFailure.self) {
                    try await transport.send(HTTPRequest("GET", "https://other.localhost:\(port)/", checksAddress: true))
                }
                guard case .tls = failure?.code else {
                    Issue.record("\(String(describing: failure))")
                    return await transport.shutdown()
                }
                await transport.shutdown()
            }
        }
    }
}
