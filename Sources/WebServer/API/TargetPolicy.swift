import Domain
import Foundation

/// Which addresses somebody on the network may name: GITLAB_URL's and WEBHOOK_URL's, and no path of this machine.
///
/// Scheme, host and port must be the configured ones: another port is another program, and http is no https.
struct TargetPolicy: Sendable {
    private let gitLab: Place?
    private let webhook: Place?

    private struct Place: Equatable {
        let scheme: String
        let host: String
        let port: Int

        init?(_ scheme: String?, _ host: String?, _ port: Int?) {
            guard let scheme = scheme?.lowercased(), let host = host?.lowercased(), !host.isEmpty else { return nil }
            self.scheme = scheme
            self.host = host
            self.port = port ?? (scheme == "http" ? 80 : 443)
        }

        init?(_ url: String?) {
            let parts = url.flatMap { URLComponents(string: $0) }
            self.init(parts?.scheme, parts?.host, parts?.port)
        }
    }

    init(settings: WebServerSettings) {
        gitLab = Place(settings.gitLabURL)
        webhook = Place(settings.webhookURL)
    }

    func check(_ request: TaskRequest) throws(TaskRequestProblem) {
        let repository = request.repository
        guard !repository.isLocal, let host = repository.host, let gitLab else {
            throw TaskRequestProblem(
                .notAllowed, "`repo_url` must be https, http or ssh here: a path would be one of the server's.", key: "repo_url")
        }
        // SSH has ports of its own, so that the host alone is compared.
        let isAllowed =
            repository.kind == .ssh
            ? gitLab.host == host.lowercased() : Place(repository.kind.rawValue, host, repository.port) == gitLab
        guard isAllowed else {
            throw TaskRequestProblem(
                .notAllowed, "`repo_url` points to a server that is not allowed here: only GITLAB_URL's is.", key: "repo_url")
        }
        if let url = request.webhookURL {
            guard let webhook, Place(url) == webhook else {
                throw TaskRequestProblem(
                    .notAllowed, "`webhook_url` points to a server that is not allowed here: only WEBHOOK_URL's is.",
                    key: "webhook_url")
            }
        }
    }
}
