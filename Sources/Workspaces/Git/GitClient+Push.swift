import SystemPackage

/// What a branch of the remote must be like for a push to it.
package enum PushExpectation: Sendable, Hashable {
    /// It does not exist yet.
    case newBranch
    /// It stands at this commit, which the pushed one is built on.
    case at(CommitID)
}

extension GitClient {
    /// Pushes one commit to one branch: a new branch is only made, an existing one only moved forward from where it is
    /// expected. Never by force, never to the default branch or one of `protectedBranches`, never a tag.
    ///
    /// Pushing what is there already is fine, so that a push whose answer was lost can be repeated.
    /// - Parameter protectedBranches: names and globs.
    /// - Throws: `.branchMoved` when the branch is not as expected.
    package func push(
        _ commit: CommitID, of checkout: Checkout, to branch: String, expecting: PushExpectation,
        protectedBranches: [String] = [], credential: GitCredential?
    ) async throws {
        try RefName.check(branch)
        let remote = try RemoteURL(checkout.remoteURL)
        guard branch != checkout.defaultBranch, !protectedBranches.contains(where: { PathPattern("/" + $0).matches(branch) }) else {
            throw GitFailure(.protectedBranch, "\"\(RefName.printable(branch))\" is the default branch or protected, so nothing is pushed to it.")
        }
        if case .at(let expected) = expecting, commit != expected {
            let call = GitCall(["merge-base", "--is-ancestor", expected.rawValue, commit.rawValue], in: checkout)
            guard try await git.run(call).succeeded else {
                throw GitFailure(.branchMoved, "The commit is not built on what the branch \"\(branch)\" is expected to hold.")
            }
        }
        try await withRetries { deadline in
            try await RemoteAccess.with(remote, credential, settings: settings) { access in
                try await push(commit, of: checkout, to: branch, expecting: expecting, access, until: deadline)
            }
        }
    }

    private func push(
        _ commit: CommitID, of checkout: Checkout, to branch: String, expecting: PushExpectation,
        _ access: RemoteAccess, until deadline: ContinuousClock.Instant
    ) async throws {
        let ref = "refs/heads/\(branch)"
        var call = GitCall(
            ["push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no"],
            repository: checkout.gitDirectory)
        // The remote compares in the same moment in which it writes. An empty expectation means "only if it does not exist": a
        // creation, which overwrites nothing. An existing branch must still stand where the commit was built on, as has been looked
        // at above, so that it can only be moved forward; one that was deleted meanwhile is not made again.
        switch expecting {
        case .newBranch: call.arguments.append("--force-with-lease=\(ref):")
        case .at(let expected): call.arguments.append("--force-with-lease=\(ref):\(expected)")
        }
        call.arguments += access.packProgram("receive-pack", git: try git.executable)
        call.arguments += ["--end-of-options", access.remote.text, "\(commit):\(ref)"]
        call.access = access
        call.timeLimit = deadline - .now
        var result = try await git.run(call)
        guard !result.succeeded else { return }
        // `!<TAB>from:to<TAB>[rejected] (reason)` is on standard output; the other side's words are on standard error.
        let verdict = result.standardOutput.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "!\t".utf8) } ?? []
        result.standardError += [UInt8(ascii: "\n")] + verdict
        let failure = git.failure(of: call, result)
        if String(decoding: verdict, as: UTF8.self).contains("[rejected]") {
            throw GitFailure(
                .branchMoved, "Somebody pushed to \"\(RefName.printable(branch))\" meanwhile.", detail: failure.detail)
        }
        throw failure
    }
}
