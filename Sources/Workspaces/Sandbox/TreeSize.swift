import Glibc

/// What a directory takes on disk, counted through descriptors and without following links.
struct TreeSize: Sendable, Hashable {
    var bytes = 0
    var entries = 0
    /// Deeper than any project is; what is below was not counted.
    var isTooDeep = false

    private static let depthLimit = 128

    static func of(_ paths: [String], entryLimit: Int) -> TreeSize {
        var size = TreeSize()
        for path in paths {
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if descriptor >= 0 { size.add(OwnedDescriptor(descriptor), depth: 0, entryLimit: entryLimit) }
        }
        return size
    }

    private mutating func add(_ directory: OwnedDescriptor, depth: Int, entryLimit: Int) {
        guard depth < Self.depthLimit else {
            isTooDeep = true
            return
        }
        guard let stream = fdopendir(dup(directory.rawValue)) else { return }
        defer { closedir(stream) }
        while entries <= entryLimit, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }).map(CChar.init(bitPattern:)) } + [0]
            if name == [46, 0] || name == [46, 46, 0] { continue }
            var status = stat()
            guard fstatat(directory.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            entries += 1
            bytes += Int(status.st_blocks) * 512
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            let below = openat(directory.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if below >= 0 { add(OwnedDescriptor(below), depth: depth + 1, entryLimit: entryLimit) }
        }
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
