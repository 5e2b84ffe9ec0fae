import Glibc
import Secrets
import SystemPackage

/// What one git call gets to open one remote: made for that call, and gone with it.
///
/// A password travels in the environment of the git process alone: that is no file and no argument list, and dies with
/// the process whatever happens to the service. The helper that hands it to git answers one scheme, host, port and path.
struct RemoteAccess: Sendable {
    let remote: RemoteURL
    var environment: [String: String] = [:]
    var configuration: [(String, String)] = []
    /// What to redact in all that this call prints.
    var secrets: [Secret] = []

    /// Runs `body` with what opens `remote`; a key file that had to be copied is gone when it returns.
    static func with<Result: Sendable>(
        _ remote: RemoteURL, _ credential: GitCredential?, settings: GitSettings,
        _ body: (RemoteAccess) async throws -> Result
    ) async throws -> Result {
        switch remote.transport {
        case .https, .http:
            return try await body(overHTTP(remote, credential))
        case .ssh:
            var keyFile: FilePath?
            var knownHosts: FilePath?
            if case .sshKey(let file, let hosts) = credential { (keyFile, knownHosts) = (file, hosts) }
            let key = try keyFile.map { file throws(GitFailure) in try PrivateKeyFile(file) }
            defer { key?.remove() }
            return try await body(
                overSecureShell(remote, key: key?.path, knownHosts: knownHosts, cache: settings.cacheDirectory))
        case .file:
            return try await body(RemoteAccess(remote: remote))
        }
    }

    // MARK: - http and https

    private static func overHTTP(_ remote: RemoteURL, _ credential: GitCredential?) -> RemoteAccess {
        var access = RemoteAccess(remote: remote)
        guard case .password(let username, let secret) = credential else { return access }
        access.secrets = [secret]
        access.configuration = [("credential.helper", helper)]
        access.environment = [
            "CREDENTIAL_SCHEME": remote.transport.rawValue, "CREDENTIAL_HOST": remote.site,
            "CREDENTIAL_PATH": String(remote.path.drop { $0 == "/" }), "CREDENTIAL_USERNAME": username,
            "CREDENTIAL_PASSWORD": secret.reveal(),
        ]
        return access
    }

    /// Only built-in commands of the shell, so that the password is in no argument list.
    private static let helper = """
        !f() { \
        test "$1" = get || exit 0; \
        while IFS= read -r line && test -n "$line"; do \
        case "$line" in protocol=*) s="${line#*=}";; host=*) h="${line#*=}";; path=*) p="${line#*=}";; esac; \
        done; \
        test "$s" = "$CREDENTIAL_SCHEME" && test "$h" = "$CREDENTIAL_HOST" || exit 0; \
        case "$p" in "$CREDENTIAL_PATH"|"$CREDENTIAL_PATH"/*) ;; *) exit 0;; esac; \
        printf 'username=%s\\npassword=%s\\n' "$CREDENTIAL_USERNAME" "$CREDENTIAL_PASSWORD"; \
        }; f
        """

    // MARK: - ssh

    /// One word of ssh's own language, which splits at spaces and puts names of hosts in the place of percent signs.
    private static func word(_ path: FilePath) -> String { "\"\(path.string.replacing("%", with: "%%"))\"" }

    /// Without a list of known hosts the first key that a host shows is believed, and remembered beside the mirrors where
    /// there is such a place; with one, nothing else is.
    private static func overSecureShell(
        _ remote: RemoteURL, key: FilePath?, knownHosts: FilePath?, cache: FilePath?
    ) throws(GitFailure) -> RemoteAccess {
        let program = try GitProgram.find("ssh")
        if let knownHosts, access(knownHosts.string, R_OK) != 0 {
            throw GitFailure(.invalid, "The file of known ssh hosts, \(knownHosts), can't be read.")
        }
        let remembered = knownHosts ?? cache?.appending("known_hosts") ?? "/dev/null"
        guard !remembered.string.contains("\"") else {
            throw GitFailure(.invalid, "The path of the file of known ssh hosts must be without quotes.")
        }
        var options = [
            "BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", "IdentityFile=\(key.map(word) ?? "none")",
            "UserKnownHostsFile=\(word(remembered))", "GlobalKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=\(knownHosts == nil ? "accept-new" : "yes")", "UpdateHostKeys=no",
            "PreferredAuthentications=publickey", "PasswordAuthentication=no", "KbdInteractiveAuthentication=no",
            "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "PermitLocalCommand=no",
            "ControlMaster=no", "ControlPath=none", "ProxyCommand=none", "CanonicalizeHostname=no",
            "ConnectTimeout=20", "ServerAliveInterval=15", "ServerAliveCountMax=4", "LogLevel=ERROR",
        ]
        if key == nil { options.removeAll { $0 == "PreferredAuthentications=publickey" } }
        let words = [program.string, "-F", "/dev/null"] + options.flatMap { ["-o", $0] }
        return RemoteAccess(
            remote: remote,
            environment: [
                "GIT_SSH_COMMAND": words.map { "'\($0.replacing("'", with: "'\\''"))'" }.joined(separator: " "),
                "GIT_SSH_VARIANT": "ssh",
            ])
    }
}
