extension GitFailure {
    /// Tells from what git printed (in the C locale, already redacted) what the user has to do.
    init(reading said: String, ending: ProcessResult.Ending, command: String, remote: RemoteURL?) {
        let place = remote.map { $0.isLocal ? $0.text : $0.site } ?? "this machine"
        let address = remote?.text ?? "the repository"
        let detail = said.isEmpty ? "git \(command): \(ending)" : said
        switch ending {
        case .timedOut:
            self.init(
                remote == nil ? .other : .network,
                remote == nil
                    ? "git \(command) took too long and was stopped." : "\(place) took too long to answer and was given up.",
                detail: detail)
            return
        case .outputLimit:
            self.init(.tooLarge, "git \(command) printed more than the limit allows.", detail: detail)
            return
        case .exited, .signalled: break
        }
        let lines = said.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
        // What the other side says may explain a refusal, but not pass for an error of this machine or of the network.
        let remoteLines = lines.filter { $0.hasPrefix("remote:") }.map { $0.dropFirst(7).trimmingPrefix(while: \.isWhitespace) }
        let text = Said(lines.filter { !$0.hasPrefix("remote:") }.joined(separator: "\n"))
        let everything = Said(lines.joined(separator: "\n"))
        let hint = Self.remark(remoteLines)

        for rule in Self.rules {
            guard (rule.believesRemote ? everything : text).holds(rule.signs) else { continue }
            var message = rule.message.replacing("{place}", with: place).replacing("{address}", with: address)
            if rule.quotesRemote, let hint { message += " It said: \(hint)" }
            self.init(rule.reason, message, detail: detail)
            return
        }
        // A server's own words come this way, too.
        let last = lines.last { !$0.hasPrefix("remote:") && !$0.isEmpty }.map { String(Self.visible($0).prefix(200)) }
        self.init(.other, "git \(command) failed: \(last ?? "\(ending)")", detail: detail)
    }

    private struct Said {
        let text: String
        init(_ text: String) { self.text = text.lowercased() }
        func holds(_ signs: [String]) -> Bool { signs.contains { text.contains($0) } }
    }

    private struct Rule {
        let reason: Reason
        let signs: [String]
        let message: String
        var believesRemote = false
        var quotesRemote = false
    }

    /// What the remote wrote, in one bounded line without control characters.
    private static func remark(_ lines: [Substring]) -> String? {
        let text = lines.filter { $0.contains { $0.isLetter } }.prefix(3).joined(separator: " ")
        let clean = visible(text)
        return clean.isEmpty ? nil : String(clean.prefix(300))
    }

