import Glibc
package import Logging
import SystemPackage

/// Runs each command in a container of its own through podman or docker, with the limits of the other sandbox: the work
/// tree and the task's home are the only things that can be written.
///
/// Images are never pulled: which ones there are is the operator's to say, since a project names one in a file of its own. There
/// is no network but the way to the proxy in the service, for a command that may reach hosts.
package struct ContainerSandbox: Sandbox {
    let settings: SandboxSettings
    let engine: FilePath
    let processes: ProcessRunner
    private let rooms = TreeRooms()

    package init(_ settings: SandboxSettings, processes: ProcessRunner, logger: Logger) async throws {
        guard let engine = settings.launcher ?? SystemProgram.find("podman") ?? SystemProgram.find("docker") else {
            throw SandboxFailure("SANDBOX=container needs podman or docker: install one of them.")
        }
        self.settings = settings
        self.engine = engine
        self.processes = processes
    }

    package func run(_ command: SandboxedCommand, in tree: WorkTree) async throws -> CommandOutcome {
        try command.checkWords()
        guard let image = command.image ?? settings.image else {
            throw SandboxFailure("SANDBOX=container needs an image: set SANDBOX_IMAGE, or “image” in the project's .ai-coder.yml.")
        }
        guard Self.isImageName(image) else { throw SandboxFailure("“\(image.prefix(100))” is not the name of an image.") }
        let name = "ai-coder-\(getpid())-\(UInt64.random(in: .min ... .max))"
        let room = rooms.room(of: tree, home: TaskHome.path(of: tree), settings: settings)
        let (watch, refusal) = await TreeWatch.begin(in: room, settings: settings, group: nil, launch: nil)
        if let refusal { return .refused(refusal) }
        let output = OutputKeeper(limit: command.outputLimit + 64)
        let begin = BeginMark(output)
        let policy = HostPolicy(asked: command.allowedHosts, operatorAllows: settings.allowedHosts)
        let proxy = EgressProxy(policy, resolve: settings.resolveHost, route: settings.companyProxy)
        let door = policy.isEmpty ? nil : try EgressDoor(proxy, user: geteuid() == 0 ? tree.owner ?? settings.user : nil)
        defer { door?.remove() }
        let clock = ContinuousClock()
        let start = clock.now
        let words = try arguments(command, tree, image: image, name: name, mark: begin.mark, door)
        let request = ProcessRequest(
            executable: "/bin/sh", arguments: ["-c", "exec \"$@\" 2>&1", "run", engine.string] + words,
            environment: environment,
            // podman's monitor leaves a file named `oom` where it is started, when memory ran out; it goes with the task there.
            workingDirectory: tree.root.removingLastComponent(), timeLimit: min(command.timeLimit, settings.time), outputLimit: 4096,
            excessOutput: .isCutInTheMiddle, onOutput: { _, bytes in begin.append(bytes) })
        do {
            var ending = try await race(request, watch) {
                guard let door, await begin.hasCome() else { return }
                try await serve(door, of: name)
            }
            if case .limit = ending { await remove(name) }
            if ending == .timedOut { await remove(name) }
            let printed = output.captured
            let hasBegun = printed.text.contains(begin.mark)
            // What the engine itself could not do; a command may end with the same number.
            guard hasBegun || ending != .exited(125) else {
                throw SandboxFailure(
                    "The container could not be started (images are not pulled: have “\(image)” on this machine): \(printed.text.suffix(400))")
            }
            if ending == .signalled(SIGKILL) { ending = .limit("memory (\(settings.memory >> 20) MiB), or killed") }
            if let limit = await watch.finalViolation() { ending = .limit(limit) }
            let text = printed.text.replacing(begin.mark, with: "", maxReplacements: 1)
            return CommandOutcome(
                ending: ending, duration: clock.now - start,
                output: CapturedOutput(
                    text: text, totalBytes: printed.totalBytes - (hasBegun ? begin.mark.utf8.count : 0), isTruncated: printed.isTruncated),
                refusedHosts: door?.proxy.refused ?? command.allowedHosts)
        } catch {
            // The engine's client is gone, the container is not.
            await remove(name)
            throw error
        }
    }

    /// The command, the watch on its tree, and the way to hosts.
    private func race(
        _ request: ProcessRequest, _ watch: TreeWatch, _ network: @escaping @Sendable () async throws -> Void
    ) async throws -> CommandOutcome.Ending {
        try await withThrowingTaskGroup(of: CommandOutcome.Ending?.self) { group in
            group.addTask {
                switch try await processes.run(request).ending {
                case .exited(125): .exited(125)
                case .exited(let code): .init(shellCode: code)
                case .signalled(let signal): .signalled(signal)
                case .timedOut, .outputLimit: .timedOut
                }
            }
            group.addTask { await watch.violation().map { .limit($0) } }
            group.addTask {
                do { try await network() } catch is CancellationError {}
                return nil
            }
            defer { group.cancelAll() }
            while let ending = try await group.next() {
                if let ending { return ending }
            }
            throw CancellationError()
        }
    }

    package func selfTest() async -> SandboxReport {
        await SandboxProbe(sandbox: self, settings: settings, kind: "container").report()
    }

    private func arguments(
        _ command: SandboxedCommand, _ tree: WorkTree, image: String, name: String, mark: String, _ door: EgressDoor?
    ) throws -> [String] {
        let user = tree.owner ?? settings.user ?? WorkTree.Owner(uid: geteuid(), gid: getegid())
        let seconds = max(1, settings.processorTime.components.seconds)
        var words =
            settings.containerOptions + [
                "run", "--rm", "--pull", "never", "--name", name, "--network", "none", "--read-only", "--cap-drop", "ALL",
                "--security-opt", "no-new-privileges", "--pids-limit", "\(settings.processes)",
                "--memory", "\(settings.memory)", "--memory-swap", "\(settings.memory)", "--cpus", "\(settings.processors)",
                // Of one process; of all together the processors and the time limit are the measure.
                "--ulimit", "cpu=\(seconds):\(seconds + 5)",
                "--ulimit", "fsize=\(settings.fileSize):\(settings.fileSize)", "--ulimit", "core=0:0", "--ulimit", "nofile=1024:4096",
                // The pids limit counts; without this an engine may ask for more than it may give.
                "--ulimit", "nproc=4096:4096",
                "--shm-size", "\(settings.temporarySize)", "--hostname", "sandbox",
                "--tmpfs", "/tmp:rw,mode=1777,size=\(settings.temporarySize)",
                "--user", "\(user.uid):\(user.gid)", "--workdir", try command.checkedDirectory(),
                "--volume", "\(tree.root):\(SandboxLayout.tree):\(command.treeIsWritable ? "rw" : "ro")",
                "--entrypoint", "",
            ]
        if let home = try TaskHome.make(for: tree, owner: geteuid() == 0 ? user : nil) {
            words += ["--volume", "\(home):\(SandboxLayout.home):rw"]
        } else {
            words += ["--tmpfs", "\(SandboxLayout.home):rw,mode=0777,size=\(settings.temporarySize)"]
        }
        if engine.lastComponent?.string == "podman", geteuid() != 0 { words += ["--userns", "keep-id"] }
        var environment = SandboxLayout.environment(searchPath: [])
        environment["PATH"] = nil  // the image's own
        if let door {
            words += ["--volume", "\(door.directory):\(EgressDoor.insidePath):ro"]
            environment.merge(EgressDoor.environment) { $1 }
        }
        environment.merge(command.environment) { $1 }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { words += ["--env", "\(name)=\(value)"] }
        let wait = door == nil ? "" : "read -r _ <\(EgressDoor.insidePath)/ready; "
        return words + [image, "/bin/sh", "-c", "printf %s \"$1\"; shift; \(wait)exec \"$@\"", "run", mark] + command.words
    }

    /// What the engine needs of the service's environment; nothing of it reaches the container.
    var environment: [String: String] {
        var environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": settings.homeDirectory.string]
        for name in ["XDG_RUNTIME_DIR", "DOCKER_HOST", "CONTAINER_HOST"] {
            if let value = SandboxSettings.environment(name) { environment[name] = value }
        }
        return environment
    }

    /// Not cancelled with the task: a container that nobody waits for would run on.
    private func remove(_ name: String) async {
        let request = ProcessRequest(
            executable: engine, arguments: settings.containerOptions + ["rm", "--force", name],
            environment: environment, timeLimit: .seconds(30), outputLimit: 4096, excessOutput: .isCutInTheMiddle)
        _ = await Task { try? await processes.run(request) }.value
    }

    /// Whether a name can only mean an image that is here. podman takes a name that begins with a transport for a place to read an
    /// image from, a file of the project too, whatever it was told about pulling, and takes over the names that are written in it.
    private static func isImageName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && name.wholeMatch(of: imageName) != nil
            && !transports.contains(String(name.prefix { $0 != ":" }).lowercased())
    }

    /// `[host[:port]/]path[:tag][@algorithm:digest]`
    private static var imageName: Regex<Substring> {
        #/(?:[A-Za-z0-9][A-Za-z0-9.\-]*(?::[0-9]{1,5})?\/)?(?:[A-Za-z0-9][A-Za-z0-9._\-]*\/)*[A-Za-z0-9][A-Za-z0-9._\-]*(?::[A-Za-z0-9_][A-Za-z0-9._\-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,128})?/#
    }

    private static let transports: Set<String> = [
        "docker", "docker-archive", "docker-daemon", "oci", "oci-archive", "dir", "containers-storage", "sif", "ostree", "atomic", "tarball",
    ]
}
