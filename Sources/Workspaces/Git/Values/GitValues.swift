package import Secrets
package import SystemPackage

/// A commit's full object id, 40 or 64 lower-case hex digits.
package struct CommitID: Sendable, Hashable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init?(rawValue: String) {
        let isHex = rawValue.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard isHex, rawValue.utf8.count == 40 || rawValue.utf8.count == 64 else { return nil }
        self.rawValue = rawValue
    }
    package var description: String { rawValue }
}

/// What opens a remote, given to one call and never kept in a checkout.
package enum GitCredential: Sendable {
    /// User name and password (an API token) over http or https, answered only to the remote's own host and path.
    case password(username: String, Secret)
    case sshKey(file: FilePath, knownHosts: FilePath?)
}

/// The tree of one task: its files, its git directory (outside the files, never seen by the sandbox), and where it began.
package struct Checkout: Sendable {
    package let tree: WorkTree
    package let gitDirectory: FilePath
    /// Nil for an empty repository.
    package let base: CommitID?
    /// The branch that it was taken from, without `refs/heads/`; nil for a tag or a detached commit.
    package let baseBranch: String?
    package let remoteURL: String
    /// The remote's default branch, where it tells one.
    package let defaultBranch: String?

    package init(
        tree: WorkTree, gitDirectory: FilePath, base: CommitID?, baseBranch: String?, remoteURL: String,
        defaultBranch: String?
    ) {
        self.tree = tree
        self.gitDirectory = gitDirectory
        self.base = base
        self.baseBranch = baseBranch
        self.remoteURL = remoteURL
        self.defaultBranch = defaultBranch
    }
}

/// One path that differs from the base commit.
package struct ChangedPath: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case added, modified, deleted, typeChanged }
    package var kind: Kind
    /// As git has it: any bytes but NUL.
    package var path: [UInt8]
    package var oldMode: UInt32
    package var newMode: UInt32
    package init(kind: Kind, path: [UInt8], oldMode: UInt32, newMode: UInt32) {
        self.kind = kind
        self.path = path
        self.oldMode = oldMode
        self.newMode = newMode
    }
}

/// What git could not do, told apart by what the user has to do about it.
package struct GitFailure: Error, Sendable {
    package enum Reason: String, Sendable {
        case network, authentication, notFound, missingBranch, diskFull, protectedBranch, hookDeclined, branchMoved
        case tooLarge, invalid, certificate, missingProgram, refused, other
    }
    package var reason: Reason
    /// One sentence, without secrets.
    package var message: String
    /// What git printed, redacted, for the log.
    package var detail: String
    package var isTransient: Bool { reason == .network }
    package init(_ reason: Reason, _ message: String, detail: String = "") {
        self.reason = reason
        self.message = message
        self.detail = detail
    }
}
