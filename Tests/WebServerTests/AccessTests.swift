import Domain
import Foundation
import TestSupport
import Testing

@testable import WebServer

@Suite("Who may see and steer", .timeLimit(.minutes(2)))
struct AccessTests {
    static let protected = [
        ("GET", "/"), ("GET", "/tasks/t1"), ("POST", "/tasks/t1/stop"), ("POST", "/tasks/t1/retry"), ("POST", "/sign-out"),
        ("GET", "/api/v1/tasks"), ("POST", "/api/v1/tasks"), ("GET", "/api/v1/tasks/t1"), ("GET", "/api/v1/tasks/t1/events"),
        ("POST", "/api/v1/tasks/t1/stop"), ("POST", "/api/v1/tasks/t1/retry"), ("GET", "/api/v1/deliveries"), ("GET", "/metrics"),
    ]

    private static func signIn(_ web: WebBench, headers: [(String, String)] = []) async throws -> String {
        let reply = try await web.send(
            "POST", "/sign-in", headers: [("Content-Type", "application/x-www-form-urlencoded")] + headers,
            body: "token=\(WebBench.adminToken)&next=%2Ftasks%2Ft1")
        #expect(reply.status == 303)
        return String(try #require(reply.header("set-cookie")).prefix { $0 != ";" })
    }

    private static func formToken(_ page: String) throws -> String {
        let start = try #require(page.range(of: "name=\"csrf\" value=\"")).upperBound
        return String(page[start...].prefix { $0 != "\"" })
    }

    @Test("A58: everything but health, assets and signing in needs the token", arguments: protected)
    func needsToken(_ method: String, _ path: String) async throws {
        try await WebBench.run { web in
            for headers in [[], [("Authorization", "Bearer wrong")], [("Authorization", "Basic \(WebBench.adminToken)")], [("Cookie", "ai_coder=a.b.c")]] {
                let reply = try await web.send(method, path, headers: headers)
                #expect(reply.status == 401)
                #expect(!reply.body.contains("task_id"))
            }
            let query = try await web.send(method, "\(path)?token=\(WebBench.adminToken)")
            #expect(query.status == 401)
        }
    }

    @Test("A58: without a token it answers on this machine only, and only under this machine's names")
    func withoutToken() async throws {
        try await WebBench.run {
            $0.adminToken = nil
        } _: { web in
            for host in ["127.0.0.1:\(web.port)", "localhost:\(web.port)", "LOCALHOST", "[::1]:80"] {
                let reply = try await web.send("GET", "/api/v1/tasks", host: host)
                #expect(reply.status == 200)
            }
            for host in ["evil.example", "127.0.0.1.evil.example", "evil.example:\(web.port)", "localhost.evil.example", "10.0.0.1", ""] {
                for path in ["/api/v1/tasks", "/"] {
                    let reply = try await web.send("GET", path, host: host)
                    #expect([400, 403].contains(reply.status), "\(host)")
                }
            }
            for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto", "Via", "CF-Connecting-IP", "True-Client-IP"] {
                let reply = try await web.send("GET", "/api/v1/tasks", headers: [(header, "127.0.0.1")])
                #expect(reply.status == 403, "\(header)")
            }
            // As nginx passes on what it is not told anything about.
            let proxied = try await web.raw("GET /api/v1/tasks HTTP/1.0\r\nHost: 127.0.0.1:\(web.port)\r\nConnection: close\r\n\r\n")
            #expect(proxied.status == 403)
            #expect(try await web.raw("GET /healthz HTTP/1.0\r\nHost: 127.0.0.1:\(web.port)\r\nConnection: close\r\n\r\n").status == 200)
        }
        try await WebBench.run {
            ($0.adminToken, $0.host) = (nil, "0.0.0.0")
        } _: { web in
            let reply = try await web.send("GET", "/api/v1/tasks")
            #expect((reply.status, reply.string("code")) == (403, "admin_token_needed"))
            #expect(try await web.send("GET", "/").status == 403)
            #expect(try await web.send("GET", "/healthz").status == 200)
        }
    }

