package import SystemPackage

/// A task's work tree on disk: the only files that tools may touch. Holds no git directory and no credential.
///
/// All file access goes through descriptors that the kernel keeps beneath the root (`openat2`), so that no link, swap or
/// special file leads out. Paths are relative, `/`-separated, as git prints them.
package struct WorkTree: Sendable {
    /// Absolute path of the tree's root.
    package let root: FilePath
    /// Who owns the tree and whom sandboxed commands run as; nil for the service's own user.
    package let owner: Owner?

    package struct Owner: Sendable, Hashable {
        package var uid: UInt32
        package var gid: UInt32
        package init(uid: UInt32, gid: UInt32) {
            self.uid = uid
            self.gid = gid
        }
    }

    package init(root: FilePath, owner: Owner?) {
        self.root = root
        self.owner = owner
    }
}

/// Why a file could not be read or changed; `message` is fit for the model and for people.
package struct FileFailure: Error, Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case notFound, isDirectory, notDirectory, notRegular, outside, protected, tooLarge, exists, notText, invalidPath, full, other
    }
    package var reason: Reason
    package var message: String
    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}
