import Crypto
import Foundation
package import Secrets

/// A secret that signs outgoing messages, in the two ways receivers check.
///
/// `whsec_...` is base64, as Standard Webhooks writes it. Any other text is used as its UTF-8 bytes. Receivers' libraries also read a
/// secret without the prefix as base64; where a text could be meant so (24 to 64 bytes, the sizes that Standard Webhooks asks for), the
/// message carries a signature of each reading, and the receiver takes the one that fits.
package struct WebhookSecret: Sendable {
    private static let prefix = "whsec_"
    private let text: Secret
    private let keys: [SymmetricKey]

    package init(_ secret: Secret) throws(WebhookTargetProblem) {
        text = secret
        let value = secret.reveal()
        guard !value.isEmpty else { throw WebhookTargetProblem("The webhook's secret is empty; set WEBHOOK_SECRET or leave it out.") }
        if value.hasPrefix(Self.prefix) {
            guard let key = Self.decoded(String(value.dropFirst(Self.prefix.count))), !key.isEmpty else {
                throw WebhookTargetProblem("The webhook's secret begins with whsec_ but no base64 follows.")
            }
            keys = [SymmetricKey(data: key)]
        } else {
            let plain = SymmetricKey(data: Data(value.utf8))
            if let key = Self.decoded(value), (24...64).contains(key.count) {
                keys = [plain, SymmetricKey(data: key)]
            } else {
                keys = [plain]
            }
        }
    }

    private static func decoded(_ text: String) -> Data? {
        let bare = text.prefix { $0 != "=" }
        return Data(base64Encoded: bare + String(repeating: "=", count: (4 - bare.utf8.count % 4) % 4))
    }

    /// `v1,<base64>` for the Standard Webhooks header, one for each key.
    func signatures(id: String, timestamp: Int, body: Data) -> [String] {
        let signed = Data("\(id).\(timestamp).".utf8) + body
        return keys.map { "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: $0)).base64EncodedString() }
    }

    /// The body's HMAC in hex, keyed with the secret's text as it was given.
    func bodySignature(_ body: Data) -> String {
        let key = SymmetricKey(data: Data(text.reveal().utf8))
        return HMAC<SHA256>.authenticationCode(for: body, using: key).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
