package import Foundation
import NIOPosix
import Secrets
import SystemPackage

/// A change that was looked at and can be committed.
package struct ReviewedChange: Sendable {
    /// What the commit would hold, nil when nothing is left to commit.
    let staged: CommitID?
    let parent: CommitID?
    package let changes: [ChangedPath]
    package let findings: [CommitFinding]
}

extension GitClient {
    /// Stages exactly what the task changed and looks at it, without making a commit.
    ///
    /// - Parameter parent: the commit to build on when it is not the base: one that was made from this checkout before.
    package func review(
        _ checkout: Checkout, policy: CommitPolicy, parent: CommitID? = nil
    ) async throws -> ReviewedChange {
        let parent = parent ?? checkout.base
        guard let staged = try await stage(checkout, fileLimit: policy.fileLimit) else {
            let change = try await change(in: checkout)
            let findings = ChangeReview(policy: policy, redactor: git.redactor)
                .findings(in: change, added: AddedLines(reading: []), links: [])
            return ReviewedChange(
                staged: nil, parent: parent, changes: [], findings: [Self.nothing] + findings)
        }
        var call = GitCall(
            [
                "diff-tree", "-r", "-p", "-U0", "--text", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv",
                parent?.rawValue ?? base(of: checkout), staged.commit.rawValue,
            ], in: checkout)
        call.outputLimit = settings.limits.changeBytes * 2
        let patch = try await git.output(of: call)
        let added = AddedLines(reading: patch)
        let newHosts = try await newHosts(in: added, of: checkout)
        let change = staged.change
        let redactor = git.redactor
        return try await NIOThreadPool.singleton.runIfActive {
            let tree = try WorkTreeReader(checkout.tree.root)
            let links = change.parts.compactMap { part -> (path: [UInt8], target: [UInt8])? in
                guard part.changed.newMode == 0o120000, part.changed.oldMode != 0o120000 || part.changed.kind == .modified,
                    let contents = tree.contents(at: part.changed.path, limit: 0)
                else { return nil }
                return (part.changed.path, contents.bytes)
            }
            var findings = ChangeReview(policy: policy, redactor: redactor)
                .findings(in: change, added: added, links: links, newHosts: newHosts)
            if patch.isEmpty { findings.insert(Self.nothing, at: 0) }
            return ReviewedChange(
                staged: patch.isEmpty ? nil : staged.commit, parent: parent, changes: change.paths, findings: findings)
        }
    }

    private func newHosts(in added: AddedLines, of checkout: Checkout) async throws -> [(path: [UInt8], hosts: [String])] {
        var found: [(path: [UInt8], hosts: [String])] = []
        for file in added.files where LockFile.isOne(file.path) {
            var before: [UInt8]?
            do {
                before = try await fileAtBase(String(decoding: file.path, as: UTF8.self), in: checkout, limit: settings.limits.changeBytes)
            } catch let failure as GitFailure where failure.reason == .tooLarge {
                // Then every host counts as new.
                before = nil
            }
            found.append((file.path, LockFile.newHosts(in: file, before: before)))
        }
        return found
    }

    /// Makes the commit of a change that was looked at. The same change with the same message, parent and date is the same
    /// commit, so that it can be made again after a crash.
    ///
    /// - Throws: `CommitRefusal` when the policy refuses one of its findings.
    package func commit(
        _ change: ReviewedChange, of checkout: Checkout, message: CommitMessage, policy: CommitPolicy,
        at date: Date? = nil
    ) async throws -> CommitID {
        let refused = change.findings.filter { policy.refused.contains($0.kind) }
        guard refused.isEmpty else { throw CommitRefusal(findings: refused) }
        guard let staged = change.staged else { throw CommitRefusal(findings: [Self.nothing]) }
        return try await makeCommit(
            of: "\(staged)^{tree}", parents: change.parent.map { [$0] } ?? [],
            message: Array(git.redactor.redact(message.text).utf8), at: date, in: checkout)
    }

    /// Looks at what the task changed and commits exactly that.
    package func commit(
        _ checkout: Checkout, message: CommitMessage, policy: CommitPolicy, parent: CommitID? = nil
    ) async throws -> CommitID {
        try await commit(review(checkout, policy: policy, parent: parent), of: checkout, message: message, policy: policy)
    }

    /// Author and committer are the service's own, whatever the message says.
    func makeCommit(
        of tree: String, parents: [CommitID], message: [UInt8], at date: Date? = nil, in checkout: Checkout
    ) async throws -> CommitID {
        var call = GitCall(["commit-tree", "--no-gpg-sign"] + parents.flatMap { ["-p", $0.rawValue] } + ["-F", "-", tree], in: checkout)
        call.input = message
        call.date = date
        let said = try await git.output(of: call)
        guard let commit = CommitID(rawValue: String(decoding: said.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) else {
            throw GitFailure(.other, "git did not say which commit it made.")
        }
        return commit
    }

    private static var nothing: CommitFinding { CommitFinding(.empty, message: "There is nothing to commit.") }
}
