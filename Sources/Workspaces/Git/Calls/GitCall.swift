import Foundation
import SystemPackage

/// One run of git: what it is told, and which repository, files and index it is told to use.
struct GitCall: Sendable {
    var arguments: [String]
    /// `GIT_DIR`; nil for a call that needs no repository.
    var repository: FilePath?
    /// `GIT_WORK_TREE`, also the directory that it runs in.
    var workTree: FilePath?
    /// `GIT_INDEX_FILE`; nil for the repository's own.
    var index: FilePath?
    var input: [UInt8]?
    /// Nil for the limit of local commands.
    var timeLimit: Duration?
    var outputLimit = 4 << 20
    var excessOutput = ProcessRequest.ExcessOutput.endsProcess
    /// What opens the remote, for calls that have one.
    var access: RemoteAccess?
    /// Author's and committer's date; nil for now.
    var date: Date?
    var onOutput: (@Sendable (ProcessStream, [UInt8]) -> Void)?

    init(_ arguments: [String], repository: FilePath? = nil, workTree: FilePath? = nil, index: FilePath? = nil) {
        self.arguments = arguments
        self.repository = repository
        self.workTree = workTree
        self.index = index
    }

    init(_ arguments: [String], in checkout: Checkout, index: FilePath? = nil) {
        self.init(arguments, repository: checkout.gitDirectory, workTree: checkout.tree.root, index: index)
    }
}
