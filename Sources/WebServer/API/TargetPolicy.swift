import Domain
import Foundation

/// Which addresses somebody on the network may name: the hosts that the operator has named, and no path of this machine.
struct TargetPolicy: Sendable {
    private let repositoryHosts: Set<String>
    private let webhookHosts: Set<String>

    init(settings: WebServerSettings) {
        var hosts = Set(settings.repositoryHosts.map { $0.lowercased() })
        if let gitLab = URLComponents(string: settings.gitLabURL), let host = gitLab.host?.lowercased() {
            hosts.insert(Self.key(host, gitLab.port, scheme: gitLab.scheme))
        }
        repositoryHosts = hosts
        webhookHosts = Set(settings.webhookHosts.map { $0.lowercased() })
    }

    func check(_ request: TaskRequest) throws(TaskRequestProblem) {
        let repository = request.repository
        guard !repository.isLocal, let host = repository.host else {
            throw TaskRequestProblem(
                .notAllowed, "`repo_url` must be https, http or ssh here: a path would be one of the server's.", key: "repo_url")
        }
        // SSH has ports of its own, so that the host alone is compared.
        let isAllowed =
            repository.kind == .ssh
            ? repositoryHosts.contains { Self.host(of: $0) == host }
            : repositoryHosts.contains(Self.key(host, repository.port, scheme: repository.kind.rawValue))
        guard isAllowed else {
            throw TaskRequestProblem(
                .notAllowed,
                "`repo_url` points to a host that is not allowed here; the operator allows GITLAB_URL's and those "
                    + "in the configuration.", key: "repo_url")
        }
        if let webhook = request.webhookURL {
            let parts = URLComponents(string: webhook)
            let key = Self.key(parts?.host?.lowercased() ?? "", parts?.port, scheme: parts?.scheme)
            guard webhookHosts.contains(key) else {
                throw TaskRequestProblem(
                    .notAllowed, "`webhook_url` points to a host that is not allowed here; the operator allows WEBHOOK_URL's.",
                    key: "webhook_url")
            }
        }
    }

    /// `host`, or `host:port` where the port is not the scheme's own.
    static func key(_ host: String, _ port: Int?, scheme: String?) -> String {
        guard let port, port != (scheme?.lowercased() == "http" ? 80 : 443) else { return host }
        return "\(host):\(port)"
    }

    private static func host(of key: String) -> String {
        guard let colon = key.lastIndex(of: ":"), key[key.index(after: colon)...].allSatisfy(\.isNumber) else { return key }
        return String(key[..<colon])
    }
}
