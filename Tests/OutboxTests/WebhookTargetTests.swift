import Secrets
import Testing

@testable import Outbox

@Suite("Where status may be sent")
struct WebhookTargetTests {
    @Test(
        "A60: an address that is plain http or https is taken",
        arguments: [
            ("https://hook.example.com", "hook.example.com"), ("HTTPS://Hook.Example.COM/a?b=c#d", "hook.example.com"),
            ("http://127.0.0.1:9000/x", "127.0.0.1:9000"), ("http://[::1]:9000/x", "[::1]:9000"),
            ("https://hook.example.com:8443/status/@team", "hook.example.com:8443"),
        ])
    func taken(_ url: String, _ host: String) throws {
        #expect(try WebhookTarget(url: url).host == host)
    }

    @Test(
        "A60: any other address is refused",
        arguments: [
            "", "hook.example.com", "ftp://hook.example.com", "file:///etc/passwd", "gopher://h/1", "https://", "https:///x",
            "https://user:password@hook.example.com/", "https://hook.example.com@evil.example/", "https://evil\\@good.example/",
            "https://good.example\\evil", "https://a b/", "https://good.example\r\nX: y", "https://g\u{f6}\u{f6}d.example/",
            "https://good%2eexample/", "https://good.example:99999999/", "https://good.example:/", "https://-x/", "javascript:alert(1)",
        ])
    func refused(_ url: String) {
        #expect(throws: WebhookTargetProblem.self) { try WebhookTarget(url: url) }
    }

    @Test(
        "A60: with a list of hosts, only exactly those are told",
        arguments: [
            ("https://hook.example.com/x", true), ("https://HOOK.example.com:8443/x", true), ("https://other.example:9000/", true),
            ("https://other.example/", false), ("https://other.example:9001/", false), ("https://sub.hook.example.com/", false),
            ("https://hook.example.com.evil.example/", false), ("https://evilhook.example.com/", false),
        ])
    func allowList(_ url: String, _ isAllowed: Bool) {
        let hosts: Set = ["Hook.example.com", "other.example:9000"]
        #expect(((try? WebhookTarget(url: url, allowedHosts: hosts)) != nil) == isAllowed)
    }

    @Test("a secret that can't sign is refused in words", arguments: ["", "whsec_", "whsec_***"])
    func uselessSecret(_ secret: String) {
        #expect(throws: WebhookTargetProblem.self) { try WebhookTarget(url: "https://h", secrets: [Secret(secret)]) }
    }
}
