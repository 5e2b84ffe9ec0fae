import Glibc
import Logging
package import SystemPackage

extension GitClient {
    /// Fetches one tip, without its history, and lays out its files.
    ///
    /// - Parameters:
    ///   - ref: a branch, a tag, a full commit id or a full ref name; nil for the remote's default branch. In an empty
    ///     repository the name of a branch that is to come is fine.
    ///   - directory: the task's own, empty; the files come to `files` and git's own to `git`.
    ///   - owner: who gets the files when the service runs as root.
    package func checkOut(
        _ remoteURL: String, ref: String?, credential: GitCredential?, into directory: FilePath,
        owner: WorkTree.Owner? = nil
    ) async throws -> Checkout {
        let remote = try RemoteURL(remoteURL)
        if let ref, !ref.hasPrefix("refs/"), CommitID(rawValue: ref) == nil { try RefName.check(ref) }
        if remote.isLocal { try Self.checkLocal(remote) }
        let tree = WorkTree(root: directory.appending("files"), owner: owner)
        guard mkdir(tree.root.string, 0o755) == 0 || errno == EEXIST else { throw GitFailure.local("make", tree.root) }
        do {
            return try await onPresentAddress(of: remote) { remote in
                try await checkOut(remote, ref: ref, credential: credential, tree: tree, gitDirectory: directory.appending("git"))
            }
        } catch {
            await Leftovers.remove([tree.root, directory.appending("git")])
            throw error
        }
    }

    /// The base commit's files in another directory, which is made; for test runs on the base.
    package func baseTree(of checkout: Checkout, into directory: FilePath) async throws -> WorkTree {
        let tree = WorkTree(root: directory, owner: checkout.tree.owner)
        guard mkdir(directory.string, 0o755) == 0 || errno == EEXIST else { throw GitFailure.local("make", directory) }
        if let base = checkout.base {
            let index = checkout.gitDirectory.appending("index.base")
            defer { _ = unlink(index.string) }
            try await git.output(
                of: GitCall(
                    ["read-tree", "--reset", "-u", base.rawValue], repository: checkout.gitDirectory,
                    workTree: directory, index: index))
        }
        try await Ownership.give(tree)
        return tree
    }

    /// Removes a checkout's files and git directory, whatever was done to them.
    package func remove(_ checkout: Checkout) async {
        await Leftovers.remove([checkout.tree.root, checkout.gitDirectory])
    }

    // MARK: - Steps

    /// Not inlined: the optimiser of Swift 6.3.1 crashes where it is.
    @inline(never)
    private func checkOut(
        _ remote: RemoteURL, ref: String?, credential: GitCredential?, tree: WorkTree, gitDirectory: FilePath
    ) async throws -> Checkout {
        try await withRetries { deadline in
            try await RemoteAccess.with(remote, credential, settings: settings) { access in
                try await checkOut(access, ref: ref, tree: tree, gitDirectory: gitDirectory, until: deadline)
            }
        }
    }

    private func checkOut(
        _ access: RemoteAccess, ref: String?, tree: WorkTree, gitDirectory: FilePath,
        until deadline: ContinuousClock.Instant
    ) async throws -> Checkout {
        let (refs, target) = try await resolve(ref, access, until: deadline)
        let format = GitDirectory.ObjectFormat(target?.object)
        guard let target else {
            _ = try GitDirectory.create(at: gitDirectory, format: format)
            let branch = ref.map { String($0.trimmingPrefix("refs/heads/")) } ?? refs.defaultBranch
            return Checkout(
                tree: tree, gitDirectory: gitDirectory, base: nil, baseBranch: branch, remoteURL: access.remote.text,
                defaultBranch: refs.defaultBranch)
        }
        let layOut = { (source: Source) async throws -> Checkout in
            // A try before this one may have left its part.
            await Leftovers.remove([gitDirectory])
            let directory = try GitDirectory.create(at: gitDirectory, format: format)
            let base = try await fetchTip(target.object, access, into: directory, source, until: deadline)
            let checkout = Checkout(
                tree: tree, gitDirectory: gitDirectory, base: base, baseBranch: target.branch,
                remoteURL: access.remote.text, defaultBranch: refs.defaultBranch)
            try directory.setHead(base)
            try await git.output(of: GitCall(["read-tree", "--reset", "-u", base.rawValue], in: checkout))
            return checkout
        }
        let checkout: Checkout
        if let cache = settings.cacheDirectory, !access.remote.isLocal {
            checkout = try await MirrorCache(directory: cache).withMirror(
                of: access.remote, format: format, until: deadline
            ) { mirror in
                do {
                    return try await layOut(.mirror(mirror))
                } catch let failure as GitFailure where failure.mayComeFromDamage {
                    logger.warning(
                        "A git mirror was dropped", metadata: ["git.remote": "\(access.remote.site)", "error.message": "\(failure.detail)"])
                    await mirror.drop()
                    return try await layOut(.remote)
                }
            }
        } else {
            checkout = try await layOut(.remote)
        }
        if tree.owner != nil {
            try await Ownership.give(tree)
            // The change of owner made all that the index knows of the files stale.
            _ = try await git.run(GitCall(["update-index", "-q", "--refresh"], in: checkout))
        }
        return checkout
    }

    /// Where a tip's objects come from.
    private enum Source: Sendable {
        case remote
        case mirror(Mirror)
    }

