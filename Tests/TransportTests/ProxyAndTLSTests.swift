import NIOCore
import NIOSSL
import Secrets
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Transport

/// Runs openssl, so that no key is kept in the repository.
struct PrivateAuthority: Sendable {
    let directory: String

    static func with<R>(names: String = "DNS:localhost,IP:127.0.0.1", _ body: (PrivateAuthority) async throws -> R) async throws -> R {
        let made = try await run(.name("mktemp"), arguments: ["-d"], output: .string(limit: 4_096))
        let directory = made.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
        try #require(directory.hasPrefix("/"))
        let authority = PrivateAuthority(directory: directory)
        let script = """
            set -e; cd '\(directory)'
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=private-authority 2>/dev/null
            openssl req -newkey rsa:2048 -nodes -keyout key.pem -out req.pem -subj /CN=localhost 2>/dev/null
            printf 'subjectAltName=\(names)' > ext
            openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile ext 2>/dev/null
            """
        let openssl = try await run(.name("sh"), arguments: ["-c", script], output: .discarded)
        try #require(openssl.terminationStatus.isSuccess)
        let result: Result<R, any Error>
        do { result = .success(try await body(authority)) } catch { result = .failure(error) }
        _ = try await run(.name("rm"), arguments: ["-rf", directory], output: .discarded)
        return try result.get()
    }

    func tls() throws -> NIOSSLContext {
        let certificates = try NIOSSLCertificate.fromPEMFile("\(directory)/cert.pem").map { NIOSSLCertificateSource.certificate($0) }
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: certificates, privateKey: .privateKey(NIOSSLPrivateKey(file: "\(directory)/key.pem", format: .pem))))
    }
}

@Suite struct ProxyAndTLSTests {
    private static func serve(_ connection: ByteServer.Connection) async throws {
        while await connection.request() != nil { try await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") }
    }

    @Test("a private authority is trusted with SSL_CERT_FILE, and named as the remedy without", .timeLimit(.minutes(1)))
    func authority() async throws {
        try await PrivateAuthority.with { authority in
            let context = try authority.tls()
            try await ByteServer.serving(
                Self.serve, prepare: { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
            ) { port in
                let trusting = try NetworkTransport(NetworkSettings(certificateFile: "\(authority.directory)/ca.pem"), logger: quiet)
                #expect(try await trusting.send(HTTPRequest("GET", "https://localhost:\(port)/")).text == "ok")
                await trusting.shutdown()
                let strict = try NetworkTransport(logger: quiet)
                let failure = await #expect(throws: TransportFailure.self) {
                    try await strict.send(HTTPRequest("GET", "https://localhost:\(port)/"))
                }
                #expect(failure?.code == .unknownCertificateAuthority)
                #expect(failure?.description.contains("SSL_CERT_FILE") == true)
                await strict.shutdown()
            }
        }
    }

    @Test("a certificate for another name is refused", .timeLimit(.minutes(1)))
    func wrongName() async throws {
        try await PrivateAuthority.with { authority in
            let context = try authority.tls()
            try await ByteServer.serving(
                Self.serve, prepare: { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
            ) { port in
                let transport = try NetworkTransport(NetworkSettings(certificateFile: "\(authority.directory)/ca.pem"), logger: quiet)
                let failure = await #expect(throws: TransportFailure.self) {
                    try await transport.send(HTTPRequest("GET", "https://ip6-localhost.localhost:\(port)/"))
                }
                switch failure?.code {
                case .tls?, .dns?: break
                default: Issue.record("\(String(describing: failure?.code))")
                }
                await transport.shutdown()
            }
        }
    }

    @Test("A61: a server without TLS gets nothing of an https request", .timeLimit(.minutes(1)))
    func noTLS() async throws {
        try await ByteServer.serving(Self.serve) { port in
            let transport = try NetworkTransport(logger: quiet)
            let failure = await #expect(throws: TransportFailure.self) {
                try await transport.send(
                    HTTPRequest("GET", "https://127.0.0.1:\(port)/", timeouts: RequestTimeouts(firstByte: .seconds(5))))
            }
            #expect(failure != nil)
            await transport.shutdown()
        }
    }

    @Test("SSL_CERT_FILE that can't be used stops the start", arguments: ["/nonexistent.pem", "/etc/hostname"])
    func badFile(_ file: String) {
        let problem = #expect(throws: NetworkSettingsProblem.self) {
            try NetworkTransport(NetworkSettings(certificateFile: file), logger: quiet)
        }
        #expect(problem?.message.contains("SSL_CERT_FILE") == true)
    }

    @Test(
        "a proxy is asked with its user and password, and its refusals are told", .timeLimit(.minutes(1)),
        arguments: [
            ("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", TransportFailure.Code.proxyAuthentication),
            ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", .proxyRefused),
        ])
    func proxyRefusal(_ answer: String, _ code: TransportFailure.Code) async throws {
        let seen = Mutex("")
        try await ByteServer.serving { connection in
            let request = await connection.request() ?? ""
            seen.withLock { $0 = request.lowercased() }
            try await connection.write(answer)
            await connection.closed()
        } during: { port in
            let proxies = try ProxySettings(https: "http://user:p%40ss@127.0.0.1:\(port)", http: nil, noProxy: "")
            let transport = try NetworkTransport(NetworkSettings(proxies: proxies), logger: quiet)
            let failure = await #expect(throws: TransportFailure.self) {
                try await transport.send(HTTPRequest("GET", "https://gitlab.example/"))
            }
            #expect(failure?.code == code)
            await transport.shutdown()
        }
        let request = seen.withLock(\.self)
        #expect(request.hasPrefix("connect gitlab.example:443 http/1.1\r\n"))
        #expect(request.contains("proxy-authorization: basic dxnlcjpwqhnz\r\n"))
    }

    @Test("a tunnel through a proxy carries the request", .timeLimit(.minutes(1)))
    func tunnel() async throws {
        let requests = Mutex<[String]>([])
        let reply = try await ByteServer.serving { connection in
            while let request = await connection.request() {
                requests.withLock { $0.append(request) }
                let isConnect = request.hasPrefix("CONNECT")
                try await connection.write(isConnect ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            }
        } during: { port in
            let proxies = try ProxySettings(https: nil, http: "127.0.0.1:\(port)", noProxy: nil)
            let transport = try NetworkTransport(NetworkSettings(proxies: proxies), logger: quiet)
            let reply = try await transport.send(HTTPRequest("GET", "http://gitlab.example/path"))
            await transport.shutdown()
            return reply
        }
        #expect(reply.text == "ok")
        let lines = requests.withLock { $0.map { $0.prefix { $0 != "\r\n" } } }
        #expect(lines == ["CONNECT gitlab.example:80 HTTP/1.1", "GET /path HTTP/1.1"])
    }
}
