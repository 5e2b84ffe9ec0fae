import Crypto
package import Foundation
package import Secrets

/// Decides whether a delivery comes from GitLab.
///
/// Several secrets count at once, so that one can be changed without a gap. What needs no body is judged without it, so
/// that a stranger's body is never read:
/// `switch verifier.judge(headers, now:) { case .accepted: ...; case .needsBody(let signature): signature.judge(body) }`.
package struct DeliveryVerifier: Sendable {
    /// One of the configured secrets.
    package struct Credential: Sendable {
        package enum Kind: Sendable, Hashable {
            /// What GitLab sends in `X-Gitlab-Token`.
            case token
            /// `whsec_...`, with which GitLab signs.
            case signingToken
        }
        package var kind: Kind
        package var secret: Secret
        /// The projects that it counts for; nil for all.
        package var projects: ProjectBinding?

        package init(_ kind: Kind, _ secret: Secret, projects: ProjectBinding? = nil) {
            self.kind = kind
            self.secret = secret
            self.projects = projects
        }
    }

    package enum Verdict: Sendable, Hashable {
        case accepted(Acceptance)
        case rejected(Reason)
    }

    package struct Acceptance: Sendable, Hashable {
        /// Every credential that fits, in the order they were given.
        package var by: Credential.Kind
        /// The projects that the fitting credentials count for; nil for all.
        package var projects: ProjectBinding?

        /// - Parameter path: as the payload has it.
        package func covers(projectID: Int64?, path: String? = nil) -> Bool {
            projects?.covers(id: projectID, path: path) ?? true
        }
    }

    /// What can be said before the body is read.
    package enum HeaderVerdict: Sendable {
        case accepted(Acceptance)
        case rejected(Reason)
        case needsBody(PendingSignature)
    }

    /// Stable words for logs and answers.
    package enum Reason: String, Sendable, Hashable {
        case missingToken = "missing_token"
        case repeatedHeader = "repeated_header"
        case wrongToken = "wrong_token"
        case missingSignature = "missing_signature"
        case malformedSignature = "malformed_signature"
        case staleSignature = "stale_signature"
        case wrongSignature = "wrong_signature"
    }

    /// A secret that would be no protection, or can't be read.
    package struct UnusableSecret: Error, Sendable, Hashable {
        package let message: String
    }

    /// How far GitLab's clock and ours may be apart.
    package static let tolerance: TimeInterval = 300
    package static let minimumTokenLength = 16

    private let tokens: [(digest: SHA256.Digest, projects: ProjectBinding?)]
    private let keys: [SigningKey]
    private let isEqual: DigestComparison

    /// Digests alone are compared: what is compared has one length, and no part of a secret that was guessed right shows in one.
    typealias DigestComparison = @Sendable (SHA256.Digest, SHA256.Digest) -> Bool

    package init(_ credentials: [Credential]) throws(UnusableSecret) {
        try self.init(credentials, comparing: { Self.equal($0, $1) })
    }

    init(_ credentials: [Credential], comparing isEqual: @escaping DigestComparison) throws(UnusableSecret) {
        guard !credentials.isEmpty else {
            throw UnusableSecret(
                message: "No webhook secret is set. Set GITLAB_WEBHOOK_SECRET or GITLAB_WEBHOOK_SIGNING_TOKEN.")
        }
        var tokens: [(digest: SHA256.Digest, projects: ProjectBinding?)] = []
        var keys: [SigningKey] = []
        for credential in credentials {
            let text = credential.secret.reveal()
            switch credential.kind {
            case .token:
                guard text.utf8.count >= Self.minimumTokenLength, !text.allSatisfy(\.isWhitespace) else {
                    throw UnusableSecret(
                        message: "A webhook secret is shorter than \(Self.minimumTokenLength) characters. "
                            + "Make a longer one, for example with: openssl rand -hex 32")
                }
                tokens.append((SHA256.hash(data: Data(text.utf8)), credential.projects))
            case .signingToken:
                guard text.hasPrefix("whsec_"), let key = Data(base64Encoded: String(text.dropFirst(6))),
                    (24...64).contains(key.count)
                else {
                    throw UnusableSecret(
                        message: "A webhook signing token is not `whsec_` and the Base64 text of 32 bytes. "
                            + "Copy it again from the webhook's settings in GitLab.")
                }
                keys.append(SigningKey(key: SymmetricKey(data: key), projects: credential.projects))
            }
        }
        self.tokens = tokens
        self.keys = keys
        self.isEqual = isEqual
    }

    /// Judges what can be judged without the body.
    package func judge(_ headers: DeliveryHeaders, now: Date) -> HeaderVerdict {
        // A signed request is judged by its signature alone: a valid token must not help an invalid signature.
        let signatures = headers.values("webhook-signature")
        if !keys.isEmpty, !signatures.isEmpty { return pending(headers, signatures, now: now) }
        let sent = headers.values("x-gitlab-token")
        guard !tokens.isEmpty else { return .rejected(.missingSignature) }
        guard let token = sent.first, !token.isEmpty else { return .rejected(.missingToken) }
        guard sent.count == 1 else { return .rejected(.repeatedHeader) }
        let digest = SHA256.hash(data: Data(token.utf8))
        // Every one is compared, and in constant time, so that the time tells nothing.
        let matches = tokens.map { isEqual($0.digest, digest) }
        guard matches.contains(true) else { return .rejected(.wrongToken) }
        return .accepted(
            Acceptance(by: .token, projects: Self.union(zip(tokens, matches).filter(\.1).map(\.0.projects))))
    }

    /// Judges a whole delivery.
    package func judge(_ headers: DeliveryHeaders, body: [UInt8], now: Date) -> Verdict {
        switch judge(headers, now: now) {
        case .accepted(let acceptance): .accepted(acceptance)
        case .rejected(let reason): .rejected(reason)
        case .needsBody(let signature): signature.judge(body)
        }
    }

    private func pending(_ headers: DeliveryHeaders, _ signatures: [String], now: Date) -> HeaderVerdict {
        guard signatures.count == 1, headers.values("webhook-id").count < 2, headers.values("webhook-timestamp").count < 2
        else { return .rejected(.repeatedHeader) }
        guard let id = headers.only("webhook-id"), (1...200).contains(id.utf8.count),
            let timestamp = headers.only("webhook-timestamp"), (1...12).contains(timestamp.utf8.count),
            timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = TimeInterval(timestamp),
            signatures[0].utf8.count <= 4_096
        else { return .rejected(.malformedSignature) }
        let candidates = signatures[0].split(separator: " ").filter { $0.hasPrefix("v1,") }.map { $0.dropFirst(3) }
        guard !candidates.isEmpty, candidates.count <= 16 else { return .rejected(.malformedSignature) }
        guard abs(now.timeIntervalSince1970 - seconds) <= Self.tolerance else { return .rejected(.staleSignature) }
        return .needsBody(
            PendingSignature(
                keys: keys, isEqual: isEqual, prefix: Array("\(id).\(timestamp).".utf8), candidates: candidates.map { Array($0.utf8) }))
    }

    /// Reads both to the end, wherever they differ.
    static func equal(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func union(_ projects: [ProjectBinding?]) -> ProjectBinding? {
        projects.contains(nil) ? nil : projects.reduce(into: ProjectBinding(ids: [])) { $0.formUnion($1 ?? []) }
    }
}

struct SigningKey: Sendable {
    let key: SymmetricKey
    let projects: ProjectBinding?
}

/// A signature that is well-formed and fresh, and waits for the body it was made over.
package struct PendingSignature: Sendable {
    fileprivate let keys: [SigningKey]
    fileprivate let isEqual: DeliveryVerifier.DigestComparison
    fileprivate let prefix: [UInt8]
    fileprivate let candidates: [[UInt8]]

    /// - Parameter body: the raw bytes, exactly as they came.
    package func judge(_ body: [UInt8]) -> DeliveryVerifier.Verdict {
        var fitting: [ProjectBinding?] = []
        for key in keys {
            var mac = HMAC<SHA256>(key: key.key)
            mac.update(data: prefix)
            mac.update(data: body)
            let expected = SHA256.hash(data: Data(Data(mac.finalize()).base64EncodedString().utf8))
            let matches = candidates.map { isEqual(SHA256.hash(data: $0), expected) }
            if matches.contains(true) { fitting.append(key.projects) }
        }
        guard !fitting.isEmpty else { return .rejected(.wrongSignature) }
        return .accepted(
            DeliveryVerifier.Acceptance(by: .signingToken, projects: DeliveryVerifier.union(fitting)))
    }
}
