import Glibc
import NIOPosix
import SystemPackage

/// Gives a tree's files to the user that sandboxed commands run as. Only root can, and only root needs to.
enum Ownership {
    static func give(_ tree: WorkTree) async throws {
        guard let owner = tree.owner, geteuid() == 0 else { return }
        try await NIOThreadPool.singleton.runIfActive {
            guard lchown(tree.root.string, owner.uid, owner.gid) == 0 else { throw GitFailure.local("write", tree.root) }
            try giveContents(of: tree.root, to: owner)
        }
    }

    /// Called while nothing runs in the tree; links are given away themselves and never followed.
    private static func giveContents(of root: FilePath, to owner: WorkTree.Owner) throws {
        var waiting: [[CChar]] = [root.string.utf8CString.dropLast().map { $0 }]
        while let path = waiting.popLast() {
            let descriptor = (path + [0]).withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { open($0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) } ?? -1
            }
            guard descriptor >= 0, let listing = fdopendir(descriptor) else { throw GitFailure.local("write", root) }
            defer { closedir(listing) }
            for name in DirectoryNames(listing).all {
                var status = stat()
                guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
                if status.st_uid != owner.uid || status.st_gid != owner.gid {
                    guard fchownat(descriptor, name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) == 0 else {
                        throw GitFailure.local("write", root)
                    }
                }
                if status.st_mode & S_IFMT == S_IFDIR { waiting.append(path + [47] + name.dropLast()) }
            }
        }
    }
}
