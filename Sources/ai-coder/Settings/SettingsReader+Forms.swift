import Foundation
import GitLabAPI
import Secrets

/// Settings with a form of their own.
extension SettingsReader {
    /// As `url`, but it may keep a query (Azure's `?api-version=`).
    func modelURL(_ name: SettingName) throws -> String? {
        guard let text = try text(name) else { return nil }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let host = parts.host, !host.isEmpty, parts.user == nil
        else {
            throw SettingsFailure(name.rawValue, value: text, expected: "a URL such as https://models.example.com/v1")
        }
        return text
    }

    /// A proxy's URL, which may hold a user and a password; `proxy:3128`, as curl takes it, is one as well.
    func proxy(_ name: SettingName) throws -> String? {
        guard var text = try text(name) else { return nil }
        if !text.contains("://") { text = "http://" + text }
        guard let parts = URLComponents(string: text), parts.scheme?.lowercased() == "http", let host = parts.host,
            !host.isEmpty
        else {
            throw SettingsFailure(name.rawValue, value: nil, expected: "a URL such as http://proxy.example.com:3128")
        }
        return text
    }

    /// A name or address as git wants it: one line, no angle brackets.
    func identity(_ name: SettingName) throws -> String? {
        guard let text = try text(name) else { return nil }
        guard !text.contains(where: { $0 == "<" || $0 == ">" || $0.isNewline || $0 == "\0" }) else {
            throw SettingsFailure(name.rawValue, value: text, expected: "one line without < and >")
        }
        return text
    }

    /// Several secrets may be given at once, separated by commas: while one takes the other's place, or each for projects of its own.
    func webhookSecrets() throws -> [DeliveryVerifier.Credential] {
        let credentials = try text(.gitLabWebhookSecret).map { DeliveryVerifier.Credential.list(.token, in: $0) } ?? []
        for credential in credentials where credential.secret.reveal().utf8.count < 16 {
            throw SettingsFailure(
                SettingName.gitLabWebhookSecret.rawValue, value: nil,
                expected: "at least 16 characters (`openssl rand -hex 24` makes a good one), or group/project=SECRET for one project")
        }
        return credentials
    }

    func signingTokens() throws -> [DeliveryVerifier.Credential] {
        let credentials = try text(.gitLabWebhookSigningToken).map { DeliveryVerifier.Credential.list(.signingToken, in: $0) } ?? []
        for credential in credentials {
            let value = credential.secret.reveal()
            guard value.hasPrefix("whsec_"), let key = Data(base64Encoded: String(value.dropFirst(6))), key.count >= 24 else {
                throw SettingsFailure(
                    SettingName.gitLabWebhookSigningToken.rawValue, value: nil,
                    expected: "whsec_ and the base64 of 32 bytes, as GitLab shows it; group/project=whsec_... for one project")
            }
        }
        return credentials
    }

    func adminToken() throws -> Secret? {
        guard let text = try text(.adminToken) else { return nil }
        guard text.utf8.count >= 16 else {
            throw SettingsFailure(
                SettingName.adminToken.rawValue, value: nil,
                expected: "at least 16 characters (`openssl rand -hex 24` makes a good one)")
        }
        return Secret(text)
    }

    /// What a command begins with: a slash and a word, or any word without spaces.
    func trigger() throws -> String {
        let text = try text(.botTrigger) ?? "/ai"
        guard text.utf8.count >= 2, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), !text.hasPrefix("@") else {
            throw SettingsFailure(
                SettingName.botTrigger.rawValue, value: text, expected: "one word in plain characters such as /ai")
        }
        return text
    }

    func listenAddress() throws -> (host: String, port: Int) {
        let text = try text(.listenAddress) ?? "127.0.0.1:8080"
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else {
            throw SettingsFailure(
                SettingName.listenAddress.rawValue, value: text, expected: "an address and a port such as 127.0.0.1:8080")
        }
        let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return (host.isEmpty ? "0.0.0.0" : host, port)
    }
}