    @Test("A58: another site can't make a browser write", arguments: ["session", "loopback"])
    func crossSite(_ way: String) async throws {
        try await WebBench.run {
            if way == "loopback" { $0.adminToken = nil }
        } _: { web in
            let cookie = way == "session" ? [("Cookie", try await Self.signIn(web))] : []
            let json = [("Content-Type", "application/json")]
            for bad in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "null")] {
                let reply = try await web.send("POST", "/api/v1/tasks", headers: cookie + json + [bad], body: APITests.json())
                #expect((reply.status, reply.string("code")) == (403, "cross_site"))
            }
            let own = [("Origin", "http://127.0.0.1:\(web.port)"), ("Sec-Fetch-Site", "same-origin")]
            #expect(try await web.send("POST", "/api/v1/tasks", headers: cookie + json + own, body: APITests.json()).status == 202)
            let preflight = try await web.send("OPTIONS", "/api/v1/tasks", headers: [("Origin", "https://evil.example")])
            #expect(preflight.header("access-control-allow-origin") == nil)
        }
    }

    @Test("A58: a form without the page's own token does nothing")
    func forms() async throws {
        try await WebBench.run { web in
            _ = try await web.admin("POST", "/api/v1/tasks", json: APITests.json(#", "task_id": "t1""#))
            let cookie = [("Cookie", try await Self.signIn(web))]
            let form = cookie + [("Content-Type", "application/x-www-form-urlencoded")]
            let page = try await web.send("GET", "/tasks/t1", headers: cookie)
            let token = try Self.formToken(page.body)
            for body in ["", "csrf=", "csrf=wrong", "csrf=\(token)x", "other=\(token)"] {
                #expect([400, 403].contains(try await web.send("POST", "/tasks/t1/stop", headers: form, body: body).status))
            }
            let otherCookie = try await Self.signIn(web)
            let stolen = try await web.send(
                "POST", "/tasks/t1/stop", headers: [("Cookie", otherCookie), ("Content-Type", "application/x-www-form-urlencoded")],
                body: "csrf=\(token)")
            #expect(stolen.status == 403)
            let good = try await web.send("POST", "/tasks/t1/stop", headers: form, body: "csrf=\(token)")
            #expect((good.status, good.header("location")) == (303, "/tasks/t1"))
            #expect(try await web.send("GET", "/tasks/t1", headers: cookie).body.contains("Do it again"))
        }
    }

    @Test("the cookie is strict, not for scripts, has an end, and dies with the token")
    func cookie() async throws {
        let clock = HandClock(Date())
        try await WebBench.run({ $0.publicURL = "https://bot.example.com" }, now: { clock.now }) { web in
            let reply = try await web.send(
                "POST", "/sign-in", headers: [("Content-Type", "application/x-www-form-urlencoded")], body: "token=\(WebBench.adminToken)")
            let cookie = try #require(reply.header("set-cookie"))
            for part in ["__Host-ai_coder=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=43200"] { #expect(cookie.contains(part)) }
            #expect(!cookie.contains(WebBench.adminToken))
            let pair = String(cookie.prefix { $0 != ";" })
            #expect(try await web.send("GET", "/", headers: [("Cookie", "x=y; \(pair)")]).status == 200)
            #expect(try await web.send("GET", "/", headers: [("Cookie", String(pair.dropLast()) + (pair.last == "0" ? "1" : "0"))]).status == 401)
            let longer = pair.replacing(/\.(\d+)\./) { ".\(Int($0.output.1).map { $0 + 9 } ?? 0)." }
            #expect(try await web.send("GET", "/", headers: [("Cookie", longer)]).status == 401)
            clock.advance(seconds: 13 * 3600)
            #expect(try await web.send("GET", "/", headers: [("Cookie", pair)]).status == 401)
        }
    }

    @Test("A58: who signs out has ended the session, also for whoever else holds its cookie")
    func signOut() async throws {
        try await WebBench.run { web in
            let cookie = [("Cookie", try await Self.signIn(web))]
            let other = [("Cookie", try await Self.signIn(web))]
            let token = try Self.formToken(try await web.send("GET", "/", headers: cookie).body)
            let form = cookie + [("Content-Type", "application/x-www-form-urlencoded")]
            #expect(try await web.send("POST", "/sign-out", headers: form, body: "csrf=\(token)").status == 303)
            #expect(try await web.send("GET", "/api/v1/tasks", headers: cookie).status == 401)
            #expect(try await web.send("GET", "/", headers: cookie).status == 401)
            #expect(try await web.send("GET", "/api/v1/tasks", headers: other).status == 200)
        }
    }

    @Test("guesses from one IPv6 network, and those of more addresses than are kept, are slowed down like those of one address")
    func manyAddresses() {
        let now = Date()
        let network = FailureThrottle(limit: 10, window: 60)
        for number in 0..<10 { network.failed("2001:db8:1:2::\(number)", at: now) }
        #expect(network.wait("2001:db8:1:2:ffff::1", at: now) == 60)
        #expect(network.wait("2001:db8:1:3::1", at: now) == nil)
        let flood = FailureThrottle(limit: 10, window: 60)
        for number in 0..<10_001 { flood.failed("10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)", at: now) }
        for number in 0..<10 { flood.failed("192.0.2.\(number)", at: now) }
        #expect(flood.wait("192.0.2.99", at: now) == 60)
        #expect(flood.wait("10.0.0.1", at: now) == nil)
    }

    @Test(
        "signing in goes back to the page, and nowhere else",
        arguments: [
            ("/tasks/t1", "/tasks/t1"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/"),
            ("/a\r\nSet-Cookie: x=y", "/"), ("", "/"), ("javascript:alert(1)", "/"),
        ])
    func redirect(_ next: String, location: String) async throws {
        try await WebBench.run { web in
            let escaped = next.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let reply = try await web.send(
                "POST", "/sign-in", headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: "token=\(WebBench.adminToken)&next=\(escaped)")
            #expect((reply.status, reply.header("location")) == (303, location))
        }
    }

    @Test("guessing is slowed down, by either door, and never locks out who knows the token")
    func throttle() async throws {
        let clock = HandClock(Date())
        try await WebBench.run(now: { clock.now }) { web in
            for _ in 0..<10 { #expect(try await web.send("GET", "/api/v1/tasks", headers: [("Authorization", "Bearer guess")]).status == 401) }
            let guess = [("Authorization", "Bearer guess")]
            let reply = try await web.send("GET", "/api/v1/tasks", headers: guess)
            #expect((reply.status, reply.header("retry-after")) == (429, "60"))
            #expect(try await web.admin("GET", "/api/v1/tasks").status == 200)
            let form = [("Content-Type", "application/x-www-form-urlencoded")]
            #expect(try await web.send("POST", "/sign-in", headers: form, body: "token=guess").status == 429)
            #expect(try await web.send("POST", "/sign-in", headers: form, body: "token=\(WebBench.adminToken)").status == 303)
            #expect(try await web.deliver(IntakeTests.note()).status == 202)
            clock.advance(seconds: 61)
            #expect(try await web.send("GET", "/api/v1/tasks", headers: guess).status == 401)
        }
    }

    @Test("every answer carries the headers that keep pages safe", arguments: ["/", "/healthz", "/nothing", "/api/v1/tasks", "/sign-in", "/assets/app.js"])
    func headers(_ path: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.send("GET", path)
            let policy = try #require(reply.header("content-security-policy"))
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(reply.header("x-content-type-options") == "nosniff")
            #expect(reply.header("server") == nil)
            if !path.hasPrefix("/assets") { #expect(reply.header("cache-control") == "no-store") }
        }
    }

    @Test("a link from another site leads to the page, once the browser has loaded it by itself")
    func crossSiteLink() async throws {
        try await WebBench.run { web in
            let first = try await web.send("GET", "/tasks/t1", headers: [("Sec-Fetch-Site", "cross-site")])
            #expect(first.status == 401 && first.body.contains("http-equiv=\"refresh\""))
            let second = try await web.send("GET", "/tasks/t1", headers: [("Sec-Fetch-Site", "same-origin")])
            #expect(second.status == 401 && !second.body.contains("http-equiv=\"refresh\""))
        }
    }
}
