import Glibc
import NIOCore
import NIOPosix
import NetworkAddresses
import Secrets
import Synchronization
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Network of the sandbox", .timeLimit(.minutes(2)), .enabled(if: SystemProgram.find("bwrap") != nil, "needs bubblewrap"))
struct EgressTests {
    /// Asks through whatever proxy the environment names, with perl alone.
    private static let ask = """
        ask() { perl -MIO::Socket::INET -e '
            my ($line) = @ARGV; $ENV{http_proxy} =~ m{//(.*)} or die "no proxy\\n";
            my $s = IO::Socket::INET->new(PeerAddr => $1, Timeout => 5) or die "no way: $!\\n";
            $line =~ s/\\\\r\\\\n/\\r\\n/g; print $s $line; local $/; my $all = <$s>; $all =~ s/\\r//g;
            print((split /\\n/, $all)[0], " | ", (split /\\n/, $all)[-1], "\\n");' "$1"; }

        """

    private func settings(_ hosts: [String]) -> SandboxSettings {
        var settings = SandboxSettings()
        settings.allowedHosts = hosts
        return settings
    }

    private func run(_ line: String, hosts: [String], _ fixture: SandboxFixture, _ sandbox: any Sandbox) async throws -> CommandOutcome {
        var command = SandboxedCommand(.shell(Self.ask + line), timeLimit: .seconds(40))
        command.allowedHosts = hosts
        return try await sandbox.run(command, in: fixture.tree)
    }

