import Glibc
package import Logging
import SystemPackage

/// `SANDBOX=none`: no walls. For a service that is itself inside a throw-away container or machine, on the operator's
/// word; it says so loudly, and limits only time, output and what a process may inherit.
package struct UnconfinedSandbox: Sandbox {
    private let settings: SandboxSettings
    private let processes: ProcessRunner
    private let groups: CgroupRoot?

    package init(_ settings: SandboxSettings, processes: ProcessRunner, logger: Logger) {
        self.settings = settings
        self.processes = processes
        groups = CgroupRoot.find()
        logger.critical(
            "SANDBOX=none: commands from models and repositories run without any walls, with all that this machine can reach")
    }

    package func run(_ command: SandboxedCommand, in tree: WorkTree) async throws -> CommandOutcome {
        try command.checkWords()
        let directory = try command.checkedDirectory().dropFirst(SandboxLayout.tree.count + 1)
        let output = OutputKeeper(limit: command.outputLimit)
        // Daemons leave the session, but hardly their environment.
        let mark = "AI_CODER_RUN=\(UInt64.random(in: .min ... .max))"
        var environment = SandboxLayout.environment(searchPath: settings.searchPath.split(separator: ":").map(String.init))
        environment["HOME"] = try TaskHome.make(for: tree, owner: tree.owner) ?? settings.homeDirectory.string
        environment.merge(command.environment) { $1 }
        environment["AI_CODER_RUN"] = String(mark.dropFirst("AI_CODER_RUN=".count))
        environment[OrphanedProcesses.variable] = OrphanedProcesses.mark
        let user = geteuid() == 0 ? tree.owner ?? settings.user : nil
        let group = groups?.make(
            memory: settings.memory, processes: settings.processes + 8, processors: settings.processors)
        defer {
            group?.endAll()
            Self.endAll(marked: mark)
            group?.remove()
        }
        var script = LaunchScript()
        script.mergeStreams()
        if let group { script.join(group) }
        script.limit(fileSize: settings.fileSize, processorTime: settings.processorTime, openFiles: 4096)
        if let user {
            guard let setpriv = SystemProgram.find("setpriv") else { throw SandboxFailure("The program “setpriv” is missing.") }
            script.run(with: [setpriv.string, "--reuid", "\(user.uid)", "--regid", "\(user.gid)", "--clear-groups", "--"])
        }
        let result = try await processes.run(
            ProcessRequest(
                executable: "/bin/sh", arguments: script.arguments(running: command.words), environment: environment,
                workingDirectory: directory.isEmpty ? tree.root : tree.root.appending(String(directory)),
                timeLimit: min(command.timeLimit, settings.time), outputLimit: 4096, excessOutput: .isCutInTheMiddle,
                onOutput: { _, bytes in output.append(bytes) }))
        if let group, group.memoryWasExhausted, result.ending != .exited(0) {
            return CommandOutcome(
                ending: .limit("memory (\(settings.memory >> 20) MiB)"), duration: result.duration, output: output.captured)
        }
        let ending: CommandOutcome.Ending =
            switch result.ending {
            case .exited(let code): .init(shellCode: code)
            case .signalled(let signal): .signalled(signal)
            case .timedOut, .outputLimit: .timedOut
            }
        return CommandOutcome(ending: ending, duration: result.duration, output: output.captured)
    }

    package func selfTest() async -> SandboxReport {
        SandboxReport(
            kind: "none",
            checks: [.init(name: "walls", passed: true, detail: "none: the operator answers for this machine (SANDBOX=none)")])
    }

    private static func endAll(marked mark: String) {
        for pid in ProcessTable.all() where pid != getpid() {
            guard let text = Cgroup.read("/proc/\(pid)/environ"), text.split(separator: "\0").contains(mark[...]) else { continue }
            kill(pid, SIGKILL)
        }
    }
}
