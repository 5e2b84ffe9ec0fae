import Foundation
import Glibc
import Logging
import Secrets
import SystemPackage

/// Runs the git program: an absolute path, an environment made from nothing, and failures told apart.
struct GitProgram: Sendable {
    let settings: GitSettings
    let processes: ProcessRunner
    let redactor: Redactor
    let logger: Logger

    /// What the call printed, when git exits with 0.
    ///
    /// - Throws: `GitFailure`, or `CancellationError` when the task is cancelled.
    @discardableResult
    func output(of call: GitCall) async throws -> [UInt8] {
        let result = try await run(call)
        guard result.succeeded else { throw failure(of: call, result) }
        return result.standardOutput
    }

    /// Runs git and returns how it ended, whatever that is.
    func run(_ call: GitCall) async throws -> ProcessResult {
        var request = ProcessRequest(executable: try executable)
        request.arguments = call.arguments
        request.environment = environment(for: call)
        request.workingDirectory = call.workTree ?? "/"
        request.standardInput = call.input
        request.timeLimit = call.timeLimit ?? settings.limits.localTime
        request.memoryLimit = settings.limits.memoryBytes
        request.outputLimit = call.outputLimit
        request.excessOutput = call.excessOutput
        request.onOutput = call.onOutput
        let result: ProcessResult
        do {
            result = try await processes.run(request)
        } catch let failure as ProcessFailure {
            throw GitFailure(failure.reason == .notFound ? .missingProgram : .other, failure.message)
        }
        logger.debug(
            "Ran git",
            metadata: [
                "git.command": "\(call.arguments.first ?? "")", "git.ending": "\(result.ending)",
                "git.duration": "\(result.duration)",
            ])
        return result
    }

    /// What a run that did not succeed means.
    func failure(of call: GitCall, _ result: ProcessResult) -> GitFailure {
        let knowing = redactor.adding(call.access?.secrets ?? [])
        let said = knowing.redact(String(decoding: result.standardError.prefix(1 << 16), as: UTF8.self))
        let failure = GitFailure(
            reading: said, ending: result.ending, command: call.arguments.first ?? "", remote: call.access?.remote)
        // Git does not always say why a file could not be written.
        if [.other, .network].contains(failure.reason), let place = call.workTree ?? call.repository, Self.isFull(place),
            said.contains("unable to") || said.contains("fail")
        {
            return GitFailure(.diskFull, "The disk is full: free some space in the workspace and try again.", detail: said)
        }
        return failure
    }

    private static func isFull(_ place: FilePath) -> Bool {
        var status = statvfs()
        guard statvfs(place.string, &status) == 0 else { return false }
        return Int(status.f_bavail) * Int(status.f_frsize) < 1 << 20 || (status.f_files > 0 && status.f_favail == 0)
    }

    var executable: FilePath {
        get throws(GitFailure) {
            if let chosen = settings.executable { return chosen }
            return try Self.find("git")
        }
    }

    /// A program in the system's own directories: what a repository or an inherited `PATH` calls by that name never counts.
    static func find(_ name: String) throws(GitFailure) -> FilePath {
        for directory in ["/usr/bin", "/usr/local/bin", "/bin"] {
            let path = FilePath(directory).appending(name)
            if access(path.string, X_OK) == 0 { return path }
        }
        throw GitFailure(.missingProgram, "The program \(name) is not installed on this machine; install it and try again.")
    }

    private func environment(for call: GitCall) -> [String: String] {
        var configuration = GitConfiguration()
        configuration.set("http.lowSpeedTime", String(max(1, settings.limits.stallTime.components.seconds)))
        var environment = [
            "PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent",
            "LC_ALL": "C", "LANGUAGE": "C", "TZ": "UTC", OrphanedProcesses.variable: OrphanedProcesses.mark,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "",
            "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1",
            "GIT_LITERAL_PATHSPECS": "1", "GIT_PROTOCOL_FROM_USER": "0", "GIT_ADVICE": "0", "GIT_PAGER": "cat",
            "GIT_EDITOR": ":", "GIT_ALLOW_PROTOCOL": call.access?.remote.transport.rawValue ?? "none",
            "GIT_CEILING_DIRECTORIES": "/", "GIT_DIR": call.repository?.string ?? "/nonexistent",
            "GIT_AUTHOR_NAME": settings.username, "GIT_AUTHOR_EMAIL": settings.email,
            "GIT_COMMITTER_NAME": settings.username, "GIT_COMMITTER_EMAIL": settings.email,
        ]
        if let date = call.date {
            let stamp = "\(Int64(date.timeIntervalSince1970)) +0000"
            environment["GIT_AUTHOR_DATE"] = stamp
            environment["GIT_COMMITTER_DATE"] = stamp
        }
        if let workTree = call.workTree { environment["GIT_WORK_TREE"] = workTree.string }
        if let index = call.index { environment["GIT_INDEX_FILE"] = index.string }
        if let access = call.access {
            configuration.set("protocol.\(access.remote.transport.rawValue).allow", "always")
            for (key, value) in access.configuration { configuration.set(key, value) }
            environment.merge(access.environment) { _, new in new }
            if access.remote.isHTTP {
                environment["GIT_SSL_CAINFO"] = settings.caFile?.string
                environment["https_proxy"] = settings.proxy.https
                environment["http_proxy"] = settings.proxy.http
                environment["no_proxy"] = settings.proxy.exceptions
            }
        }
        return environment.merging(configuration.environment) { _, new in new }
    }
}
