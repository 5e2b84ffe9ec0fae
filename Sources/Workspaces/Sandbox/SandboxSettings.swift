import Glibc
import NetworkAddresses
package import SystemPackage

/// What the operator says about the sandbox; nothing here can be set by a repository, a comment or a payload.
package struct SandboxSettings: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case bubblewrap, container
        /// No walls at all: the operator's word that the whole service is inside a throw-away machine.
        case none
    }

    package var kind: Kind
    /// Bytes for the whole process tree of one command.
    package var memory: Int
    package var processes: Int
    /// The longest time that one command may take, whatever it asks for.
    package var time: Duration
    /// Processor time of the whole tree.
    package var processorTime: Duration
    package var processors: Int
    /// Bytes of each of `/tmp`, `/dev/shm` and a passing home directory.
    package var temporarySize: Int
    /// Bytes and entries of the work tree and the task's home directory together.
    package var treeSize: Int
    package var treeEntries: Int
    /// Bytes of one file.
    package var fileSize: Int
    /// `HostRule`s; empty for no network at all.
    package var allowedHosts: [String]
    /// The proxy that a connection out of the sandbox has to go through; nil for the straight way.
    package var companyProxy: @Sendable (_ host: String, _ port: Int, _ isTunnel: Bool) -> CompanyProxy? = { _, _, _ in nil }
    /// All addresses of a name; a seam for tests, which have names of their own.
    package var resolveHost: @Sendable (_ host: String, _ port: Int) async throws -> [String] = { try await HostLookup.addresses($0, $1) }
    /// The image for `container`.
    package var image: String?
    /// Options for the container engine before `run`, such as `--cgroup-manager=cgroupfs`.
    package var containerOptions: [String]
    /// The service's own search path: what its programs live in is shown read-only.
    package var searchPath: String
    package var homeDirectory: FilePath
    /// More directories to show read-only.
    package var readOnlyPaths: [FilePath]
    /// Files and directories that are never shown, nor anything above them but the system's own directories, in which they are
    /// masked: where the service keeps its state and its secrets.
    package var hiddenPaths: [FilePath]
    /// Whom commands run as when the service is root; nil for the service's own user.
    package var user: WorkTree.Owner?
    /// The launcher, for `bubblewrap`; nil to look for it in the system's directories.
    package var launcher: FilePath?

    package init(
        kind: Kind = .bubblewrap, memory: Int = 2 << 30, processes: Int = 256, time: Duration = .seconds(600),
        processorTime: Duration = .seconds(1200), processors: Int = 2, temporarySize: Int = 256 << 20,
        treeSize: Int = 1 << 30, treeEntries: Int = 200_000, fileSize: Int = 256 << 20, allowedHosts: [String] = [],
        image: String? = nil, containerOptions: [String] = [],
        searchPath: String = SandboxSettings.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
        homeDirectory: FilePath = FilePath(SandboxSettings.environment("HOME") ?? "/root"),
        readOnlyPaths: [FilePath] = [], hiddenPaths: [FilePath] = [],
        user: WorkTree.Owner? = SandboxSettings.defaultUser, launcher: FilePath? = nil
    ) {
        self.kind = kind
        self.memory = memory
        self.processes = processes
        self.time = time
        self.processorTime = processorTime
        self.processors = processors
        self.temporarySize = temporarySize
        self.treeSize = treeSize
        self.treeEntries = treeEntries
        self.fileSize = fileSize
        self.allowedHosts = allowedHosts
        self.image = image
        self.containerOptions = containerOptions
        self.searchPath = searchPath
        self.homeDirectory = homeDirectory
        self.readOnlyPaths = readOnlyPaths
        self.hiddenPaths = hiddenPaths
        self.user = user
        self.launcher = launcher
    }

    /// A user number that no distribution gives away, for a service that was started as root; nil for any other.
    package static var defaultUser: WorkTree.Owner? {
        geteuid() == 0 ? WorkTree.Owner(uid: 60_787, gid: 60_787) : nil
    }

    package static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
