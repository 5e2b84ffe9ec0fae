import Glibc
import Logging
import SystemPackage

/// One command in a bubblewrap sandbox, from the launch to the end of its last process.
struct SandboxRun {
    private let sandbox: BubblewrapSandbox
    private let command: SandboxedCommand
    private let tree: WorkTree
    /// Whom the launcher runs as; nil for the service's own user.
    private let user: WorkTree.Owner?
    private let directory: String

    init(_ sandbox: BubblewrapSandbox, _ command: SandboxedCommand, _ tree: WorkTree) throws {
        self.sandbox = sandbox
        self.command = command
        self.tree = tree
        let isRoot = geteuid() == 0
        user = isRoot ? tree.owner ?? sandbox.settings.user : nil
        guard !isRoot || user.map({ $0.uid != 0 && $0.gid != 0 }) == true else {
            throw SandboxFailure("As root, commands need an unprivileged user to run as.")
        }
        directory = try command.checkedDirectory()
    }

    private var settings: SandboxSettings { sandbox.settings }

    func carryOut() async throws -> CommandOutcome {
        let group = sandbox.groups?.make(
            memory: settings.memory, processes: settings.processes + 8, processors: settings.processors)
        if group == nil, sandbox.groups != nil {
            sandbox.logger.warning("No control group could be made; memory is watched instead")
        }
        defer { group?.remove() }
        let output = OutputKeeper(limit: command.outputLimit)
        let status = LaunchStatus()
        let clock = ContinuousClock()
        let start = clock.now
        let policy = HostPolicy(asked: command.allowedHosts, operatorAllows: settings.allowedHosts)
        let proxy = EgressProxy(policy, resolve: settings.resolveHost, route: settings.companyProxy)
        let door = policy.isEmpty ? nil : try EgressDoor(proxy, user: user)
        defer { door?.remove() }
        let request = try makeRequest(group, output, status, door)
        let room = sandbox.rooms.room(of: tree, home: TaskHome.path(of: tree), settings: settings)
        let (watch, refusal) = await TreeWatch.begin(in: room, settings: settings, group: group, launch: status)
        if let refusal { return .refused(refusal) }
        var ending: CommandOutcome.Ending
        do {
            ending = try await race(request, watch, status, output, door)
        } catch {
            await status.end()
            throw error
        }
        await status.end()
        if let limit = await watch.finalViolation() {
            ending = .limit(limit)
        }
        return CommandOutcome(
            ending: refined(ending, group), duration: clock.now - start, output: output.captured,
            refusedHosts: door?.proxy.refused ?? [])
    }

