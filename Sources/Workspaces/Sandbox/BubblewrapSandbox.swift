import Glibc
package import Logging
import SystemPackage

/// Runs commands in namespaces of their own through bubblewrap: a read-only system, the work tree as the only thing that can
/// be written, no network, no privileges, limits for the whole tree of processes.
package struct BubblewrapSandbox: Sandbox {
    let settings: SandboxSettings
    let launcher: FilePath
    let forbidsUserNamespaces: Bool
    let toolchains: ToolchainRoots
    var groups: CgroupRoot?
    let rooms = TreeRooms()
    let processes: ProcessRunner
    let logger: Logger

    /// Looks for the launcher and for where limits can be put; proves nothing yet, see `selfTest`.
    package init(_ settings: SandboxSettings, processes: ProcessRunner, logger: Logger) async throws {
        guard let launcher = settings.launcher ?? SystemProgram.find("bwrap"), access(launcher.string, X_OK) == 0 else {
            throw SandboxFailure(
                """
                bubblewrap is not installed, so nothing can be run safely: install the package “bubblewrap”, or set \
                SANDBOX=container, or SANDBOX=none where the whole service is inside a throw-away machine.
                """)
        }
        guard SystemCallFilter.program != nil else {
            throw SandboxFailure("There is no system call filter for this machine's architecture: set SANDBOX=container.")
        }
        let help = try await processes.run(
            ProcessRequest(executable: launcher, arguments: ["--help"], timeLimit: .seconds(10), outputLimit: 64 << 10))
        let text = String(decoding: help.standardOutput + help.standardError, as: UTF8.self)
        for option in ["--json-status-fd", "--seccomp", "--size", "--perms", "--unshare-user"] where !text.contains(option) {
            throw SandboxFailure("\(launcher) is too old (it lacks \(option)): install bubblewrap 0.8 or later.")
        }
        self.settings = settings
        self.launcher = launcher
        self.processes = processes
        self.logger = logger
        forbidsUserNamespaces = text.contains("--disable-userns")
        toolchains = ToolchainRoots(
            searchPath: settings.searchPath, home: settings.homeDirectory, hidden: settings.hiddenPaths,
            extra: settings.readOnlyPaths)
        groups = CgroupRoot.find()
        if geteuid() == 0 {
            logger.warning("The service runs as root; commands run as an unprivileged user")
        }
    }

    package func run(_ command: SandboxedCommand, in tree: WorkTree) async throws -> CommandOutcome {
        try command.checkWords()
        let run = try SandboxRun(self, command, tree)
        return try await run.carryOut()
    }

    package func selfTest() async -> SandboxReport {
        await SandboxProbe(sandbox: self, settings: settings, kind: "bubblewrap").report()
    }
}
