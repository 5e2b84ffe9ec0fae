import Secrets
import Testing

@Suite(.serialized) struct RedactorTests {
    private static let secret = #"pa/ss"w\rd+Ü9 &x-very-long"#

    @Test(
        "A56: a configured secret is hidden in each of its usual encodings",
        arguments: [
            #"pa/ss"w\rd+Ü9 &x-very-long"#,
            #"pa/ss\"w\\rd+Ü9 &x-very-long"#,
            #"pa\/ss\"w\\rd+Ü9 &x-very-long"#,
            "pa%2Fss%22w%5Crd%2B%C3%9C9%20%26x-very-long",
            "pa%2fss%22w%5crd%2b%c3%9c9%20%26x-very-long",
            #"pa/ss&quot;w\rd+Ü9 &amp;x-very-long"#,
            "70612f737322775c72642bc39c3920267" + "82d766572792d6c6f6e67",
            "70612F737322775C72642BC39C3920267" + "82D766572792D6C6F6E67",
        ])
    func encodings(_ form: String) {
        let redacted = Redactor(secrets: [Secret(Self.secret)]).redact("before \(form) after")
        #expect(redacted == "before *** after")
    }

    @Test(
        "A56: a secret that is escaped here and there, torn, or encoded twice is hidden",
        arguments: [
            #"pa/ss\u0022w\\rd+\u00dc9 \u0026x-very-long"#, #"pa\x2fss"w\x5crd+Ü9 &x-very-long"#, "pa/ss&#34;w&#92;rd&#x2B;Ü9 &#38;x-very-long",
            "pa/ss%22w\\rd+Ü9%20&x-very-long", "pa%252Fss%2522w%255Crd%252B%25C3%259C9%2520%2526x-very-long", #"pa/ss\\\"w\\\\rd+Ü9 &x-very-long"#,
            "pa/ss\"w\\rd+\nÜ9 &x-very-long", "pa/ss\"\u{200B}w\\rd+Ü9 &x-\u{1B}[31mvery-long", "pa/ss\"w\\rd+Ü9 `&x-very`-long",
            #"pa/ss"w\\rd+Ü9 &amp;x-very-long"#,
        ])
    func mixed(_ form: String) {
        #expect(Redactor(secrets: [Secret(Self.secret)]).redact("before \(form) after") == "before *** after")
    }

    @Test("A56: base64 in lines, and text of two bytes a character, hide nothing")
    func lined() {
        let value = "correct-horse-battery-staple-and-some-more-words-of-a-long-token-0123456789"
        let encoded = base64Encoded(Array(("user:" + value).utf8))
        let lines = "\(encoded.prefix(76))\n    \(encoded.dropFirst(76))"
        let redacted = Redactor(secrets: [Secret(value)]).redact("a \(lines) z")
        #expect(redacted.hasPrefix("a ") && redacted.hasSuffix(" z") && redacted.utf8.count < 24)
        let wide = value.flatMap { [$0, "\0"] as [Character] }
        #expect(Redactor(secrets: [Secret(value)]).redact("a \(String(wide)) z").utf8.count < 12)
    }

    @Test("A56: half a secret that a cut has left is hidden, and half a sentence is not")
    func halves() {
        let token = "tok-9f86D081884c7d659a2FEAA0c55ad015"
        let redactor = Redactor(secrets: [Secret(token), Secret("my-project-webhook-secret-of-production")])
        #expect(redactor.redact("key=\(token.prefix(22))...") == "key=***...")
        #expect(redactor.redact("…\(token.suffix(25)) was refused") == "…*** was refused")
        #expect(redactor.findings(in: "key=\(token.prefix(22))...").isEmpty)
        #expect(redactor.redact("my-project-webhook-secret is a name") == "my-project-webhook-secret is a name")
        #expect(redactor.redact("x \(token) y") == "x *** y")
    }

    @Test("lines that only together hold a short secret are left as they are")
    func chance() {
        #expect(Redactor(secrets: [Secret("hunter22")]).redact("hunt\ner22") == "hunt\ner22")
        #expect(Redactor(secrets: [Secret("hunter22-hunter22")]).redact("50% & more \\ of `it`\n") == "50% & more \\ of `it`\n")
    }

    @Test("A56: base64 hides the secret whatever stands before it", arguments: ["", "u", "us", "use", "user:", "oauth2:"])
    func base64(_ before: String) {
        let value = "correct-horse-battery"
        let encoded = base64Encoded(Array((before + value + "!").utf8))
        let redactor = Redactor(secrets: [Secret(value)])
        let redacted = redactor.redact("x \(encoded) y")
        #expect(redacted.contains("***"))
        let core = base64Encoded(Array(value.utf8)).dropFirst(2).dropLast(4)
        #expect(!redacted.contains(core))
        #expect(redacted.hasPrefix("x ") && redacted.hasSuffix(" y"))
        #expect(redacted.utf8.count < "x  y***".utf8.count + (before.utf8.count + 3) * 4 / 3 + 4)
    }

