import CConfinement
import Glibc
import NIOPosix
import SystemPackage

/// Takes away what git would open in a work tree and wait for, or read without end: pipes and devices, which stand in the place of
/// one of its own files or are where a link or the file `.git` leads. What is neither a file, a folder nor a link is never part of a
/// change, so that nothing is lost with it.
enum SpecialFiles {
    /// Read whole in whatever looks like a repository, through a link as well, and never made as a link by git.
    private static let readWhole = Array("commondir".utf8)

    /// To be called while nothing runs in the tree.
    ///
    /// - Returns: the paths of what was there.
    @discardableResult
    static func removeWhatGitOpens(in tree: WorkTree) async throws -> Set<[UInt8]> {
        try await NIOThreadPool.singleton.runIfActive {
            let root = open(tree.root.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard root >= 0 else { throw GitFailure.local("read", tree.root) }
            var removed: Set<[UInt8]> = []
            try clean(OwnedDescriptor(root), below: [], depth: 0, &removed)
            return removed
        }
    }

    private static func clean(_ directory: OwnedDescriptor, below prefix: [UInt8], depth: Int, _ removed: inout Set<[UInt8]>) throws {
        // Deeper than any project is; git itself gives up there.
        guard depth < 500 else { return }
        for name in (try? directory.entryNames()) ?? [] {
            let path = name.map(CChar.init(bitPattern:)) + [0]
            var status = stat()
            guard fstatat(directory.rawValue, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                let below = openat(directory.rawValue, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                if below >= 0 { try clean(OwnedDescriptor(below), below: prefix + name + [UInt8(ascii: "/")], depth: depth + 1, &removed) }
            // A socket can't be opened.
            case S_IFREG, S_IFSOCK: continue
            case S_IFLNK: if name == readWhole { try remove(path, from: directory) }
            default:
                try remove(path, from: directory)
                removed.insert(prefix + name)
            }
        }
    }

    private static func remove(_ name: [CChar], from directory: OwnedDescriptor) throws {
        guard unlinkat(directory.rawValue, name, 0) == 0 else {
            throw GitFailure(.refused, "The work tree holds a pipe or device in the place of one of git's files, and it can't be removed.")
        }
    }
}