    /// Brings one object's tip to a task's git directory, counts its tree, and returns the commit.
    private func fetchTip(
        _ object: CommitID, _ access: RemoteAccess, into directory: GitDirectory, _ source: Source,
        until deadline: ContinuousClock.Instant
    ) async throws -> CommitID {
        switch source {
        case .remote:
            try await fetch(object, access, into: directory.path, as: "refs/ai-coder/base", until: deadline)
        case .mirror(let mirror):
            if !mirror.has(object) {
                try await mirror.prepare()
                try await fetch(object, access, into: mirror.path, as: Mirror.ref(object), until: deadline)
            }
            try mirror.supply(object, to: directory)
        }
        return try await measure(object, in: directory.path)
    }

    /// One object and what it needs, with as many commits of history as `depth` says, unless it is too large.
    func fetch(
        _ object: CommitID, _ access: RemoteAccess, into repository: FilePath, as ref: String, depth: Int = 1,
        until deadline: ContinuousClock.Instant
    ) async throws {
        var call = GitCall(
            [
                "fetch", "--quiet", "--depth=\(depth)", "--update-shallow", "--no-tags", "--no-write-fetch-head",
                "--no-auto-maintenance", "--no-recurse-submodules", "--no-show-forced-updates",
            ], repository: repository)
        call.arguments += access.packProgram("upload-pack", git: try git.executable)
        call.arguments += ["--end-of-options", access.remote.text, "+\(object):\(ref)"]
        call.access = access
        call.timeLimit = deadline - .now
        let packs = repository.appending("objects").appending("pack")
        try await SizeWatch(directory: packs, limit: settings.limits.fetchBytes).during { [git, call] in
            try await git.output(of: call)
        }
    }

    /// The commit that `object` is or leads to, when its tree is within the limits and has only safe names.
    func measure(_ object: CommitID, in repository: FilePath) async throws -> CommitID {
        let named = GitCall(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(object)^{commit}"], repository: repository)
        let said = try await git.run(named).standardOutput
        guard let commit = CommitID(rawValue: String(decoding: said.dropLast(), as: UTF8.self)) else {
            throw GitFailure(.missingBranch, "What was asked for is in the repository, but is not a commit.")
        }
        let census = TreeCensus(limits: settings.limits)
        var listing = GitCall(["ls-tree", "-r", "-t", "-l", "-z", "--full-tree", commit.rawValue], repository: repository)
        listing.outputLimit = 1 << 12
        listing.excessOutput = .isCutInTheMiddle
        listing.onOutput = { stream, bytes in if stream == .standardOutput { census.take(bytes) } }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { [git, listing] in
                defer { census.finish() }
                try await git.output(of: listing)
                return true
            }
            group.addTask {
                for await _ in census.stop { return false }
                return true
            }
            for try await isFine in group where !isFine { group.cancelAll(); break }
            if let verdict = census.verdict { throw verdict }
            try await group.waitForAll()
        }
        if let verdict = census.verdict { throw verdict }
        return commit
    }

    /// What `ref` means at the remote; no target for a repository without any commit.
    private func resolve(
        _ ref: String?, _ access: RemoteAccess, until deadline: ContinuousClock.Instant
    ) async throws -> (refs: RemoteRefs, target: FetchTarget?) {
        var names = ["HEAD"]
        if let ref {
            names += ref.hasPrefix("refs/") ? [try Self.checkedFullName(ref)] : ["refs/heads/\(ref)", "refs/tags/\(ref)"]
        }
        let refs = try await refs(names, access, until: deadline)
        if let ref {
            if ref.hasPrefix("refs/"), let object = refs.refs[ref] {
                return (refs, FetchTarget(object: object, branch: ref.hasPrefix("refs/heads/") ? String(ref.dropFirst(11)) : nil))
            }
            if let object = refs.refs["refs/heads/\(ref)"] { return (refs, FetchTarget(object: object, branch: ref)) }
            if let object = refs.refs["refs/tags/\(ref)"] { return (refs, FetchTarget(object: object)) }
            if let object = CommitID(rawValue: ref) { return (refs, FetchTarget(object: object)) }
        } else if let head = refs.head {
            return (refs, FetchTarget(object: head, branch: refs.defaultBranch))
        }
        if refs.head == nil, try await isEmpty(access, until: deadline) { return (refs, nil) }
        guard let ref else {
            throw GitFailure(
                .missingBranch, "The default branch of \(access.remote) has no commit: name the branch to work on.")
        }
        let other = refs.defaultBranch.map { " Its default branch is \"\($0)\"." } ?? ""
        throw GitFailure(
            .missingBranch, "There is no branch, tag or commit \"\(RefName.printable(ref))\" in \(access.remote).\(other)")
    }

    private func isEmpty(_ access: RemoteAccess, until deadline: ContinuousClock.Instant) async throws -> Bool {
        do {
            return try await refs(["refs/heads/*"], access, until: deadline).refs.isEmpty
        } catch let failure as GitFailure where failure.reason == .tooLarge {
            return false
        }
    }

    private static func checkedFullName(_ ref: String) throws(GitFailure) -> String {
        for prefix in ["refs/heads/", "refs/tags/", "refs/merge-requests/"] where ref.hasPrefix(prefix) {
            try RefName.check(String(ref.dropFirst(prefix.count)))
            return ref
        }
        throw GitFailure(.invalid, "\"\(RefName.printable(ref))\" is neither a branch nor a tag nor a merge request.")
    }

    private static func checkLocal(_ remote: RemoteURL) throws(GitFailure) {
        var status = stat()
        guard stat(remote.text, &status) == 0 else {
            throw GitFailure(.notFound, "There is no repository at \(remote).")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw GitFailure(.notFound, "\(remote) is not a directory with a repository.")
        }
    }
}

extension GitFailure {
    /// Whether a damaged mirror could be the reason, so that fetching anew is worth a try.
    fileprivate var mayComeFromDamage: Bool { [.other, .invalid, .missingBranch].contains(reason) }
}
