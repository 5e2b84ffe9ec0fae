import SystemPackage

/// What became of a commit when it was put on top of a branch that had moved.
package enum IntegrationResult: Sendable {
    /// The work tree holds the branch with the change on top; test it again, then push `commit`, expecting the checkout's base.
    case integrated(Checkout, CommitID)
    /// The branch holds the whole change already; the work tree is the branch's.
    case nothingLeft(Checkout)
    /// Both sides changed these paths; nothing was touched.
    case conflicts([String], branchAt: CommitID)
}

extension GitClient {
    /// Puts one commit of ours on top of where the remote's branch is now: fetches its tip, applies the commit's own change
    /// to it, and brings work tree and index along. The work tree must be as it was when the commit was made.
    package func integrate(
        _ commit: CommitID, of checkout: Checkout, with branch: String, credential: GitCredential?
    ) async throws -> IntegrationResult {
        try RefName.check(branch)
        let remote = try RemoteURL(checkout.remoteURL)
        let tip = try await withRetries { deadline in
            try await RemoteAccess.with(remote, credential, settings: settings) { access in
                let name = "refs/heads/\(branch)"
                guard let object = try await refs([name], access, until: deadline).refs[name] else {
                    throw GitFailure(.missingBranch, "The branch \"\(branch)\" is no longer in \(remote).")
                }
                try await fetch(object, access, into: checkout.gitDirectory, as: "refs/ai-coder/moved", until: deadline)
                return try await measure(object, in: checkout.gitDirectory)
            }
        }
        let ours = try await RawCommit(reading: git.output(of: GitCall(["cat-file", "commit", commit.rawValue], in: checkout)))
        switch try await merge(ours, onto: tip, in: checkout) {
        case .conflicts(let paths):
            return .conflicts(paths, branchAt: tip)
        case .tree(let tree, let isTip):
            let moved = Checkout(
                tree: checkout.tree, gitDirectory: checkout.gitDirectory, base: tip, baseBranch: branch,
                remoteURL: checkout.remoteURL, defaultBranch: checkout.defaultBranch)
            try await layOut(tree, from: commit, base: tip, in: moved)
            if isTip { return .nothingLeft(moved) }
            return .integrated(moved, try await makeCommit(of: tree, parents: [tip], message: ours.message, in: moved))
        }
    }

    private enum Merge {
        case tree(String, isTip: Bool)
        case conflicts([String])
    }

    /// A merge needs a common ancestor, which commits without history don't have: three commits of the same trees stand
    /// in for them.
    private func merge(_ ours: RawCommit, onto tip: CommitID, in checkout: Checkout) async throws -> Merge {
        let before = ours.parents.first.map { "\($0)^{tree}" } ?? GitDirectory.ObjectFormat(tip).emptyTree
        let ancestor = try await makeCommit(of: before, parents: [], message: [], in: checkout)
        let theirSide = try await makeCommit(of: "\(tip)^{tree}", parents: [ancestor], message: [], in: checkout)
        let ourSide = try await makeCommit(of: ours.tree, parents: [ancestor], message: [], in: checkout)
        let call = GitCall(
            ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", theirSide.rawValue, ourSide.rawValue],
            in: checkout)
        let result = try await git.run(call)
        let fields = result.standardOutput.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        switch result.ending {
        case .exited(0):
            guard let tree = fields.first else { throw git.failure(of: call, result) }
            let tipTree = try await git.output(of: GitCall(["rev-parse", "\(tip)^{tree}"], in: checkout))
            return .tree(tree, isTip: tree == String(decoding: tipTree.dropLast(), as: UTF8.self))
        case .exited(1): return .conflicts(Array(fields.dropFirst()))
        default: throw git.failure(of: call, result)
        }
    }

    /// Moves the work tree from our commit to `tree`, and index and head to `base`: only files that differ are written.
    private func layOut(_ tree: String, from commit: CommitID, base: CommitID, in checkout: Checkout) async throws {
        try await git.output(of: GitCall(["read-tree", "--reset", commit.rawValue], in: checkout))
        _ = try await git.run(GitCall(["update-index", "-q", "--refresh"], in: checkout))
        try await git.output(of: GitCall(["read-tree", "--reset", "-u", tree], in: checkout))
        try await git.output(of: GitCall(["read-tree", "--reset", base.rawValue], in: checkout))
        try GitDirectory(path: checkout.gitDirectory).setHead(base)
        try await Ownership.give(checkout.tree)
        _ = try await git.run(GitCall(["update-index", "-q", "--refresh"], in: checkout))
    }
}

/// A commit object's parts that matter here.
private struct RawCommit {
    var tree: String
    var parents: [CommitID] = []
    var message: [UInt8] = []

    init(reading object: [UInt8]) throws(GitFailure) {
        var tree: String?
        var rest = object[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if line.isEmpty { break }
            if line.hasPrefix("tree ") { tree = String(line.dropFirst(5)) }
            if line.hasPrefix("parent "), let parent = CommitID(rawValue: String(line.dropFirst(7))) { parents.append(parent) }
        }
        guard let tree else { throw GitFailure(.other, "The commit to integrate can't be read.") }
        self.tree = tree
        message = Array(rest)
    }
}
