import Domain
import Foundation
import Rehearsal
import TestSupport
import Testing

/// What one task from the command line needs: a bare repository on this machine, a scripted model, a receiver of status
/// webhooks, and a workspace that is looked at afterwards.
struct OneShotScene: Sendable {
    let folder: String
    let model: ScriptedModelServer
    let receiver: StatusReceiver
    let environment: [String: String]

    var origin: String { "\(folder)/origin.git" }
    var workspace: String { "\(folder)/work" }

    /// - Parameter prepare: a script that runs in the repository's first work tree, before its first commit.
    static func run<Result: Sendable>(
        _ script: ModelScript, files: [String: String], prepare: String = ":", settings: [String: String] = [:],
        _ body: @Sendable @escaping (OneShotScene) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "one-shot-\(UUID().uuidString)").path
        for name in ["", "/first", "/home", "/tmp"] {
            try FileManager.default.createDirectory(
                atPath: folder + name, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (path, text) in files {
            let file = URL(fileURLWithPath: "\(folder)/first/\(path)")
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let model = ScriptedModelServer(script)
        return try await StatusReceiver.run { receiver, statusURL in
            try await model.serving { modelURL in
                var environment = [
                    "WORKSPACE_DIR": "\(folder)/work", "ANTHROPIC_API_KEY": "scripted", "ANTHROPIC_BASE_URL": modelURL,
                    "WEBHOOK_URL": statusURL, "WEBHOOK_SECRET": "a-secret-of-the-tests", "HOME": "\(folder)/home",
                    "TMPDIR": "\(folder)/tmp", "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
                ]
                environment.merge(settings) { $1 }
                let scene = OneShotScene(folder: folder, model: model, receiver: receiver, environment: environment)
                try await scene.shell(
                    """
                    cd first; git init -q -b main .; \(prepare)
                    git add -A; git commit -q -m first; cd ..; git clone -q --bare first origin.git
                    """)
                return try await body(scene)
            }
        }
    }

    /// Starts the task `task_001` on the scene's repository.
    func start(repository: String? = nil, _ more: [String: String] = [:]) throws -> OneShotProcess {
        var task = ["task_id": "task_001", "repo_url": repository ?? origin, "intent": "do what is to be done"]
        task.merge(more) { $1 }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: task), as: UTF8.self)
        return try OneShotProcess([json], environment: environment, folder: folder)
    }

    /// Runs the task to its end; returns its exit code and its result.
    func work(repository: String? = nil, _ more: [String: String] = [:]) async throws -> (exitCode: Int32, result: TaskResult, log: String) {
        let outcome = try await start(repository: repository, more).outcome()
        return (outcome.exitCode, try Self.result(outcome), outcome.errors)
    }

    static func result(_ outcome: Product.Outcome) throws -> TaskResult {
        do {
            return try JSONDecoder().decode(TaskResult.self, from: Data(outcome.output.utf8))
        } catch {
            throw AssembledBot.Trouble("No result (\(error)), exit code \(outcome.exitCode): \(outcome.output)\(outcome.errors.suffix(3000))")
        }
    }

    /// Runs a script as somebody with a git identity; the output comes back without its last line's end.
    @discardableResult
    func shell(_ script: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-ec", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": "\(folder)/home", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C",
            "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com", "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@example.com",
        ]
        let output = URL(fileURLWithPath: "\(folder)/\(UUID().uuidString).shell")
        try Data().write(to: output)
        defer { try? FileManager.default.removeItem(at: output) }
        let file = try FileHandle(forWritingTo: output)
        (process.standardOutput, process.standardError, process.standardInput) = (file, file, FileHandle.nullDevice)
        let code = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let said = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        guard code == 0 else { throw AssembledBot.Trouble("\(script) ended with \(code): \(said)") }
        return said.hasSuffix("\n") ? String(said.dropLast()) : said
    }

    func git(_ arguments: String) async throws -> String { try await shell("git -C \(origin) \(arguments)") }

    // MARK: what is left

    /// Files in the workspace and its surroundings that a finished run must not leave.
    func leftFiles() -> [String] {
        let manager = FileManager.default
        let tasks = (try? manager.contentsOfDirectory(atPath: "\(workspace)/tasks")) ?? []
        let temporary = (try? manager.contentsOfDirectory(atPath: "\(folder)/tmp")) ?? []
        let known = ["ai-coder.sqlite", "ai-coder.sqlite-wal", "ai-coder.sqlite-shm", "tasks", "mirrors"]
        let others = ((try? manager.contentsOfDirectory(atPath: workspace)) ?? []).filter { !known.contains($0) }
        return tasks + temporary + others
    }

    /// Processes that belong to this scene: its folder stands in their arguments, their environment or their directory, or
    /// `marker` among their arguments.
    func processes(marker: String? = nil) -> [String] {
        let numbers = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return numbers.filter { $0 != getpid() }.compactMap { number in
            let arguments = Self.read("/proc/\(number)/cmdline")
            let directory = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(number)/cwd")) ?? ""
            let isOurs =
                arguments.contains(folder) || Self.read("/proc/\(number)/environ").contains(folder) || directory.hasPrefix(folder)
                || marker.map { arguments.split(separator: "\0").contains(Substring($0)) } ?? false
            return isOurs && !arguments.isEmpty ? "\(number) \(arguments.replacing("\0", with: " "))" : nil
        }
    }

    /// Ends what sleeps for exactly so many seconds, so that whoever waits for it goes on.
    func wake(_ marker: String) {
        for process in processes(marker: marker) where process.contains(" sleep \(marker)") {
            if let number = process.split(separator: " ").first.flatMap({ Int32($0) }) { _ = kill(number, SIGKILL) }
        }
    }

    private static func read(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// Looks at the program, which is another process, until it is so.
    func eventually(_ what: String, within seconds: Double = 60, _ isSo: () async throws -> Bool) async throws {
        do {
            try await TestSupport.eventually(what, within: seconds, isSo)
        } catch let notSeen as NotSeen {
            throw AssembledBot.Trouble("\(notSeen) Statuses: \(receiver.messages.map(\.status))")
        }
    }
}
