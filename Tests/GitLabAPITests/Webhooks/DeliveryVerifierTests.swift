import Crypto
import Foundation
import Secrets
import TestSupport
import Testing

@testable import GitLabAPI

@Suite("Who sent a delivery")
struct DeliveryVerifierTests {
    private static let token = "a-long-enough-secret"
    private static let signingToken = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let now = Date(timeIntervalSince1970: 1_760_000_000)
    /// Worked out with another implementation of HMAC.
    private static let body = Array("{\"object_kind\":\"note\",\"text\":\"héllo \\u0000\"}".utf8)
    private static let signature = "v1,6FPYScTesRzq3YR7fO5cw+WJeEJYSjPZI1dyDoHilok="

    private static func signed(
        _ signature: String = signature, id: String = "msg_1", timestamp: String = "1760000000"
    ) -> [(name: String, value: String)] {
        [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)]
    }

    private func judge(
        _ credentials: [DeliveryVerifier.Credential], _ headers: [(name: String, value: String)],
        body: [UInt8] = body, now: Date = now
    ) throws -> DeliveryVerifier.Verdict {
        try DeliveryVerifier(credentials).judge(DeliveryHeaders(headers), body: body, now: now)
    }

    private var plain: DeliveryVerifier.Credential { .init(.token, Secret(Self.token)) }
    private var signing: DeliveryVerifier.Credential { .init(.signingToken, Secret(Self.signingToken)) }

    @Test(
        "A01: only the right token, once, in its header, is accepted",
        arguments: [
            ([("X-Gitlab-Token", token)], nil as DeliveryVerifier.Reason?),
            ([("x-gitlab-token", token)], nil),
            ([], .missingToken),
            ([("X-Gitlab-Token", "")], .missingToken),
            ([("X-Gitlab-Token", " ")], .wrongToken),
            ([("X-Gitlab-Token", "a-long-enough-secreT")], .wrongToken),
            ([("X-Gitlab-Token", token + "x")], .wrongToken),
            ([("X-Gitlab-Token", String(token.dropLast()))], .wrongToken),
            ([("X-Gitlab-Token", "\(token), \(token)")], .wrongToken),
            ([("X-Gitlab-Token", token), ("X-Gitlab-Token", token)], .repeatedHeader),
            ([("X-Gitlab-Token", "wrong"), ("X-Gitlab-Token", token)], .repeatedHeader),
            ([("X-Gitlab-Token", ""), ("X-Gitlab-Token", token)], .missingToken),
            ([("Authorization", "Bearer \(token)")], .missingToken),
            ([("X-Gitlab-Token2", token)], .missingToken),
            ([("Cookie", "X-Gitlab-Token=\(token)")], .missingToken),
        ] as [([(String, String)], DeliveryVerifier.Reason?)])
    func tokens(_ headers: [(String, String)], reason: DeliveryVerifier.Reason?) throws {
        let verdict = try judge([plain], headers.map { (name: $0.0, value: $0.1) })
        #expect(verdict == (reason.map { .rejected($0) } ?? .accepted(.init(by: .token, projects: nil))))
    }

    @Test(
        "A01: a secret that protects nothing is refused at the start",
        arguments: [
            (DeliveryVerifier.Credential.Kind.token, ""), (.token, "short"), (.token, "123456789012345"),
            (.token, "                    "), (.signingToken, "whsec_"), (.signingToken, "whsec_AAEC"),
            (.signingToken, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), (.signingToken, "whsec_not base64 at all!!!!!!!!!!!!"),
        ])
    func unusable(_ kind: DeliveryVerifier.Credential.Kind, text: String) {
        #expect(throws: DeliveryVerifier.UnusableSecret.self) { try DeliveryVerifier([.init(kind, Secret(text))]) }
        #expect(throws: DeliveryVerifier.UnusableSecret.self) { try DeliveryVerifier([]) }
    }

    @Test(
        "A04: a good signature is accepted with either reading of the clock's tolerance",
        arguments: [
            (0.0, nil as DeliveryVerifier.Reason?), (300, nil), (-300, nil), (301, .staleSignature), (-301, .staleSignature),
            (1e9, .staleSignature),
        ])
    func age(_ seconds: Double, reason: DeliveryVerifier.Reason?) throws {
        let verdict = try judge([signing], Self.signed(), now: Self.now + seconds)
        #expect(verdict == (reason.map { .rejected($0) } ?? .accepted(.init(by: .signingToken, projects: nil))))
    }

    @Test(
        "A04: altered, unknown and malformed signatures",
        arguments: [
            (signed("v1,\(String(repeating: "A", count: 43))= \(signature)"), nil as DeliveryVerifier.Reason?),
            (signed("v2,abc \(signature)"), nil),
            (signed("v1,\(String(repeating: "A", count: 43))="), .wrongSignature),
            (signed(String(signature.dropLast())), .wrongSignature),
            (signed(String(signature.dropFirst(3))), .malformedSignature),
            (signed("v1a" + signature.dropFirst(2)), .malformedSignature),
            (signed("V1" + signature.dropFirst(2)), .malformedSignature),
            (signed(""), .malformedSignature),
            (signed(id: ""), .malformedSignature),
            (signed(id: "msg_2"), .wrongSignature),
            (signed(timestamp: "1760000001"), .wrongSignature),
            (signed(timestamp: ""), .malformedSignature),
            (signed(timestamp: "-1760000000"), .malformedSignature),
            (signed(timestamp: "1760000000.0"), .malformedSignature),
            (signed(timestamp: " 1760000000"), .malformedSignature),
            (signed(timestamp: "9999999999999999"), .malformedSignature),
            (signed() + [("webhook-signature", signature)], .repeatedHeader),
            (signed() + [("Webhook-Id", "msg_1")], .repeatedHeader),
            (signed() + [("webhook-timestamp", "1760000000")], .repeatedHeader),
            (signed(String(repeating: "v1,x ", count: 17)), .malformedSignature),
            ([("webhook-signature", signature)], .malformedSignature),
        ] as [([(name: String, value: String)], DeliveryVerifier.Reason?)])
    func signatures(_ headers: [(name: String, value: String)], reason: DeliveryVerifier.Reason?) throws {
        let verdict = try judge([signing], headers)
        #expect(verdict == (reason.map { .rejected($0) } ?? .accepted(.init(by: .signingToken, projects: nil))))
    }

    @Test("A04: an altered body is refused")
    func alteredBody() throws {
        #expect(try judge([signing], Self.signed(), body: Self.body + [0x20]) == .rejected(.wrongSignature))
        #expect(try judge([signing], Self.signed(), body: []) == .rejected(.wrongSignature))
    }

    @Test("A04: a signature is judged alone, and the token counts for nothing where only signing is set")
    func noFallback() throws {
        let good: [(name: String, value: String)] = [("X-Gitlab-Token", Self.token)]
        #expect(try judge([plain, signing], Self.signed("v1,AAAA") + good) == .rejected(.wrongSignature))
        #expect(try judge([plain, signing], Self.signed("") + good) == .rejected(.malformedSignature))
        #expect(try judge([signing], good) == .rejected(.missingSignature))
        // While hooks are being moved over, both kinds are fine.
        #expect(try judge([plain, signing], good) == .accepted(.init(by: .token, projects: nil)))
        #expect(
            try judge([plain, signing], Self.signed() + [("X-Gitlab-Token", "wrong")])
                == .accepted(.init(by: .signingToken, projects: nil)))
        // A server that signs, for a receiver that was not told to check it.
        #expect(try judge([plain], Self.signed("v1,AAAA") + good) == .accepted(.init(by: .token, projects: nil)))
    }

    @Test("during a rotation the old and the new secret both count")
    func rotation() throws {
        let other = DeliveryVerifier.Credential(.token, Secret("another-long-secret!"))
        let otherKey = DeliveryVerifier.Credential(
            .signingToken, Secret("whsec_" + Data(repeating: 7, count: 32).base64EncodedString()))
        for token in [Self.token, "another-long-secret!"] {
            #expect(
                try judge([other, plain], [("X-Gitlab-Token", token)]) == .accepted(.init(by: .token, projects: nil)))
        }
        #expect(try judge([otherKey, signing], Self.signed()) == .accepted(.init(by: .signingToken, projects: nil)))
        #expect(try judge([otherKey], Self.signed()) == .rejected(.wrongSignature))
    }

    @Test("A05: a secret counts for its own projects only")
    func projects() throws {
        let first = DeliveryVerifier.Credential(.token, Secret(Self.token), projects: [1, 2])
        let second = DeliveryVerifier.Credential(.token, Secret("another-long-secret!"), projects: [3])
        for (token, allowed) in [(Self.token, [1, 2] as Set<Int64>), ("another-long-secret!", [3])] {
            guard case .accepted(let acceptance) = try judge([first, second], [("X-Gitlab-Token", token)]) else {
                Issue.record("refused")
                continue
            }
            for id in [1, 2, 3, 4] as [Int64] { #expect(acceptance.covers(projectID: id) == allowed.contains(id)) }
            #expect(!acceptance.covers(projectID: nil))
        }
    }

    @Test("A02: a wrong token is refused before the body is looked at, a signature waits for it")
    func beforeBody() throws {
        let verifier = try DeliveryVerifier([plain, signing])
        guard case .rejected = verifier.judge(DeliveryHeaders([("x-gitlab-token", "no")]), now: Self.now) else {
            Issue.record("not refused by its headers")
            return
        }
        guard case .needsBody(let pending) = verifier.judge(DeliveryHeaders(Self.signed()), now: Self.now) else {
            Issue.record("does not wait for the body")
            return
        }
        #expect(pending.judge(Self.body) == .accepted(.init(by: .signingToken, projects: nil)))
    }

    @Test("what two libraries sign alike is accepted, for bodies of any bytes", arguments: [0, 1, 63, 64, 65, 100_000])
    func ownVectors(_ size: Int) throws {
        let key = SymmetricKey(data: Data(0..<32))
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let mac = HMAC<SHA256>.authenticationCode(for: Data("msg_1.1760000000.".utf8) + body, using: key)
        let headers = Self.signed("v1," + Data(mac).base64EncodedString())
        #expect(try judge([signing], headers, body: body) == .accepted(.init(by: .signingToken, projects: nil)))
    }

    @Test(
        "the delivery's id is what stays the same on a resend",
        arguments: [
            ([("webhook-id", "w"), ("Idempotency-Key", "i")], "w" as String?), ([("Idempotency-Key", "i")], "i"),
            ([("X-Gitlab-Event-UUID", "e"), ("X-Gitlab-Webhook-UUID", "u")], nil),
            ([("webhook-id", "a"), ("webhook-id", "b")], nil), ([("webhook-id", "a b")], nil),
            ([("webhook-id", String(repeating: "a", count: 500))], nil),
        ] as [([(String, String)], String?)])
    func deliveryID(_ headers: [(String, String)], expected: String?) {
        #expect(DeliveryHeaders(headers.map { (name: $0.0, value: $0.1) }).deliveryID == expected)
    }
}

