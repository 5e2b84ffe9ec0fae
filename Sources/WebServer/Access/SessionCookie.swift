import Crypto
import Foundation
import Secrets

/// The cookie of a signed-in browser: a random id and an end, signed with a key made from ADMIN_TOKEN.
///
/// No session is kept on the server, so a restart signs nobody out, and another ADMIN_TOKEN signs everybody out.
struct SessionCookie: Sendable {
    private let key: SymmetricKey
    private let name: String
    private let attributes: String
    static let lifetime: TimeInterval = 12 * 3600

    init(token: Secret?, isSecure: Bool) {
        // Without a token there are no sessions; the key then only serves the forms of this run.
        let material = token.map { SymmetricKey(data: Data($0.reveal().utf8)) } ?? SymmetricKey(size: .bits256)
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: material, info: Data("ai-coder dashboard session".utf8), outputByteCount: 32)
        name = isSecure ? "__Host-ai_coder" : "ai_coder"
        attributes = "; Path=/; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }

    /// The value of a `Set-Cookie` header.
    func issue(at now: Date) -> String {
        let id = SymmetricKey(size: .bits128).withUnsafeBytes { Self.hex($0) }
        let session = "\(id).\(Int(now.timeIntervalSince1970 + Self.lifetime))"
        return "\(name)=\(session).\(signature("session", session))\(attributes); Max-Age=\(Int(Self.lifetime))"
    }

    var expired: String { "\(name)=\(attributes); Max-Age=0" }

    /// The valid session in the cookie headers, if there is one.
    func session(in headers: [String], at now: Date) -> String? {
        for pair in headers.flatMap({ $0.split(separator: ";") }) {
            let pair = pair.drop { $0 == " " }
            guard pair.hasPrefix("\(name)=") else { continue }
            let parts = pair.dropFirst(name.count + 1).split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].count == 32, let end = TimeInterval(parts[1]) else { continue }
            let session = "\(parts[0]).\(parts[1])"
            guard isSignature(String(parts[2]), "session", session), now.timeIntervalSince1970 < end else { continue }
            return session
        }
        return nil
    }

    /// What a page's forms carry; another site can neither read nor guess it.
    func formToken(of session: String) -> String { signature("form", session) }

    private func signature(_ purpose: String, _ text: String) -> String {
        Self.hex(HMAC<SHA256>.authenticationCode(for: Data("\(purpose)\n\(text)".utf8), using: key))
    }

    private func isSignature(_ sent: String, _ purpose: String, _ text: String) -> Bool {
        let expected = signature(purpose, text)
        return sent.utf8.count == expected.utf8.count
            && zip(sent.utf8, expected.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0\(text)" : text
        }.joined()
    }
}
