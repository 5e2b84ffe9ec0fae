import Glibc
package import Logging
import SystemPackage

/// Runs each command in a container of its own through podman or docker, with the limits of the other sandbox: the work
/// tree is the only thing that can be written.
package struct ContainerSandbox: Sandbox {
    private let settings: SandboxSettings
    private let engine: FilePath
    private let processes: ProcessRunner

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
        let output = OutputKeeper(limit: command.outputLimit)
        let clock = ContinuousClock()
        let start = clock.now
        let words = try arguments(command, tree, image: image, name: name)
        let request = ProcessRequest(
            executable: "/bin/sh", arguments: ["-c", "exec \"$@\" 2>&1", "run", engine.string] + words,
            environment: environment, timeLimit: min(command.timeLimit, settings.time), outputLimit: 4096,
            excessOutput: .isCutInTheMiddle, onOutput: { _, bytes in output.append(bytes) })
        do {
            let result = try await processes.run(request)
            if result.ending == .timedOut { await remove(name) }
            let ending: CommandOutcome.Ending
            switch result.ending {
            // What the engine itself could not do.
            case .exited(125):
                throw SandboxFailure("The container could not be started: \(output.captured.text.suffix(400))")
            case .exited(137): ending = .limit("memory (\(settings.memory >> 20) MiB), or killed")
            case .exited(let code): ending = .init(shellCode: code)
            case .signalled(let signal): ending = .signalled(signal)
            case .timedOut, .outputLimit: ending = .timedOut
            }
            return CommandOutcome(ending: ending, duration: clock.now - start, output: output.captured)
        } catch {
            // The engine's client is gone, the container is not.
            await remove(name)
            throw error
        }
    }

    package func selfTest() async -> SandboxReport {
        await SandboxProbe(sandbox: self, settings: settings, kind: "container").report()
    }

    private func arguments(_ command: SandboxedCommand, _ tree: WorkTree, image: String, name: String) throws -> [String] {
        let user = tree.owner ?? settings.user ?? WorkTree.Owner(uid: geteuid(), gid: getegid())
        var words =
            settings.containerOptions + [
                "run", "--rm", "--name", name, "--network", "none", "--read-only", "--cap-drop", "ALL",
                "--security-opt", "no-new-privileges", "--pids-limit", "\(settings.processes)",
                "--memory", "\(settings.memory)", "--memory-swap", "\(settings.memory)", "--cpus", "\(settings.processors)",
                "--ulimit", "fsize=\(settings.fileSize):\(settings.fileSize)", "--ulimit", "core=0:0", "--ulimit", "nofile=1024:4096",
                // The pids limit counts; without this an engine may ask for more than it may give.
                "--ulimit", "nproc=4096:4096",
                "--shm-size", "\(settings.temporarySize)", "--hostname", "sandbox",
                "--tmpfs", "/tmp:rw,mode=1777,size=\(settings.temporarySize)",
                "--tmpfs", "\(SandboxLayout.home):rw,mode=0777,size=\(settings.temporarySize)",
                "--user", "\(user.uid):\(user.gid)", "--workdir", try command.checkedDirectory(),
                "--volume", "\(tree.root):\(SandboxLayout.tree):\(command.treeIsWritable ? "rw" : "ro")",
                "--entrypoint", "",
            ]
        if engine.lastComponent?.string == "podman", geteuid() != 0 { words += ["--userns", "keep-id"] }
        var environment = SandboxLayout.environment(searchPath: [])
        environment["PATH"] = nil  // the image's own
        environment.merge(command.environment) { $1 }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { words += ["--env", "\(name)=\(value)"] }
        return words + [image] + command.words
    }

    /// What the engine needs of the service's environment; nothing of it reaches the container.
    private var environment: [String: String] {
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

    private static func isImageName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && !name.hasPrefix("-")
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || "._-/:@".unicodeScalars.contains($0))
            }
    }
}
