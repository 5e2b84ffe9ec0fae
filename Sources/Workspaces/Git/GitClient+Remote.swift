import Logging
import SystemPackage

extension GitClient {
    /// Where a remote's branch stands now; nil when there is no such branch.
    package func remoteBranch(
        _ branch: String, at remoteURL: String, credential: GitCredential?
    ) async throws -> CommitID? {
        try RefName.check(branch)
        let remote = try RemoteURL(remoteURL)
        return try await withRetries { deadline in
            try await RemoteAccess.with(remote, credential, settings: settings) { access in
                try await refs(["refs/heads/\(branch)"], access, until: deadline).refs["refs/heads/\(branch)"]
            }
        }
    }

    func refs(_ names: [String], _ access: RemoteAccess, until deadline: ContinuousClock.Instant) async throws -> RemoteRefs {
        var call = GitCall(["ls-remote", "--quiet", "--symref"] + access.packProgram("upload-pack", git: try git.executable))
        call.arguments += ["--end-of-options", access.remote.text] + names
        call.access = access
        call.timeLimit = deadline - .now
        call.outputLimit = 1 << 20
        return RemoteRefs(reading: try await git.output(of: call))
    }

    /// Tries again what the network spoiled, with growing pauses, until the time for the whole is used up.
    func withRetries<Result: Sendable>(
        _ work: (_ deadline: ContinuousClock.Instant) async throws -> Result
    ) async throws -> Result {
        let deadline = ContinuousClock.now + settings.limits.networkTime
        var pause = settings.retryPause
        var attempt = 1
        while true {
            do {
                return try await work(deadline)
            } catch let failure as GitFailure where failure.isTransient && attempt < settings.attempts {
                guard ContinuousClock.now + pause < deadline else { throw failure }
                logger.debug(
                    "Git is tried again", metadata: ["git.attempt": "\(attempt)", "error.message": "\(failure.message)"])
                try await Task.sleep(for: pause * Double.random(in: 0.8...1.2), clock: .continuous)
                pause *= 2
                attempt += 1
            }
        }
    }

    /// The server may want `.git` at the end of an http address, and says so by a redirect, which is not followed: then
    /// the address with `.git` is asked by ourselves. Not inlined: the optimiser of Swift 6.3.1 crashes where it is.
    @inline(never)
    func onPresentAddress<Result: Sendable>(
        of remote: RemoteURL, _ work: (RemoteURL) async throws -> Result
    ) async throws -> Result {
        do {
            return try await work(remote)
        } catch let failure as GitFailure where failure.reason == .refused {
            guard let other = remote.withGitSuffix else { throw failure }
            do { return try await work(other) } catch is GitFailure { throw failure }
        }
    }
}

extension RemoteAccess {
    /// For a local repository, the other side runs here too, with that repository's configuration: its programs are turned
    /// off in the same way. Reading needs no trust in the repository's owner; writing runs its hooks, and needs it.
    func packProgram(_ name: String, git: FilePath) -> [String] {
        guard remote.isLocal else { return [] }
        var words = [git.string, "-c", "core.fsmonitor=false", "-c", "core.pager=cat", "-c", "core.alternateRefsCommand=:"]
        if name == "upload-pack" {
            words += ["-c", "core.hooksPath=/dev/null", "-c", "safe.directory=\(remote.text)", "-c", "safe.directory=\(remote.text)/.git"]
        }
        let quoted = (words + [name]).map { "'\($0.replacing("'", with: "'\\''"))'" }.joined(separator: " ")
        return ["--\(name)=\(quoted)"]
    }
}