    /// The command and the watch on its tree; a limit that is met ends the command.
    private func race(
        _ request: ProcessRequest, _ watch: TreeWatch, _ status: LaunchStatus, _ output: OutputKeeper,
        _ door: EgressDoor?
    ) async throws -> CommandOutcome.Ending {
        enum Event: Sendable { case ended(ProcessResult), limit(String), watchIsOver }
        return try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask { .ended(try await sandbox.processes.run(request)) }
            group.addTask { await watch.violation().map(Event.limit) ?? .watchIsOver }
            if let door {
                group.addTask {
                    guard let process = await status.waitForStart() else { return .watchIsOver }
                    do { try await door.serve(in: process) } catch is CancellationError {}
                    return .watchIsOver
                }
            }
            defer { group.cancelAll() }
            while let event = try await group.next() {
                switch event {
                case .watchIsOver: continue
                case .ended(let result): return try ending(of: result, status, output)
                case .limit(let limit):
                    group.cancelAll()
                    while let rest = await group.nextResult() {
                        // It may have ended by itself in the same moment.
                        if case .success(.ended(let result)) = rest, result.succeeded {
                            return try ending(of: result, status, output)
                        }
                    }
                    try Task.checkCancellation()
                    return .limit(limit)
                }
            }
            throw CancellationError()
        }
    }

    private func ending(
        of result: ProcessResult, _ status: LaunchStatus, _ output: OutputKeeper
    ) throws -> CommandOutcome.Ending {
        if let code = status.exitCode { return .init(shellCode: code) }
        switch result.ending {
        case .timedOut: return .timedOut
        case .signalled(let signal): return .signalled(signal)
        // Without a code of the command's own, the walls did not stand and nothing was run.
        case .exited, .outputLimit: throw SandboxFailure(launcherSaid: output.captured.text)
        }
    }

    /// Tells limits from plain failures, by what the kernel counted.
    private func refined(_ ending: CommandOutcome.Ending, _ group: Cgroup?) -> CommandOutcome.Ending {
        if ending == .exited(0) || ending == .timedOut { return ending }
        if case .limit = ending { return ending }
        if let group, group.memoryWasExhausted { return .limit("memory (\(settings.memory >> 20) MiB)") }
        if ending == .signalled(SIGXFSZ) { return .limit("file size (\(settings.fileSize >> 20) MiB)") }
        if ending == .signalled(SIGXCPU) { return .limit("processor time") }
        if let group, group.processesWereExhausted { return .limit("processes (\(settings.processes))") }
        return ending
    }

    private func makeRequest(
        _ group: Cgroup?, _ output: OutputKeeper, _ status: LaunchStatus, _ door: EgressDoor?
    ) throws -> ProcessRequest {
        var staged = StagedSources()
        func source(_ path: String) -> String {
            guard let user, !Reach.canFollow(path, as: user) else { return path }
            return staged.stage(path)
        }
        var arguments = BubblewrapArguments(sandbox)
        for root in sandbox.toolchains.directories { arguments.show(source(root), at: root) }
        // What the user inside can't reach needs no mask, and the launcher, which runs as that user, could not put one there.
        for hidden in sandbox.toolchains.shownSecrets() where user.map({ Reach.canFollow(hidden.path, as: $0) }) ?? true {
            arguments.mask(hidden.path, isDirectory: hidden.isDirectory)
        }
        if let home = try TaskHome.make(for: tree, owner: user) {
            arguments.open(source(home), at: SandboxLayout.home)
        } else {
            arguments.makePassingHome(size: settings.temporarySize)
        }
        let root = source(tree.root.string)
        if command.treeIsWritable {
            arguments.open(root, at: SandboxLayout.tree)
        } else {
            arguments.show(root, at: SandboxLayout.tree)
        }
        if let door {
            arguments.show(source(door.directory.string), at: EgressDoor.insidePath)
            arguments.set(EgressDoor.environment)
        }
        arguments.closeRoot()
        arguments.set(SandboxLayout.environment(searchPath: sandbox.toolchains.searchPath))
        arguments.set(sandbox.toolchains.environment)
        arguments.set(command.environment)
        arguments.run(command.words, in: directory, processes: settings.processes, waitsForNetwork: door != nil)

        var script = LaunchScript()
        script.arrangeStreams(
            status: BubblewrapArguments.Descriptor.status, filter: BubblewrapArguments.Descriptor.filter)
        script.volunteerForOutOfMemory()
        if let group { script.join(group) }
        script.limit(fileSize: settings.fileSize, processorTime: settings.processorTime, openFiles: 4096)
        for file in BubblewrapArguments.etc { script.offer(file.content, at: file.descriptor) }
        if !staged.isEmpty { try stage(staged, in: &script) }
        script.run(with: try program("nice") + ["-n", "5"])
        if let user {
            script.run(
                with: try program("setpriv") + [
                    "--reuid", "\(user.uid)", "--regid", "\(user.gid)", "--clear-groups", "--inh-caps", "-all", "--bounding-set",
                    "-all", "--no-new-privs", "--",
                ])
        }
        return ProcessRequest(
            executable: "/bin/sh", arguments: script.arguments(running: [sandbox.launcher.string] + arguments.words),
            workingDirectory: "/", standardInput: SystemCallFilter.program, timeLimit: min(command.timeLimit, settings.time),
            outputLimit: 64 << 10, excessOutput: .isCutInTheMiddle,
            onOutput: { stream, bytes in
                switch stream {
                case .standardOutput: output.append(bytes)
                case .standardError: status.append(bytes)
                }
            })
    }

    private func stage(_ sources: StagedSources, in script: inout LaunchScript) throws {
        let mount = try program("mount")[0]
        let (place, table) = (StagedSources.place, "\(StagedSources.place)/table")
        // `mount` reads a table only from a regular file; this one stands on the file system that it made itself.
        script.run(
            with: try program("unshare") + [
                "--mount", "--propagation", "private", "--", "/bin/sh", "-c",
                """
                \(mount) -t tmpfs -o mode=0711,size=1m tmpfs \(place) && printf %s "$1" >\(table) \\
                && \(mount) --all --fstab \(table) || exit 122
                shift; unset PWD OLDPWD; exec "$@"
                """, "stage", sources.text,
            ])
    }

    private func program(_ name: String) throws -> [String] {
        guard let path = SystemProgram.find(name) else {
            throw SandboxFailure("The program “\(name)” of util-linux or coreutils is missing: install it.")
        }
        return [path.string]
    }
}

extension CommandOutcome {
    /// A tree that is too full for any command.
    static func refused(_ limit: String) -> CommandOutcome {
        let text = "The files here take more than the limit: \(limit). Nothing was run, and nothing will be before some are deleted."
        return CommandOutcome(
            ending: .limit(limit), duration: .zero, output: CapturedOutput(text: text, totalBytes: text.utf8.count, isTruncated: false))
    }
}

extension CommandOutcome.Ending {
    /// A shell tells a signal by a code above 128; only signals that end processes are taken for one.
    init(shellCode code: Int32) {
        let signals: Set<Int32> = [
            SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGSEGV, SIGPIPE, SIGTERM, SIGXCPU,
            SIGXFSZ, SIGSYS,
        ]
        self = signals.contains(code - 128) ? .signalled(code - 128) : .exited(code)
    }
}

extension SandboxFailure {
    /// Puts a remedy to what the launcher said.
    init(launcherSaid text: String) {
        let said = text.split(separator: "\n").prefix(3).joined(separator: "; ")
        let remedy: String
        let isForbidden = ["setting up uid map", "creating new namespace", "No permissions to create", "Can't set hostname"].contains { text.contains($0) }
        if isForbidden {
            remedy = """
                allow user namespaces (kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0, \
                or in a container --security-opt seccomp=unconfined --security-opt systempaths=unconfined; podman: unmask=ALL), or set SANDBOX=container
                """
        } else if text.contains("mount proc") {
            remedy = """
                in a container, start it with --security-opt unmask=ALL (docker: systempaths=unconfined), or set SANDBOX=container
                """
        } else {
            remedy = "run “ai-coder doctor”, or set SANDBOX=container"
        }
        self.init("The sandbox can't be put up: \(said.isEmpty ? "the launcher said nothing" : said). Remedy: \(remedy).")
    }
}
