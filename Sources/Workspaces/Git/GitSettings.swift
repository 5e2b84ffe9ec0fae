package import SystemPackage

/// How git is run for all tasks. Holds no credential.
package struct GitSettings: Sendable {
    /// Author and committer of the product's commits.
    package var username: String
    package var email: String
    /// Certificates to trust instead of the system's, in PEM.
    package var caFile: FilePath?
    package var proxy: GitProxy
    /// Tries for what needs the network, the first included.
    package var attempts: Int
    /// Pause before the second try; doubled for each further one.
    package var retryPause: Duration
    /// Where one mirror for each remote is kept, so that a project's next task fetches only what is new; nil for none.
    package var cacheDirectory: FilePath?
    package var limits: GitLimits
    /// The git program; nil to look in the usual places. `PATH` is never searched.
    package var executable: FilePath?

    package init(
        username: String = "ai-coder-bot", email: String = "ai-coder@example.com", caFile: FilePath? = nil,
        proxy: GitProxy = GitProxy(), attempts: Int = 3, retryPause: Duration = .seconds(1),
        cacheDirectory: FilePath? = nil, limits: GitLimits = GitLimits(), executable: FilePath? = nil
    ) {
        self.username = username
        self.email = email
        self.caFile = caFile
        self.proxy = proxy
        self.attempts = attempts
        self.retryPause = retryPause
        self.cacheDirectory = cacheDirectory
        self.limits = limits
        self.executable = executable
    }
}

/// Proxies for http and https remotes, as the settings of the same names have them; git inherits none by itself.
package struct GitProxy: Sendable {
    package var https: String?
    package var http: String?
    /// Comma-separated hosts that are reached directly.
    package var exceptions: String?

    package init(https: String? = nil, http: String? = nil, exceptions: String? = nil) {
        self.https = https
        self.http = http
        self.exceptions = exceptions
    }
}

/// What one repository may cost before it is refused.
package struct GitLimits: Sendable {
    /// For everything that one call does over the network, its retries included.
    package var networkTime: Duration
    /// For one local git command.
    package var localTime: Duration
    /// Seconds without a byte after which a transfer counts as dead.
    package var stallTime: Duration
    /// Size of what is fetched, as packed.
    package var fetchBytes: Int
    /// Files, links and submodules in the tip's tree.
    package var entries: Int
    /// Size of all files in the tip's tree.
    package var treeBytes: Int
    /// Size of the largest file in the tip's tree.
    package var fileBytes: Int
    /// Size of all changed files together, and of the patch that describes them.
    package var changeBytes: Int
    /// Memory of one git process: what it reads whole is not all of a known size.
    package var memoryBytes: Int

    package init(
        networkTime: Duration = .seconds(600), localTime: Duration = .seconds(300), stallTime: Duration = .seconds(60),
        fetchBytes: Int = 2 << 30, entries: Int = 200_000, treeBytes: Int = 4 << 30, fileBytes: Int = 512 << 20,
        changeBytes: Int = 64 << 20, memoryBytes: Int = 2 << 30
    ) {
        self.networkTime = networkTime
        self.localTime = localTime
        self.stallTime = stallTime
        self.fetchBytes = fetchBytes
        self.entries = entries
        self.treeBytes = treeBytes
        self.fileBytes = fileBytes
        self.changeBytes = changeBytes
        self.memoryBytes = memoryBytes
    }
}
