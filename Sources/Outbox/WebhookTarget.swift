package import Secrets

/// Where a task's status is sent, and the secrets that sign it.
///
/// The address is an operator's word, never a repository's or a comment's: plain http or https, no user and password in it, and
/// where the caller has a list of hosts, exactly one of them.
package struct WebhookTarget: Sendable {
    package let url: String
    /// Host, and port where one is named; for logs.
    package let host: String
    /// Each signs; `X-Signature-256` has room for the first only. Empty: nothing is signed.
    package let secrets: [WebhookSecret]

    /// - Parameter allowedHosts: `host` or `host:port`, compared exactly; nil where the operator gave the address.
    package init(
        url: String, secrets: [Secret] = [], allowedHosts: Set<String>? = nil
    ) throws(WebhookTargetProblem) {
        host = try Self.checkedHost(of: url)
        self.url = url
        if let allowedHosts {
            let known = Set(allowedHosts.map { $0.lowercased() })
            let name = host.hasPrefix("[") ? host : String(host.prefix { $0 != ":" })
            guard known.contains(host) || known.contains(name) else {
                throw WebhookTargetProblem("The webhook's host \(host) is not one of those that status may be sent to.")
            }
        }
        var read: [WebhookSecret] = []
        for secret in secrets { read.append(try WebhookSecret(secret)) }
        self.secrets = read
    }

    /// A grammar narrower than any library's, so that all of them read the same host.
    private static func checkedHost(of url: String) throws(WebhookTargetProblem) -> String {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw WebhookTargetProblem("The webhook's URL holds a space or another character that has no place in a URL.")
        }
        guard let separator = url.firstRange(of: "://"), ["http", "https"].contains(url[..<separator.lowerBound].lowercased())
        else { throw WebhookTargetProblem("The webhook's URL must begin with https:// or http://.") }
        let authority = url[separator.upperBound...].prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else {
            throw WebhookTargetProblem("The webhook's URL must not hold a user or password; sign with WEBHOOK_SECRET instead.")
        }
        let parts = /(?:[A-Za-z0-9]([A-Za-z0-9._-]*)|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/
        guard authority.wholeMatch(of: parts) != nil else {
            throw WebhookTargetProblem("The webhook's URL has no host that can be read.")
        }
        return authority.lowercased()
    }
}

/// Why an address or a secret can't be used; one sentence for the one who set it.
package struct WebhookTargetProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    init(_ message: String) { self.message = message }
    package var description: String { message }
}

/// What is to become of a task's status messages.
package enum WebhookRoute: Sendable {
    case send(WebhookTarget)
    /// There is nobody to tell: the messages count as dealt with.
    case skip
    /// Another process tells them, because it alone knows where or with which secret.
    case leave
}