@Suite("Signatures of the shared vectors", .enabled(if: SharedFiles.isThere))
struct SharedSignatureTests {
    struct Vector: Decodable, CustomTestStringConvertible {
        let body_file, signing_token, webhook_id, webhook_timestamp, webhook_signature: String
        let valid: Bool
        let why: String?
        var testDescription: String { "\(body_file): \(why ?? "valid")" }
    }

    private struct File: Decodable { let vectors: [Vector] }

    static let vectors: [Vector] =
        (try? JSONDecoder().decode(File.self, from: Data(SharedFiles.bytes("webhooks/SIGNING_VECTORS.json"))).vectors) ?? []

    @Test("A04: each is judged as it should be", arguments: vectors)
    func vector(_ vector: Vector) throws {
        let verifier = try DeliveryVerifier([.init(.signingToken, Secret(vector.signing_token))])
        let headers = DeliveryHeaders([
            ("webhook-id", vector.webhook_id), ("webhook-timestamp", vector.webhook_timestamp),
            ("webhook-signature", vector.webhook_signature),
        ])
        let now = Date(timeIntervalSince1970: try #require(TimeInterval(vector.webhook_timestamp)))
        let verdict = verifier.judge(headers, body: try SharedFiles.bytes("webhooks/\(vector.body_file)"), now: now)
        if case .accepted = verdict { #expect(vector.valid) } else { #expect(!vector.valid) }
    }

    @Test("there are vectors of both kinds")
    func present() {
        #expect(Self.vectors.contains { $0.valid } && Self.vectors.contains { !$0.valid })
    }

    @Test(
        "A05: PROJECT=SECRET binds a secret, a secret that only looks like it stays whole",
        arguments: [
            ("aaaaaaaaaaaaaaaaaaaa", nil), ("42=aaaaaaaaaaaaaaaaaaaa", [42]), ("acme/tools = aaaaaaaaaaaaaaaaaaaa", ProjectBinding("Acme/Tools")),
            ("acme/=aaaaaaaaaaaaaaaaaaaa", ProjectBinding("acme/")), ("aaaa=aaaaaaaaaaaaaaaa", nil), ("aaaaaaaa/aaaaaaaaaa==", nil),
            ("a+b/c=aaaaaaaaaaaaaaaa", nil),
        ] as [(String, ProjectBinding?)])
    func list(text: String, binding: ProjectBinding?) throws {
        let list = DeliveryVerifier.Credential.list(.token, in: "first-secret-of-all, \(text)")
        try #require(list.count == 2)
        #expect(list[0].projects == nil && list[0].secret.reveal() == "first-secret-of-all")
        #expect(list[1].projects == binding)
        #expect(list[1].secret.reveal() == (binding == nil ? text : "aaaaaaaaaaaaaaaaaaaa"))
    }

    @Test("A05: of secrets and projects only those that belong together are accepted")
    func crossMatrix() throws {
        let secrets = ["11=secret-of-eleven-1", "acme/tools=secret-of-tools-1234", "acme/=secret-of-acme-12345", "secret-of-all-123456"]
        let projects: [(Int64, String)] = [(11, "other/eleven"), (12, "acme/tools"), (13, "Acme/shop/front"), (14, "acme2/tools")]
        let fits = [[true, false, false, false], [false, true, false, false], [false, true, true, false], [true, true, true, true]]
        let verifier = try DeliveryVerifier(DeliveryVerifier.Credential.list(.token, in: secrets.joined(separator: ",")))
        for (row, secret) in secrets.enumerated() {
            let value = secret.split(separator: "=").last.map(String.init) ?? ""
            let verdict = verifier.judge(DeliveryHeaders([("X-Gitlab-Token", value)]), body: [], now: Date())
            guard case .accepted(let acceptance) = verdict else {
                Issue.record("\(secret) is not accepted")
                continue
            }
            for (column, project) in projects.enumerated() {
                #expect(acceptance.covers(projectID: project.0, path: project.1) == fits[row][column], "\(secret) for \(project)")
            }
        }
    }
}
