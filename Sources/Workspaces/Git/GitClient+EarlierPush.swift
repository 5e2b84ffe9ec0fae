import SystemPackage

extension GitClient {
    /// The newest of these commits that a branch holds since the checkout's base: a run that was killed just after its push could
    /// not write down that it had. Nil when there is none, or too much lies on top of it.
    ///
    /// - Parameter commits: all that the task was about to push. Known by their ids alone, since a trailer can be anybody's.
    package func earlierPush(
        of commits: [CommitID], to branch: String, since checkout: Checkout, credential: GitCredential?
    ) async throws -> CommitID? {
        try RefName.check(branch)
        let remote = try RemoteURL(checkout.remoteURL)
        let name = "refs/heads/\(branch)"
        let tip: CommitID?
        do {
            tip = try await withRetries { deadline in
                try await RemoteAccess.with(remote, credential, settings: settings) { access in
                    guard let tip = try await refs([name], access, until: deadline).refs[name] else { return nil }
                    try await fetch(
                        tip, access, into: checkout.gitDirectory, as: "refs/ai-coder/pushed", depth: Self.lookedThrough, until: deadline)
                    return tip
                }
            }
        } catch let failure as GitFailure where failure.reason == .tooLarge {
            return nil
        }
        guard let tip else { return nil }
        var call = GitCall(["rev-list", "--max-count=\(Self.lookedThrough)", tip.rawValue], in: checkout)
        if let base = checkout.base { call.arguments += ["--not", base.rawValue] }
        return try await git.output(of: call).split(separator: UInt8(ascii: "\n"))
            .compactMap { CommitID(rawValue: String(decoding: $0, as: UTF8.self)) }.first(where: commits.contains)
    }

    /// Commits of a branch, newest first, that are looked through for an earlier push.
    private static var lookedThrough: Int { 50 }
}
