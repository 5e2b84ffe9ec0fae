import Secrets
import Testing
import Transport

@Suite struct PureTransportTests {
    @Test(
        "Retry-After is read in each of its forms",
        arguments: [
            (["retry-after-ms": "1500", "retry-after": "9"], 1.5), (["Retry-After": " 7 "], 7), (["retry-after": "0.25"], 0.25),
            (["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT"], 10), (["retry-after": "Sunday, 06-Nov-94 08:49:47 GMT"], 10),
            (["retry-after": "Sun Nov  6 08:49:47 1994"], 10), (["retry-after": "Sun, 06 Nov 1994 08:49:00 GMT"], 0),
            (["retry-after": "soon"], nil), (["retry-after": "-1"], nil), (["retry-after": "nan"], nil), ([:], nil),
            (["retry-after": "99, 99 Foo 12345 99:99:99 GMT"], nil),
        ] as [(HeaderFields, Double?)])
    func retryAfter(_ headers: HeaderFields, _ seconds: Double?) {
        #expect(RetryAfter.read(headers, now: 784_111_777) == seconds.map { .seconds($0) })
    }

    private func clock(_ random: Double = 0, elapsed: Duration = .zero) -> RetryClock {
        RetryClock(date: { 0 }, elapsed: { elapsed }, sleep: { _ in }, random: { random })
    }

    @Test("waits double up to the cap, then there are no more tries")
    func backoff() {
        var schedule = RetryPolicy(attempts: 6, base: .seconds(1), cap: .seconds(5), budget: .seconds(100), clock: clock()).start()
        let waits = (0..<6).map { _ in schedule.delay() }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5), nil])
    }

    @Test("jitter takes up to a quarter off; a server's time is never undercut, nor waited for when it is too long")
    func jitter() {
        var schedule = RetryPolicy(attempts: 9, base: .seconds(4), longestRetryAfter: .seconds(60), clock: clock(1)).start()
        let waits = [schedule.delay(), schedule.delay(after: ["retry-after": "10"]), schedule.delay(after: ["retry-after": "61"])]
        #expect(waits == [.seconds(3), .seconds(11), nil])
    }

    @Test("the budget covers waits to come")
    func budget() {
        var schedule = RetryPolicy(attempts: 9, budget: .seconds(5), clock: clock()).start()
        let waits = [schedule.delay(after: ["retry-after": "5"]), schedule.delay(after: ["retry-after": "6"])]
        #expect(waits == [.seconds(5), nil])
    }

    @Test(
        "the proxy is chosen by scheme, host and NO_PROXY",
        arguments: [
            ("https", "gitlab.com", 443, "secure"), ("http", "gitlab.com", 80, "plain"), ("https", "localhost", 443, nil),
            ("https", "127.0.0.1", 443, nil), ("https", "corp.example", 443, nil), ("https", "a.corp.example", 443, nil),
            ("https", "notcorp.example", 443, "secure"), ("https", "x.star.example", 443, nil), ("https", "10.1.2.3", 443, nil),
            ("https", "11.1.2.3", 443, "secure"), ("https", "host.example", 8443, nil), ("https", "host.example", 443, "secure"),
            ("https", "CORP.EXAMPLE", 443, nil),
        ] as [(String, String, Int, String?)])
    func proxies(_ scheme: String, _ host: String, _ port: Int, _ expected: String?) throws {
        let settings = try ProxySettings(
            https: "http://secure:3128", http: "plain:8080", noProxy: "corp.example, *.star.example,10.0.0.0/8,host.example:8443")
        #expect(settings.proxy(scheme: scheme, host: host, port: port)?.host == expected)
    }

    @Test("a proxy setting is read with its user, or refused by name")
    func proxyText() throws {
        let proxy = try ProxySettings.Proxy("http://us%40er:p%3Ass@[::1]:3128/", setting: "HTTPS_PROXY")
        #expect(proxy.host == "::1" && proxy.port == 3128 && proxy.credentials == Secret("us@er:p:ss"))
        for text in ["https://secure:1", "ftp://x", "http://", "http://host:99999", "http://host:x"] {
            let problem = #expect(throws: NetworkSettingsProblem.self) { try ProxySettings.Proxy(text, setting: "HTTPS_PROXY") }
            #expect(problem?.message.hasPrefix("HTTPS_PROXY") == true)
        }
        #expect(try ProxySettings(https: " ", http: nil, noProxy: nil).https == nil)
    }

    @Test("A56: what is printed of a request holds no credential")
    func printing() {
        let request = HTTPRequest(
            "POST", "https://user:password1@host/path?private_token=hunter2#f", headers: ["PRIVATE-TOKEN": "hunter3"], body: Array("hunter4".utf8))
        var text = "\(request) \(String(reflecting: request)) \(request.headers)"
        dump(request, to: &text)
        #expect(text.hasPrefix("POST https://host/path "))
        #expect(["password1", "hunter2", "hunter3", "hunter4"].allSatisfy { !text.contains($0) })
    }

    @Test("header names have no case")
    func headers() {
        var headers: HeaderFields = ["Content-Type": "a", "X": "1"]
        headers.add("x", "2")
        #expect(headers["content-type"] == "a" && headers.all("X") == ["1", "2"])
        headers["x"] = "3"
        #expect(headers.all("X") == ["3"])
        #expect(headers["[ontent-type"] == nil)
    }
}
