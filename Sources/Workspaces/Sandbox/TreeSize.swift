import CConfinement
import Glibc

/// What a directory takes on disk, counted through descriptors and without following links.
struct TreeSize: Sendable, Hashable {
    var bytes = 0
    var entries = 0
    /// Deeper than any project is; what is below was not counted.
    var isTooDeep = false
    /// A directory could not be looked into, and what is in it was not counted.
    var isPartial = false

    private static let depthLimit = 128

    static func of(_ paths: [String], entryLimit: Int) -> TreeSize {
        var size = TreeSize()
        for path in paths { size.add(path, in: AT_FDCWD, depth: 0, entryLimit: entryLimit) }
        return size
    }

    /// Counts what is below a directory. One that its owner has shut is opened for the while: to the owner's own processes, such as
    /// a service that is not root, it is shut too, and anything could be hidden in it.
    private mutating func add(_ name: UnsafePointer<CChar>, in parent: Int32, depth: Int, entryLimit: Int) {
        guard depth < Self.depthLimit else {
            isTooDeep = true
            return
        }
        let (descriptor, mode) = Self.open(name, in: parent)
        guard descriptor >= 0, let stream = fdopendir(descriptor) else {
            // What is gone, or no directory any more, holds nothing.
            if descriptor >= 0 { close(descriptor) } else if ![ENOENT, ENOTDIR, ELOOP].contains(errno) { isPartial = true }
            return
        }
        defer {
            if let mode { fchmod(descriptor, mode) }
            closedir(stream)
        }
        while entries <= entryLimit, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }).map(CChar.init(bitPattern:)) } + [0]
            if name == [46, 0] || name == [46, 46, 0] { continue }
            var status = stat()
            guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno != ENOENT { isPartial = true }
                continue
            }
            entries += 1
            bytes += Int(status.st_blocks) * 512
            if status.st_mode & S_IFMT == S_IFDIR { add(name, in: descriptor, depth: depth + 1, entryLimit: entryLimit) }
        }
    }

    /// A descriptor to read the directory with, or -1 and the reason in `errno`; and its mode where that had to be changed.
    private static func open(_ name: UnsafePointer<CChar>, in parent: Int32) -> (descriptor: Int32, mode: mode_t?) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var status = stat()
        guard geteuid() != 0, fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFDIR,
            status.st_mode & 0o500 != 0o500
        else { return (openat(parent, name, flags), nil) }
        let shut = openat(parent, name, CONFINEMENT_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard shut >= 0 else { return (-1, nil) }
        defer {
            let reason = errno
            close(shut)
            errno = reason
        }
        let mode = status.st_mode & 0o7777
        _ = chmod("/proc/self/fd/\(shut)", mode | 0o500)
        return (openat(shut, ".", flags), mode)
    }
}

/// How much room a file system has, which costs nothing to ask.
struct FreeSpace: Sendable {
    var bytes = 0
    var entries = 0

    init() {}

    init(at path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return }
        bytes = Int(status.f_bavail) * Int(status.f_frsize)
        entries = Int(status.f_ffree)
    }
}
