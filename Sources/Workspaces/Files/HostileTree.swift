import CConfinement
import Glibc
import SystemPackage

/// Removes a tree that was made to resist: links that lead out, directories without permissions, nesting beyond any path's
/// length, names of any bytes.
///
/// Each directory is emptied through its descriptor; directories inside are first moved up beside it, so that two
/// descriptors are enough for any depth, and no path is ever followed.
enum HostileTree {
    /// Whether nothing is left. Nothing may run in the tree any more.
    static func remove(_ path: FilePath) -> Bool {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return errno == ENOENT }
        guard status.st_mode & S_IFMT == S_IFDIR else { return unlink(path.string) == 0 }
        let top = open(path.string, CONFINEMENT_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0, let root = enter(OwnedDescriptor(top)) else { return false }
        // A pass moves everything nested to the top and empties it; moved directories may come after the reader's place.
        var passes = 0
        while empty(root, into: root, isTop: true), passes < 1_000_000 { passes += 1 }
        return rmdir(path.string) == 0
    }

    /// Removes what is in `directory`; directories inside are moved to `top`. Whether anything is left to look at.
    private static func empty(_ directory: OwnedDescriptor, into top: OwnedDescriptor, isTop: Bool) -> Bool {
        guard let names = try? directory.entryNames(), !names.isEmpty else { return false }
        var progressed = false
        for name in names.map({ $0.map(CChar.init(bitPattern:)) + [0] }) {
            if unlinkat(directory.rawValue, name, 0) == 0 || unlinkat(directory.rawValue, name, AT_REMOVEDIR) == 0 {
                progressed = true
                continue
            }
            let below = openat(directory.rawValue, name, CONFINEMENT_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard below >= 0, let inside = enter(OwnedDescriptor(below)) else { continue }
            if isTop {
                progressed = empty(inside, into: top, isTop: false) || progressed
                if unlinkat(top.rawValue, name, AT_REMOVEDIR) == 0 { progressed = true }
            } else {
                let moved = "\(UInt64.random(in: .min ... .max))"
                if renameat(directory.rawValue, name, top.rawValue, moved) == 0 { progressed = true }
            }
        }
        return progressed
    }

    /// A directory without permissions gets them first, by descriptor, so that no link can be put in its place.
    private static func enter(_ directory: OwnedDescriptor) -> OwnedDescriptor? {
        _ = chmod("/proc/self/fd/\(directory.rawValue)", 0o700)
        let descriptor = openat(directory.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return descriptor >= 0 ? OwnedDescriptor(descriptor) : nil
    }
}
