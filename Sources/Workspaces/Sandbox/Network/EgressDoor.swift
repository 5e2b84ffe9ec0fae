import CConfinement
import Glibc
import SystemPackage

/// Joins a sandbox's own loopback to the proxy in the service.
///
/// The service itself listens inside the sandbox's network namespace, so that nothing of ours has to run in there. The
/// command waits behind a FIFO until the door is open.
struct EgressDoor: Sendable {
    static let port: UInt16 = 3128
    /// Where the directory with the FIFO is shown inside.
    static let insidePath = "/run/egress"

    let proxy: EgressProxy
    /// Holds nothing but the FIFO, and goes with the command.
    let directory: FilePath
    private let gate: OwnedDescriptor

    /// - Parameter user: whom the launcher runs as, and who alone may look in; nil for the service's own user. Anybody who can read
    ///   from the FIFO can take the word away that the command waits for.
    init(_ proxy: EgressProxy, user: WorkTree.Owner?) throws {
        self.proxy = proxy
        do {
            directory = try TemporaryDirectory.make(in: "/tmp", prefix: "ai-coder-egress")
        } catch {
            throw SandboxFailure("No directory for the network's door could be made in /tmp: \(error).")
        }
        let path = directory.appending("ready").string
        // Both ends, so that opening never waits and what is written stays until it is read.
        let owner = user ?? WorkTree.Owner(uid: geteuid(), gid: getegid())
        guard mkfifo(path, 0o644) == 0, chmod(path, 0o644) == 0, chown(directory.string, owner.uid, owner.gid) == 0 else {
            throw SandboxFailure("The network's door could not be made in /tmp.")
        }
        let descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw SandboxFailure("The network's door could not be opened.") }
        gate = OwnedDescriptor(descriptor)
    }

    /// Opens the door to the network of a process inside, and serves until cancelled.
    ///
    /// - Throws: `SandboxFailure` when the network can't be entered.
    func serve(in process: Int32) async throws {
        let port = Self.port
        let listener = await offPool { confinement_listen_in_namespace(process, port) }
        guard listener >= 0 else {
            throw SandboxFailure("The sandbox's network can't be entered, so no host can be reached; run without allowed hosts.")
        }
        _ = [UInt8(10)].withUnsafeBytes { write(gate.rawValue, $0.baseAddress, 1) }
        try await proxy.serve(listener)
    }

    /// Whether a process is one that the door's directory is shown to: a number alone may be another machine's, or an old one.
    func isShown(to process: Int32) -> Bool {
        var shown = stat()
        var own = stat()
        return stat("/proc/\(process)/root\(Self.insidePath)/ready", &shown) == 0 && fstat(gate.rawValue, &own) == 0
            && shown.st_dev == own.st_dev && shown.st_ino == own.st_ino
    }

    func remove() {
        unlink(directory.appending("ready").string)
        rmdir(directory.string)
    }

    /// Where programs look for a proxy.
    static var environment: [String: String] {
        let address = "http://127.0.0.1:\(port)"
        var environment: [String: String] = [:]
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"] { environment[name] = address }
        for name in ["NO_PROXY", "no_proxy"] { environment[name] = "localhost,127.0.0.1,::1" }
        // Java reads no variable of these.
        let java = ["http", "https"].map { "-D\($0).proxyHost=127.0.0.1 -D\($0).proxyPort=\(port)" }.joined(separator: " ")
        for name in ["MAVEN_OPTS", "GRADLE_OPTS"] { environment[name] = java }
        return environment
    }
}
