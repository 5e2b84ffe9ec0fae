package import Foundation
import Secrets
import SystemPackage

extension GitClient {
    /// Merges a checkout's base into another commit of the same remote: fetches that one and their common ancestor, and lays the
    /// merged files out, with marks where both sides differ. Without any history, so both must be named.
    package func beginMerge(
        of checkout: Checkout, into commit: CommitID, ancestor: CommitID, credential: GitCredential?
    ) async throws -> BegunMerge {
        guard let other = checkout.base else { throw GitFailure(.invalid, "An empty repository can't be merged.") }
        let remote = try RemoteURL(checkout.remoteURL)
        try await withRetries { deadline in
            try await RemoteAccess.with(remote, credential, settings: settings) { access in
                for (object, ref) in [(commit, "refs/ai-coder/into"), (ancestor, "refs/ai-coder/ancestor")] {
                    try await fetch(object, access, into: checkout.gitDirectory, as: ref, until: deadline)
                    _ = try await measure(object, in: checkout.gitDirectory)
                }
            }
        }
        // A merge needs a common ancestor, which commits without history don't have: three commits of the same trees stand in.
        // Their dates are fixed, so that the same merge is the same tree on each run.
        let epoch = Date(timeIntervalSince1970: 1_000_000_000)
        let root = try await makeCommit(of: "\(ancestor)^{tree}", parents: [], message: [], at: epoch, in: checkout)
        for (label, side) in [(BegunMerge.intoLabel, commit), (BegunMerge.otherLabel, other)] {
            let standIn = try await makeCommit(of: "\(side)^{tree}", parents: [root], message: [], at: epoch, in: checkout)
            try await git.output(of: GitCall(["update-ref", "refs/heads/\(label)", standIn.rawValue], in: checkout))
        }
        let call = GitCall(["merge-tree", "--write-tree", "-z", "--name-only", BegunMerge.intoLabel, BegunMerge.otherLabel], in: checkout)
        let result = try await git.run(call)
        guard [.exited(0), .exited(1)].contains(result.ending) else { throw git.failure(of: call, result) }
        let fields = result.standardOutput.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard let tree = fields.first, !tree.isEmpty else { throw git.failure(of: call, result) }
        // After the tree come the paths, then an empty field, then what is said of them.
        let paths = fields.dropFirst().prefix { !$0.isEmpty }
        let messages = fields.dropFirst(1 + paths.count).filter { $0.hasPrefix("CONFLICT") }
        let marked = try await makeCommit(of: tree, parents: [commit, other], message: [], at: epoch, in: checkout)
        let merged = Checkout(
            tree: checkout.tree, gitDirectory: checkout.gitDirectory, base: marked, baseBranch: checkout.baseBranch,
            remoteURL: checkout.remoteURL, defaultBranch: checkout.defaultBranch)
        try await git.output(of: GitCall(["read-tree", "--reset", "-u", marked.rawValue], in: merged))
        try GitDirectory(path: checkout.gitDirectory).setHead(marked)
        try await Ownership.give(checkout.tree)
        _ = try await git.run(GitCall(["update-index", "-q", "--refresh"], in: merged))
        return BegunMerge(
            checkout: merged, into: commit, other: other, conflicts: result.ending == .exited(0) ? [] : Array(paths),
            messages: messages.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
    }

    /// The merge commit, with both parents, of what was resolved and looked at. The same on each run with the same date.
    package func commit(
        _ change: ReviewedChange, of merge: BegunMerge, message: CommitMessage, policy: CommitPolicy, at date: Date
    ) async throws -> CommitID {
        let refused = change.findings.filter { policy.refused.contains($0.kind) && $0.kind != .empty }
        guard refused.isEmpty else { throw CommitRefusal(findings: refused) }
        // A file that one side deleted may stay as git left it: then nothing was changed, and it is resolved all the same.
        guard let tree = change.staged ?? merge.checkout.base else { throw CommitRefusal(findings: refused) }
        return try await makeCommit(
            of: "\(tree)^{tree}", parents: [merge.into, merge.other], message: Array(git.redactor.redact(message.text).utf8), at: date,
            in: merge.checkout)
    }
}
