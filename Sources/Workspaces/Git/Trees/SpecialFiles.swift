import Glibc
import NIOPosix
import SystemPackage

/// Takes away what git would open in a work tree and wait for: a pipe in the place of one of its own files of rules. What is
/// neither a file, a folder nor a link is never part of a change, so that nothing is lost with it.
enum SpecialFiles {
    /// Names that git opens by itself, in any folder.
    private static let opened: Set<[UInt8]> = Set([".gitignore", ".gitattributes", ".gitmodules", ".mailmap"].map { Array($0.utf8) })

    /// To be called while nothing runs in the tree.
    static func removeWhatGitOpens(in tree: WorkTree) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            let root = open(tree.root.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard root >= 0 else { throw GitFailure.local("read", tree.root) }
            try clean(OwnedDescriptor(root), of: tree, depth: 0)
        }
    }

    private static func clean(_ directory: OwnedDescriptor, of tree: WorkTree, depth: Int) throws {
        // Deeper than any project is; git itself gives up there.
        guard depth < 500 else { return }
        for name in (try? directory.entryNames()) ?? [] {
            let path = name.map(CChar.init(bitPattern:)) + [0]
            var status = stat()
            guard fstatat(directory.rawValue, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                let below = openat(directory.rawValue, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                if below >= 0 { try clean(OwnedDescriptor(below), of: tree, depth: depth + 1) }
            case S_IFREG, S_IFLNK: continue
            default:
                guard opened.contains(name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }) else { continue }
                guard unlinkat(directory.rawValue, path, 0) == 0 else {
                    throw GitFailure(.refused, "The work tree holds a pipe or device in the place of one of git's files, and it can't be removed.")
                }
            }
        }
    }
}
