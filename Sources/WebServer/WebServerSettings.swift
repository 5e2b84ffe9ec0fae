package import Secrets

/// What the listener is told by the configuration. All values are checked already.
package struct WebServerSettings: Sendable {
    package struct Limits: Sendable {
        /// From the first byte of a request (or from the connection's start) to the end of its headers.
        package var headerSeconds = 10
        /// From the end of the headers to the end of the body.
        package var bodySeconds = 30
        /// Between two requests.
        package var idleSeconds = 60
        /// How long an unread answer is waited for.
        package var stallSeconds = 30
        package var headerFields = 64
        package var headerBytes = 16 << 10
        /// GitLab's own limit is 25 MB.
        package var deliveryBytes = 26 << 20
        /// Large bodies of senders who have not proven who they are, all together.
        package var unprovenBytes = 64 << 20
        /// More wait in the kernel's queue until one ends.
        package var connections = 1024
        /// From one address; loopback, where a proxy of one's own is, has only the total.
        package var connectionsPerPeer = 256
        /// Live event streams, apart from other requests.
        package var eventStreams = 64
        package init() {}
    }

    /// An address of this machine, or a name; `0.0.0.0` for all.
    package var host: String
    /// 0 takes a free one.
    package var port: Int
    /// How people reach the dashboard; with https, cookies are marked secure.
    package var publicURL: String?
    package var adminToken: Secret?
    /// Its server is where `repo_url` from the network may point to.
    package var gitLabURL: String
    /// WEBHOOK_URL: its server is where `webhook_url` from the network may point to; nil forbids it.
    package var webhookURL: String?
    package var trigger: String
    package var labelTrigger: String?
    /// Paths of projects or groups; empty for all.
    package var projects: [String]
    package var version: String
    package var limits: Limits

    package init(
        host: String = "127.0.0.1", port: Int = 8080, publicURL: String? = nil, adminToken: Secret? = nil,
        gitLabURL: String = "https://gitlab.com", webhookURL: String? = nil,
        trigger: String = "/ai", labelTrigger: String? = nil, projects: [String] = [], version: String = "",
        limits: Limits = Limits()
    ) {
        self.host = host
        self.port = port
        self.publicURL = publicURL
        self.adminToken = adminToken
        self.gitLabURL = gitLabURL
        self.webhookURL = webhookURL
        self.trigger = trigger
        self.labelTrigger = labelTrigger
        self.projects = projects
        self.version = version
        self.limits = limits
    }

    /// Only this machine can reach the listener.
    package var isLoopback: Bool { Self.isLoopback(host) }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.") || host.hasPrefix("::ffff:127.")
    }
}