    @Test("A43: an allowed host is reached through the proxy, by tunnel and by plain request; others are refused and named")
    func allowed() async throws {
        let host = try await EchoHost()
        let name = "localhost:\(host.port)"
        try await SandboxFixture.with(settings(["internal:\(name)", "not-asked.example"])) { fixture, sandbox in
            let outcome = try await run(
                """
                ask 'CONNECT localhost:\(host.port) HTTP/1.1\\r\\n\\r\\nGET / HTTP/1.1\\r\\n\\r\\n'
                ask 'GET http://localhost:\(host.port)/path?q HTTP/1.1\\r\\nHost: other\\r\\nProxy-Authorization: x\\r\\n\\r\\n'
                ask 'CONNECT evil.example:443 HTTP/1.1\\r\\n\\r\\n'
                ask 'CONNECT not-asked.example:443 HTTP/1.1\\r\\n\\r\\n'
                ask 'CONNECT localhost:22 HTTP/1.1\\r\\n\\r\\n'
                ask 'CONNECT 127.0.0.1:\(host.port) HTTP/1.1\\r\\n\\r\\n'
                perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(PeerAddr => "127.0.0.1:\(host.port)", Timeout => 3) ? "REACHED\\n" : "direct: no\\n"'
                """, hosts: [name], fixture, sandbox)
            let lines = outcome.output.text.split(separator: "\n").map(String.init)
            try #require(lines.count == 7, "\(outcome)")
            #expect(lines[0].hasPrefix("HTTP/1.1 200") && lines[0].hasSuffix("hello"))
            #expect(lines[1].hasPrefix("HTTP/1.1 200") && lines[1].hasSuffix("hello"))
            for line in lines[2...4] { #expect(line.hasPrefix("HTTP/1.1 403")) }
            #expect(lines[5].hasPrefix("HTTP/1.1 400"))
            #expect(lines[6] == "direct: no")
            #expect(outcome.refusedHosts == ["evil.example:443", "not-asked.example:443", "localhost:22", "a request that can't be read"])
        }
        #expect(host.requests.contains("GET /path?q HTTP/1.1\r\nHost: localhost:\(host.port)\r\n"))
        #expect(!host.requests.contains("Proxy-Authorization"))
        await host.close()
    }

    @Test("A43: a host with a private address needs the operator's word")
    func privateAddress() async throws {
        let host = try await EchoHost()
        let name = "localhost:\(host.port)"
        try await SandboxFixture.with(settings([name])) { fixture, sandbox in
            let outcome = try await run("ask 'CONNECT \(name) HTTP/1.1\\r\\n\\r\\n'", hosts: [name], fixture, sandbox)
            #expect(outcome.output.text.hasPrefix("HTTP/1.1 403"))
            #expect(outcome.refusedHosts == ["\(name) (no public address)"])
        }
        #expect(host.requests == "")
        await host.close()
    }

    @Test("A43: what the operator does not allow is not opened by asking, and no proxy is there at all")
    func notAllowed() async throws {
        try await SandboxFixture.with { fixture, sandbox in
            let outcome = try await run("ask 'CONNECT x.example:443 HTTP/1.1\\r\\n\\r\\n'; env | grep -ci proxy", hosts: ["x.example"], fixture, sandbox)
            #expect(outcome.output.text == "no proxy\n0\n")
        }
    }

    @Test("A43: a name is resolved once; a second answer leads nowhere else")
    func rebinding() async throws {
        let host = try await EchoHost()
        let destination = "rebind.example:\(host.port)"
        let answers = Mutex(0)
        let policy = HostPolicy(asked: [destination], operatorAllows: ["internal:\(destination)"])
        let proxy = EgressProxy(
            policy,
            resolve: { _, _ in
                let count = answers.withLock { count in
                    count += 1
                    return count
                }
                return [count == 1 ? "127.0.0.1" : "169.254.169.254"]
            })
        try await withProxy(proxy) { address in
            for _ in 0..<3 {
                let answer = try await ask(address, "CONNECT \(destination) HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("hello\n"))
            }
        }
        #expect(answers.withLock { $0 } == 1)
        await host.close()
    }

    @Test(
        "A43: names that resolve to this machine, a neighbour or a metadata service are refused",
        arguments: [
            "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
            "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fd00::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
            "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1", "2001::1",
        ])
    func reserved(_ text: String) async throws {
        #expect(try !#require(HostAddress(text, port: 443)).isPublic)
        let policy = HostPolicy(asked: ["a.example"], operatorAllows: ["a.example"])
        let proxy = EgressProxy(policy, resolve: { _, _ in [text] })
        try await withProxy(proxy) { proxyAddress in
            let answer = try await ask(proxyAddress, "CONNECT a.example:443 HTTP/1.1\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403"))
        }
        #expect(proxy.refused == ["a.example:443 (no public address)"])
    }

    @Test("public addresses are public", arguments: ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"])
    func publicAddresses(_ text: String) throws {
        #expect(try #require(HostAddress(text, port: 443)).isPublic)
    }

    @Test(
        "A43: an address is no name, however it is written",
        arguments: [
            "127.0.0.1:443", "127.1:443", "2130706433:443", "0x7f000001:443", "0177.0.0.1:443", "[::1]:443", "a.example:443@evil",
            "user@a.example:443", "a.example:0", "a.example:99999", "a.example:443:1", "", "a..example:443", "-a.example:443", "a.example:+443",
            "a.exämple:443", "a.example/:443", "a.0x1:443",
        ])
    func names(_ text: String) {
        #expect(HostDestination(text, defaultPort: 443) == nil)
        #expect(ProxyRequest(head: Array("CONNECT \(text) HTTP/1.1\r\n\r\n".utf8)) == nil)
    }

    @Test("one spelling of a name is like another, and the port is exact")
    func spelling() throws {
        let policy = HostPolicy(asked: ["A.Example.", "b.example:8443"], operatorAllows: ["a.example", "B.EXAMPLE:8443", "c.example"])
        func allows(_ text: String) throws -> Bool { policy.allows(try #require(HostDestination(text, defaultPort: 443))) }
        #expect(try allows("a.EXAMPLE.:443") && allows("b.example:8443"))
        #expect(try allows("a.example:80") && !allows("a.example:8080"))
        #expect(try !allows("b.example:80") && !allows("b.example:443") && !allows("c.example:443") && !allows("sub.a.example:443"))
    }

    @Test(
        "A43: heads that could be read in two ways are refused",
        arguments: [
            "CONNECT a.example:443 HTTP/1.1\nHost: b\r\n\r\n", "CONNECT a.example:443 HTTP/1.1\r\n folded: x\r\n\r\n",
            "CONNECT  a.example:443 HTTP/1.1\r\n\r\n", "GET http://a.example@b.example/ HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
            "GET https://a.example/ HTTP/1.1\r\n\r\n", "CONNECT a.example HTTP/1.1\r\n\r\n", "CONNECT a.example:443 HTTP/2.0\r\n\r\n",
            "GET http://a.example\\@b.example/ HTTP/1.1\r\n\r\n", "CONNECT a.example:443\0 HTTP/1.1\r\n\r\n", "\r\n\r\n", "x\r\n\r\n",
        ])
    func heads(_ head: String) { #expect(ProxyRequest(head: Array(head.utf8)) == nil) }

    @Test(
        "A43: the operator's word opens his own networks, and never a metadata service, a neighbour's link or a crowd",
        arguments: [
            "169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "::ffff:169.254.169.254", "100.100.100.200", "168.63.129.16",
            "fd00:ec2::254", "fd20:ce::254",
        ])
    func internalHosts(_ text: String) throws {
        let policy = HostPolicy(asked: ["a.example"], operatorAllows: ["internal:a.example"])
        let host = try #require(HostDestination("a.example", defaultPort: 443))
        #expect(try !policy.allows(#require(HostAddress(text, port: 443)), of: host))
        for text in ["10.0.0.7", "192.168.1.1", "127.0.0.1", "fd00::1", "::1"] {
            #expect(try policy.allows(#require(HostAddress(text, port: 443)), of: host))
        }
    }

    @Test("A43: a project's wish opens nothing that the operator has not named")
    func grants() {
        #expect(HostRule.isGranted("a.example", by: ["A.example"]) && HostRule.isGranted("a.example:80", by: ["a.example"]))
        #expect(HostRule.isGranted("a.example:8443", by: ["a.example:8443"]))
        for wish in ["b.example", "a.example:8443", "x.a.example", "internal:b.example", "*", "10.0.0.1", ""] {
            #expect(!HostRule.isGranted(wish, by: ["a.example"]), "\(wish)")
        }
    }

    @Test("the company's proxy carries tunnels and plain requests, and gets its own credential")
    func companyProxy() async throws {
        let company = try await CompanyHost()
        let policy = HostPolicy(asked: ["a.example"], operatorAllows: ["a.example"])
        let route = CompanyProxy(host: "proxy.example", port: company.port, credentials: Secret("user:pass-word-1"))
        let proxy = EgressProxy(
            policy,
            resolve: { host, _ in
                guard host == "proxy.example" else { throw HostLookup.Failure() }
                return ["127.0.0.1"]
            }, route: { _, _, _ in route })
        try await withProxy(proxy) { address in
            let tunnel = try await ask(address, "CONNECT a.example:443 HTTP/1.1\r\n\r\nclient hello")
            #expect(tunnel == "HTTP/1.1 200 Connection established\r\n\r\nbehind the tunnel")
            let plain = try await ask(address, "GET http://a.example/x HTTP/1.1\r\nHost: other\r\n\r\n")
            #expect(plain.hasSuffix("plain answer"))
            let answer = try await ask(address, "CONNECT b.example:443 HTTP/1.1\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403"))
        }
        let authorization = "Proxy-Authorization: Basic dXNlcjpwYXNzLXdvcmQtMQ==\r\n"
        #expect(company.requests.contains("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\(authorization)\r\n"))
        #expect(company.requests.contains("GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\(authorization)\r\n"))
        #expect(!company.requests.contains("b.example"))
        await company.close()
    }

    @Test("A43: a name that is known to lead inside is not handed to the company's proxy either")
    func companyProxyInside() async throws {
        let company = try await CompanyHost()
        let policy = HostPolicy(asked: ["a.example"], operatorAllows: ["a.example"])
        let proxy = EgressProxy(
            policy, resolve: { _, _ in ["10.0.0.1"] },
            route: { [port = company.port] _, _, _ in CompanyProxy(host: "127.0.0.1", port: port, credentials: nil) })
        try await withProxy(proxy) { address in
            let answer = try await ask(address, "CONNECT a.example:443 HTTP/1.1\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403"))
        }
        #expect(company.requests == "")
        await company.close()
    }

    @Test("A43: the company's proxy sees no request but the one that was looked at")
    func companyProxySmuggling() async throws {
        let company = try await CompanyHost()
        let refusing = try await CompanyHost(refusesTunnels: true)
        let policy = HostPolicy(asked: ["a.example"], operatorAllows: ["a.example"])
        func proxy(by port: Int) -> EgressProxy {
            EgressProxy(
                policy, resolve: { host, _ in host == "a.example" ? ["1.1.1.1"] : ["127.0.0.1"] },
                route: { _, _, _ in CompanyProxy(host: "proxy.example", port: port, credentials: nil) })
        }
        let second = "GET http://intranet.example/ HTTP/1.1\r\nHost: intranet.example\r\n\r\n"
        try await withProxy(proxy(by: refusing.port)) { address in
            let answer = try await ask(address, "CONNECT a.example:80 HTTP/1.1\r\n\r\n" + second)
            #expect(answer.hasPrefix("HTTP/1.1 502"))
        }
        #expect(refusing.requests.hasPrefix("CONNECT a.example:80") && !refusing.requests.contains("intranet"), "\(refusing.requests)")
        try await withProxy(proxy(by: company.port)) { address in
            #expect(try await ask(address, "GET http://a.example/x HTTP/1.1\r\n\r\n" + second).hasSuffix("plain answer"))
            #expect(try await ask(address, "POST http://a.example/y HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + second).hasSuffix("plain answer"))
            let unclear = [
                "Transfer-Encoding: chunked", "Content-Length: 0\r\nContent-Length: 5", "Content-Length: 0x5", "Content-Length: +5", "Content-Length:",
            ]
            for lengths in unclear {
                let answer = try await ask(address, "POST http://a.example/z HTTP/1.1\r\n\(lengths)\r\n\r\n0\r\n\r\n" + second)
                #expect(answer.hasPrefix("HTTP/1.1 403"), "\(lengths)")
            }
        }
        #expect(company.requests.contains("\r\n\r\nhello"))
        #expect(!company.requests.contains("intranet") && !company.requests.contains("/z"), "\(company.requests)")
        await company.close()
        await refusing.close()
    }

    @Test("A43: the door's directory is closed to the machine's other users, who could keep a command waiting for ever")
    func doorDirectory() throws {
        let user = SandboxSettings.defaultUser
        let door = try EgressDoor(EgressProxy(HostPolicy(asked: [], operatorAllows: [])), user: user)
        defer { door.remove() }
        var status = stat()
        #expect(stat(door.directory.string, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(status.st_uid == user?.uid ?? geteuid())
    }

    @Test("a head is found wherever its end was cut in two")
    func headEnd() {
        let head = Array("GET http://a.example/ HTTP/1.1\r\nA: b\r\n\r\n".utf8)
        for known in 0..<head.count { #expect(ProxyRequest.end(of: head + [1, 2], from: known - 3) == head.count) }
        #expect(ProxyRequest.end(of: [13, 10, 13], from: 0) == nil && ProxyRequest.end(of: [], from: -3) == nil)
    }

    @Test("A43: more than the measure of bytes or connections ends, and is named")
    func measure() async throws {
        let host = try await EchoHost()
        let name = "a.example:\(host.port)"
        let policy = HostPolicy(asked: [name], operatorAllows: ["internal:\(name)"])
        let small = EgressProxy(policy, resolve: { _, _ in ["127.0.0.1"] }, bounds: EgressProxy.Bounds(bytes: 40))
        try await withProxy(small) { address in
            let answer = try await ask(address, "CONNECT \(name) HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
            #expect(!answer.contains("hello"))
        }
        #expect(small.refused == ["\(name) (more than 0 MiB)"])
        let narrow = EgressProxy(policy, resolve: { _, _ in ["127.0.0.1"] }, bounds: EgressProxy.Bounds(connections: 0))
        try await withProxy(narrow) { address in
            let answer = try await ask(address, "CONNECT \(name) HTTP/1.1\r\n\r\n")
            #expect(answer == "")
        }
        #expect(narrow.refused == ["more than 0 connections at once"])
        await host.close()
    }

    @Test("silence ends a connection: before the head, and after it")
    func silence() async throws {
        let host = try await SilentHost()
        let name = "a.example:\(host.port)"
        let policy = HostPolicy(asked: [name], operatorAllows: ["internal:\(name)"])
        let impatient = EgressProxy(policy, resolve: { _, _ in ["127.0.0.1"] }, bounds: EgressProxy.Bounds(headTime: .milliseconds(100)))
        try await withProxy(impatient) { address in
            let answer = try await ask(address, "CONN")
            #expect(answer == "")
        }
        let proxy = EgressProxy(policy, resolve: { _, _ in ["127.0.0.1"] }, bounds: EgressProxy.Bounds(idleTime: .seconds(1)))
        try await withProxy(proxy) { address in
            let open = try await ask(address, "CONNECT \(name) HTTP/1.1\r\n\r\n")
            #expect(open == "HTTP/1.1 200 Connection established\r\n\r\n")
        }
        await host.close()
    }

    @Test("an endless head is let go")
    func bounds() async throws {
        let proxy = EgressProxy(HostPolicy(asked: [], operatorAllows: []))
        try await withProxy(proxy) { address in
            let answer = try await ask(address, "CONNECT " + String(repeating: "a", count: 100_000))
            #expect(answer == "")
        }
    }

    private func withProxy(_ proxy: EgressProxy, _ body: (SocketAddress) async throws -> Void) async throws {
        let listener = try Loopback()
        let port = Int(listener.port)
        let descriptor = dup(listener.descriptor.rawValue)
        let service = Task { try await proxy.serve(descriptor) }
        do {
            try await body(try SocketAddress(ipAddress: "127.0.0.1", port: port))
            service.cancel()
            _ = await service.result
        } catch {
            service.cancel()
            throw error
        }
    }

    private func ask(_ address: SocketAddress, _ text: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(to: address) { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try? await outbound.write(ByteBuffer(string: text))
            var answer = ""
            do { for try await part in inbound { answer += String(buffer: part) } } catch is IOError {}
            return answer
        }
    }
}
