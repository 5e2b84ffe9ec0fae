package import GitLabAPI
package import Secrets
package import Workspaces

/// The way to the GitLab of a task that brings its own token: that token goes to where the task's repository is, and nowhere else.
package struct TaskGitLab: Sendable {
    /// GITLAB_URL, or its default: it alone knows of a path below which a GitLab stands.
    private let configured: GitLabAddress
    private let connect: @Sendable (GitLabAddress, Secret) -> GitLabClient

    package init(configured: GitLabAddress, connect: @escaping @Sendable (GitLabAddress, Secret) -> GitLabClient) {
        self.configured = configured
        self.connect = connect
    }

    /// Nil for a repository that is on no host.
    package func client(for remote: RemoteURL, token: Secret) -> GitLabClient? {
        address(of: remote).map { connect($0, token) }
    }

    /// GITLAB_URL where it holds the repository, else the site that the repository's own address names.
    func address(of remote: RemoteURL) -> GitLabAddress? {
        switch remote.transport {
        case .file: return nil
        case .ssh: return remote.host == configured.host ? configured : GitLabAddress("https://\(remote.host)")
        case .https, .http:
            if remote.isWithin(configured.base) { return configured }
            return GitLabAddress("\(remote.transport.rawValue)://\(remote.host)\(remote.port.map { ":\($0)" } ?? "")")
        }
    }
}
