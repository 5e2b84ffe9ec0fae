import Glibc
import NIOPosix
import SystemPackage

/// Removes directories whatever their content: no link is followed, modes don't matter, and depth costs no stack and no
/// descriptors, since each directory found inside is first moved up to the top.
enum Leftovers {
    /// What can't be removed stays; the sweep at the next start tries again.
    static func remove(_ directories: [FilePath]) async {
        // A task of its own, since the one that called may be cancelled, and what it leaves must go all the same.
        await Task {
            try? await NIOThreadPool.singleton.runIfActive {
                for directory in directories { removeNow(directory) }
            }
        }.value
    }

    static func removeNow(_ directory: FilePath) {
        guard unlink(directory.string) != 0 else { return }
        let top = open(directory.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0 else { return }
        defer { close(top) }
        var moved = 0
        var didSomething = true
        while didSomething {
            didSomething = false
            for name in names(in: top) {
                if unlinkat(top, name, 0) == 0 || unlinkat(top, name, AT_REMOVEDIR) == 0 {
                    didSomething = true
                    continue
                }
                _ = fchmodat(top, name, 0o700, 0)
                let inner = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                guard inner >= 0 else { continue }
                for innerName in names(in: inner) where unlinkat(inner, innerName, 0) != 0 {
                    moved += 1
                    if unlinkat(inner, innerName, AT_REMOVEDIR) != 0 {
                        _ = renameat(inner, innerName, top, ".leftover-\(getpid())-\(moved)")
                    }
                }
                close(inner)
                if unlinkat(top, name, AT_REMOVEDIR) == 0 { didSomething = true }
            }
        }
        _ = rmdir(directory.string)
    }

    /// The names in a directory as C strings; bytes, not text.
    private static func names(in directory: Int32) -> [[CChar]] {
        let own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return [] }
        guard let listing = fdopendir(own) else {
            close(own)
            return []
        }
        defer { closedir(listing) }
        return DirectoryNames(listing).all
    }
}

/// Reads the names of an open directory, without `.` and `..`.
struct DirectoryNames {
    /// Each ends with a zero byte.
    let all: [[CChar]]

    init(_ listing: OpaquePointer) {
        var all: [[CChar]] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
            }
            if name != [46, 0], name != [46, 46, 0] { all.append(name) }
        }
        self.all = all
    }
}