    @Test("A56: a secret is known in the forms that a page gives its characters")
    func page() {
        let redactor = Redactor(secrets: [Secret("ab`cd<ef&gh\"ij'kl")])
        #expect(redactor.redact("x ab&#96;cd&lt;ef&amp;gh&quot;ij&#39;kl y") == "x *** y")
        #expect(redactor.redact("x ab`cd&lt;ef&amp;gh&quot;ij&#39;kl y") == "x *** y")
    }

    @Test("a secret of several lines is hidden line by line too")
    func lines() {
        let key = "-----BEGIN X-----\nAAAAB3NzaC1yc2EAAAADAQABAAABgQ\nCqGKukO1De7zhZj6EAAAADAQABAAAB\n-----END X-----"
        let redacted = Redactor(secrets: [Secret(key)]).redact("log: CqGKukO1De7zhZj6EAAAADAQABAAAB.")
        #expect(redacted == "log: ***.")
    }

    @Test(
        "A56: tokens are known by their shape",
        arguments: [
            ("use glpat-AbCdEfGhIjKl_MnOp-Qr now", "use *** now"),
            ("glpat-aBc123xYz789aBc123xYz789aB.01.0a1b2c3d4.", "***."),
            ("gldt-AbCdEfGhIjKlMnOpQrSt", "***"), ("glrt-AbCdEfGhIjKlMnOpQrSt", "***"),
            ("glcbt-64_AbCdEfGhIjKlMnOpQrSt", "***"), ("glptt-0123456789abcdef0123456789abcdef01234567", "***"),
            ("key=sk-ant-api03-AbCdEfGhIjKlMnOp-_1234", "key=***"),
            ("sk-proj-AbCdEf1234567890GhIjKl", "***"), ("sk-0123456789abcdef0123456789abcdef", "***"),
            ("ghp_AbCdEfGhIjKlMnOpQrSt0123456789", "***"), ("(AKIAIOSFODNN7ABCDEFG)", "(***)"),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "***"), ("xoxb-1234567890-abcdefghij", "***"),
            ("GR1348941" + "aBcD_1234efGH5678ij", "***"), ("sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "***"), ("rk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "***"),
            ("pypi-AgE" + "IcHlwaS5vcmcCJGZkM2YxMjM0LTU2NzgtOWFiYy1kZWYw", "***"), ("dop_v1_" + "0123456789abcdef0123456789abcdef0123456789", "***"),
            ("https://hooks.slack.com/services/" + "T01AB2CD3/B04EF5GH6/a1B2c3D4e5F6g7H8", "https://***"), ("GOCSPX-" + "aB1cD2eF3gH4iJ5kL6mN7o", "***"),
            ("SG." + "aB1cD2eF3gH4iJ5kL6mN7o.pQ8rS9tU0vW1xY2zA3bC4dE5fG6hI7jK8lM9nO0pQ1r", "***"), ("hvs." + "CAESIJ1kL2mN3oP4qR5sT6uV7w", "***"),
            ("dckr_pat_" + "aB1cD2eF3gH4iJ5kL6mN7o", "***"), ("self.hvs.configuration", "self.hvs.configuration"), ("risk_live_data", "risk_live_data"),
            ("t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P;", "t=***;"),
            ("https://oauth2:hunter2hunter2@gitlab.com/a.git", "https://oauth2:***@gitlab.com/a.git"),
            ("postgres://app:p@db/x", "postgres://app:***@db/x"),
            ("https://AbCdEfGh0123456789@host/x", "https://***@host/x"),
            ("Authorization: Bearer AbCd1234EfGh5678", "Authorization: Bearer ***"),
            (#"{"authorization": "Basic dXNlcjpwYXNzd29yZA=="}"#, #"{"authorization": "Basic ***"}"#),
            ("PRIVATE-TOKEN: Zx81kLq92mNp", "PRIVATE-TOKEN: ***"), ("x-api-key=Zx81kLq92mNp&a", "x-api-key=***&a"),
        ])
    func shapes(_ text: String, _ expected: String) {
        #expect(Redactor().redact(text) == expected)
    }

    @Test("A56: private key blocks are hidden, also cut ones and ones inside JSON")
    func keyBlocks() {
        let body = String(repeating: "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n", count: 3)
        let block = "-----BEGIN RSA PRIVATE KEY-----\n\(body)-----END RSA PRIVATE KEY-----"
        #expect(Redactor().redact("a \(block) b") == "a *** b")
        #expect(Redactor().redact("a -----BEGIN PRIVATE KEY-----\n\(body)") == "a ***")
        let escaped = block.replacing("\n", with: "\\n")
        #expect(Redactor().redact(#"{"key": "\#(escaped)"}"#) == #"{"key": "***"}"#)
        #expect(Redactor().findings(in: "x\n" + block).map(\.line) == [2])
    }

