import SystemPackage

extension GitClient {
    /// The newest commit that this task has pushed to a branch since the checkout's base: a run that was killed just after its
    /// push could not write down that it had. Nil when there is none, or too much lies on top of it.
    ///
    /// It is known by its trailer, since it may have been brought up to date before it was pushed and is then not the commit
    /// that another run makes.
    package func earlierPush(
        of taskID: String, to branch: String, since checkout: Checkout, credential: GitCredential?
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
        var call = GitCall(
            ["log", "--max-count=\(Self.lookedThrough)", "--format=%H %(trailers:key=Task-Id,valueonly,separator=%x20)", tip.rawValue],
            in: checkout)
        if let base = checkout.base { call.arguments += ["--not", base.rawValue] }
        for line in try await git.output(of: call).split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            if let hash = words.first, words.dropFirst().contains(taskID[...]) { return CommitID(rawValue: String(hash)) }
        }
        return nil
    }

    /// Commits of a branch, newest first, that are looked through for an earlier push.
    private static var lookedThrough: Int { 50 }
}