    private static func visible(_ text: some StringProtocol) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { ![.control, .format].contains($0.properties.generalCategory) }))
    }

    /// In order: the first that holds wins.
    private static let rules: [Rule] = [
        Rule(
            reason: .diskFull, signs: ["no space left on device", "disk quota exceeded"],
            message: "The disk is full: free some space in the workspace and try again."),
        Rule(
            reason: .tooLarge, signs: ["fatal: out of memory", "error: out of memory"],
            message: "git needed more memory than it may use, so the repository or the change is too large."),
        Rule(
            reason: .protectedBranch,
            signs: ["protected branch", "not allowed to push", "refusing to update checked out branch", "gh006"],
            message: "{place} does not let the bot push to this branch, since it is protected.", believesRemote: true,
            quotesRemote: true),
        Rule(
            reason: .refused, signs: ["exists; cannot create", "file directory conflict"],
            message: "A branch of this name can't be made beside another one, of which it would be a part: rename that one.", believesRemote: true,
            quotesRemote: true),
        Rule(
            reason: .branchMoved,
            signs: ["stale info", "non-fast-forward", "fetch first", "cannot lock ref", "failed to update ref", "reference already exists"],
            message: "Somebody pushed to the branch meanwhile."),
        Rule(
            reason: .hookDeclined, signs: ["hook declined", "pre-receive hook", "unpacker error", "push rule", "[remote rejected]"],
            message: "{place} declined the push.", believesRemote: true, quotesRemote: true),
        Rule(
            reason: .certificate,
            signs: [
                "ssl certificate problem", "certificate verification failed", "certificate verify failed",
                "self-signed certificate", "self signed certificate", "unable to get local issuer", "does not match target host",
                "no alternative certificate subject",
            ],
            message: "The certificate of {place} is not trusted: set SSL_CERT_FILE to the certificate of its authority."),
        Rule(
            reason: .certificate, signs: ["error setting certificate", "error reading ca cert", "error importing", "cafile"],
            message: "The certificate file that SSL_CERT_FILE names can't be read."),
        Rule(
            reason: .certificate, signs: ["host key verification failed", "remote host identification has changed"],
            message: "The ssh host key of {place} is not the known one: check GIT_SSH_KNOWN_HOSTS_FILE."),
        Rule(
            reason: .authentication, signs: ["returned error: 403"],
            message: "{place} refused access to {address}: the token lacks a right or a scope (it needs write_repository to push).",
            quotesRemote: true),
        Rule(
            reason: .authentication,
            signs: [
                "could not read username", "could not read password", "terminal prompts disabled",
            ],
            message: "{place} wants a token for {address}: set GITLAB_API_TOKEN to one that may read and write it."),
        Rule(
            reason: .authentication,
            signs: ["authentication failed", "http basic: access denied", "returned error: 401", "invalid credentials"],
            message: "{place} did not accept the token: check that GITLAB_API_TOKEN is right and has not expired.",
            believesRemote: true),
        Rule(
            reason: .authentication, signs: ["permission denied (", "too many authentication failures", "no more authentication methods"],
            message: "{place} did not accept the ssh key: check GIT_SSH_KEY_FILE and that the key is known there."),
        Rule(
            reason: .authentication, signs: ["error in libcrypto", "invalid format", "load key"],
            message: "The ssh key file can't be used: check that GIT_SSH_KEY_FILE names a private key without a passphrase."),
        Rule(
            reason: .refused,
            signs: [
                "unable to update url base from redirection", "returned error: 301", "returned error: 302",
                "returned error: 303", "returned error: 307", "returned error: 308",
            ],
            message: "{place} redirects {address} to another address, which is not followed: use the repository's present address."),
        Rule(
            reason: .refused, signs: ["dubious ownership"],
            message: "The repository at {address} belongs to another user of this machine: run the bot as its owner."),
        Rule(
            reason: .missingBranch,
            signs: ["couldn't find remote ref", "not our ref", "unadvertised object", "no such remote ref"],
            message: "The branch, tag or commit is no longer in {address}."),
        Rule(
            reason: .notFound,
            signs: [
                "returned error: 404", "not found", "does not appear to be a git repository", "could not be found",
                "repository not found", "does not exist",
            ],
            message: "There is no repository at {address}, or the token may not see it.", believesRemote: true),
        Rule(
            reason: .refused, signs: ["' not allowed", "is not allowed"],
            message: "git is not allowed to go to {address} in this way."),
        Rule(
            reason: .invalid,
            signs: ["fsck error", "error in object", "invalid path", "malformed", "hasdotgit", "refusing to"],
            message: "The repository at {address} has contents that are not safe to use."),
        Rule(
            reason: .network,
            signs: ["could not resolve host", "could not resolve hostname", "name or service not known", "temporary failure in name resolution"],
            message: "The host {place} is not known: check the address and the name service."),
        Rule(
            reason: .network, signs: ["could not resolve proxy", "proxy connect aborted", "from proxy after connect", "connect tunnel failed"],
            message: "The proxy does not let through to {place}: check HTTPS_PROXY."),
        Rule(
            reason: .network, signs: ["connection refused", "failed to connect", "couldn't connect"],
            message: "Nothing accepts connections at {place}."),
        Rule(
            reason: .network, signs: ["timed out", "operation too slow", "network is unreachable", "no route to host"],
            message: "{place} does not answer."),
        Rule(
            reason: .network, signs: ["returned error: 429", "returned error: 5"],
            message: "{place} is out of order or overloaded and answered with an error."),
        Rule(
            reason: .network,
            signs: [
                "early eof", "hung up unexpectedly", "rpc failed", "unexpected disconnect", "connection reset",
                "empty reply from server", "recv error", "send error", "connection closed by", "kex_exchange", "broken pipe",
                "invalid index-pack output", "transfer closed", "tls connection", "ssl_error", "connection was aborted",
                "could not read from remote repository", "bad line length", "expected flush", "unable to access",
                "unpack-objects failed", "index-pack failed", "bad band",
            ],
            message: "The connection to {place} broke off."),
    ]
}

extension StringProtocol {
    fileprivate func trimmingPrefix(while predicate: (Character) -> Bool) -> SubSequence { drop(while: predicate) }
}