    @Test(
        "ordinary code and prose stay as they are, and block no commit",
        arguments: [
            #"token = os.environ["GITLAB_API_TOKEN"]"#, "headers['Authorization'] = f'Bearer {token}'",
            #"request.headers["PRIVATE-TOKEN"] = settings.token"#, "Authorization: Bearer $TOKEN",
            "curl -H 'PRIVATE-TOKEN: <your_access_token>' https://gitlab.com/api/v4",
            "if text.contains(\"-----BEGIN PRIVATE KEY-----\") { return true } // a marker, and more code after it",
            ".sk-folding-cube-and-more-words-here { color: red }", "git clone ssh://git@gitlab.com/a/b.git",
            "https://user:${PASSWORD}@host/x", "https://user:{password}@host", "the glpat- prefix", "task-runner-of-2024",
            "let password = \"secret\"", "api-key: required", "import x.y.z as eyJustAName",
            "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "uuid 123e4567-e89b-12d3-a456-426614174000", "https://example.com:8080/path@2x.png",
        ])
    func quiet(_ text: String) {
        let redactor = Redactor(secrets: [Secret("abc"), Secret("")])
        #expect(redactor.redact(text) == text)
        #expect(redactor.findings(in: text).isEmpty)
    }

    @Test(
        "placeholders and passwords of test set-ups block no commit",
        arguments: [
            "glpat-xxxxxxxxxxxxxxxxxxxx", "AKIAIOSFODNN7EXAMPLE", "postgres://postgres:postgres@localhost/db",
            "https://user:password@example.com", "Authorization: Bearer your-token-goes-here-123",
            "sk-ant-your-key-goes-here-0000",
        ])
    func placeholders(_ text: String) {
        #expect(Redactor().findings(in: text).isEmpty)
    }

    @Test("A56: a finding names line and kind and never the value")
    func findings() {
        let redactor = Redactor(secrets: [Secret("hunter2-hunter2")])
        let text = "one\ntoken: glpat-AbCdEfGhIjKl_MnOp-Q1\n\nx = 'hunter2-hunter2'\n"
        #expect(
            redactor.findings(in: text) == [
                SecretFinding(line: 2, kind: "a GitLab token"), SecretFinding(line: 4, kind: "a configured secret"),
            ])
        #expect(
            redactor.findings(in: [0xFF, 0x0A] + Array("ghp_AbCdEfGhIjKlMnOpQrSt0123456789".utf8))
                == [SecretFinding(line: 2, kind: "a GitHub token")])
    }

    @Test("adding keeps what was known")
    func adding() {
        let redactor = Redactor(secrets: [Secret("first-secret")]).adding([Secret("second-secret")])
        #expect(redactor.redact("first-secret second-secret") == "*** ***")
    }

    @Test(
        "no line is too long or too nasty", .timeLimit(.minutes(2)),
        arguments: [
            "eyJ-", "://", "://a:", "-----BEGIN PRIVATE KEY-----", "glpat-", "Authorization: Bearer ", "sk-ant-a", "x", "eyJhbGciOi.", "%41\\u0041&#65;", "\n",
            "&", "%", "`",
        ])
    func linear(_ piece: String) {
        // Work that grew with the square of the length would take hours.
        let size = piece == "x" ? 10 << 20 : piece.contains("&") ? 1 << 18 : 2 << 20
        let text = String(repeating: piece, count: size / piece.utf8.count)
        let redacted = Redactor(secrets: [Secret("planted-secret")]).redact(text + " planted-secret")
        #expect(redacted.hasSuffix("***"))
    }

    @Test("a secret never shows itself")
    func printing() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect("\(secret) \(String(reflecting: secret)) \(dumped)".contains("hunter2") == false)
    }

    private func base64Encoded(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var result = ""
        var index = 0
        while index < bytes.count {
            let group = (0..<3).map { index + $0 < bytes.count ? UInt32(bytes[index + $0]) : 0 }
            let value = group[0] << 16 | group[1] << 8 | group[2]
            for place in 0..<4 {
                result.append(index + place <= bytes.count ? alphabet[Int(value >> (18 - 6 * UInt32(place)) & 63)] : "=")
            }
            index += 3
        }
        return result
    }

    @Test("A56: a secret that becomes known later is taken out by every copy, also by those that know more")
    func learned() {
        let redactor = Redactor(secrets: [Secret("first-secret-value")])
        let copy = redactor
        let wider = redactor.adding([Secret("second-secret-value")])
        redactor.learn([Secret("later-secret-value")])
        for one in [redactor, copy, wider] {
            #expect(one.redact("a later-secret-value b first-secret-value") == "a *** b ***")
            #expect(!one.findings(in: "x = later-secret-value").isEmpty)
        }
        #expect(Redactor().redact("later-secret-value") == "later-secret-value")
    }
}
