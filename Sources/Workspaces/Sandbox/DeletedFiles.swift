import Glibc

/// Files that have no name any more and yet take room, because a process holds them open.
enum DeletedFiles {
    /// Bytes on one file system that a process and all below it hold.
    static func bytes(heldBelow root: Int32, on device: dev_t) -> Int {
        var seen = Set<ino_t>()
        var bytes = 0
        for pid in [root] + ProcessTable.descendants(of: root) {
            let folder = "/proc/\(pid)/fd"
            guard let stream = opendir(folder) else { continue }
            defer { closedir(stream) }
            let descriptor = dirfd(stream)
            while let entry = readdir(stream) {
                guard entry.pointee.d_type == DT_LNK else { continue }
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }).map(CChar.init(bitPattern:)) } + [0]
                var status = stat()
                guard fstatat(descriptor, name, &status, 0) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 0,
                    status.st_dev == device, seen.insert(status.st_ino).inserted
                else { continue }
                bytes += Int(status.st_blocks) * 512
            }
        }
        return bytes
    }
}
