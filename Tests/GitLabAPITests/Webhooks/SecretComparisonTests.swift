import Crypto
import Foundation
import Secrets
import Synchronization
import Testing

@testable import GitLabAPI

/// What is compared, and how: a comparison of the texts themselves would give the same answers, and tell by its time how much was right.
@Suite("A02: how a secret is compared")
struct SecretComparisonTests {
    private static let token = "a-long-enough-secret"
    private static let other = "another-long-secret!"
    private static let signingToken = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let now = Date(timeIntervalSince1970: 1_760_000_000)

    /// Remembers what is compared.
    private final class Comparisons: Sendable {
        private let seen = Mutex<[(left: SHA256.Digest, right: SHA256.Digest)]>([])
        var all: [(left: SHA256.Digest, right: SHA256.Digest)] { seen.withLock { $0 } }
        func compare(_ left: SHA256.Digest, _ right: SHA256.Digest) -> Bool {
            seen.withLock { $0.append((left, right)) }
            return DeliveryVerifier.equal(left, right)
        }
    }

    private static func digest(_ text: String) -> SHA256.Digest { SHA256.hash(data: Data(text.utf8)) }

    @Test(
        "A02: a guess of any length and any right beginning is refused alike, by its digest and against every secret",
        arguments: [
            "x", String(token.prefix(8)), String(token.dropLast()), "a-long-enough-secreT", "A-long-enough-secret", token + "x", token + token,
            String(repeating: "a", count: 20), String(repeating: "a", count: 8_000),
        ])
    func guesses(_ guess: String) throws {
        let comparisons = Comparisons()
        let verifier = try DeliveryVerifier(
            [.init(.token, Secret(Self.token)), .init(.token, Secret(Self.other))], comparing: { comparisons.compare($0, $1) })
        guard case .rejected(.wrongToken) = verifier.judge(DeliveryHeaders([("x-gitlab-token", guess)]), now: Self.now) else {
            Issue.record("not refused as a wrong token")
            return
        }
        #expect(comparisons.all.map(\.left) == [Self.digest(Self.token), Self.digest(Self.other)])
        #expect(comparisons.all.map(\.right) == Array(repeating: Self.digest(guess), count: 2))
    }

    @Test("A02: a right secret does not end the comparing either")
    func right() throws {
        let comparisons = Comparisons()
        let verifier = try DeliveryVerifier(
            [.init(.token, Secret(Self.token)), .init(.token, Secret(Self.other))], comparing: { comparisons.compare($0, $1) })
        guard case .accepted = verifier.judge(DeliveryHeaders([("x-gitlab-token", Self.token)]), now: Self.now) else {
            Issue.record("refused")
            return
        }
        #expect(comparisons.all.count == 2)
    }

    @Test("A02: signatures too are compared by digests, every one of them")
    func signatures() throws {
        let comparisons = Comparisons()
        let verifier = try DeliveryVerifier([.init(.signingToken, Secret(Self.signingToken))], comparing: { comparisons.compare($0, $1) })
        let mac = HMAC<SHA256>.authenticationCode(for: Data("msg_1.1760000000.{}".utf8), using: SymmetricKey(data: Data(0..<32)))
        let signature = Data(mac).base64EncodedString()
        let tried = [String(signature.prefix(10)), signature, String(signature.dropLast()) + "A"]
        let headers = DeliveryHeaders([
            ("webhook-id", "msg_1"), ("webhook-timestamp", "1760000000"), ("webhook-signature", tried.map { "v1,\($0)" }.joined(separator: " ")),
        ])
        #expect(verifier.judge(headers, body: Array("{}".utf8), now: Self.now) == .accepted(.init(by: .signingToken, projects: nil)))
        #expect(comparisons.all.map(\.left) == tried.map(Self.digest))
        #expect(comparisons.all.map(\.right) == Array(repeating: Self.digest(signature), count: 3))
    }

    @Test("A02: two digests are read to their ends, wherever they differ", arguments: [nil, 0, 1, 16, 31])
    func toTheEnd(_ difference: Int?) {
        let left = Array(Self.digest(Self.token))
        var right = left
        if let difference { right[difference] ^= 1 }
        let read = Mutex(0)
        let counted = right.lazy.map { byte in
            read.withLock { $0 += 1 }
            return byte
        }
        #expect(DeliveryVerifier.equal(left, counted) == (difference == nil))
        #expect(read.withLock { $0 } == 32)
    }
}
