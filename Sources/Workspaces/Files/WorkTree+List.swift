import Glibc

extension WorkTree {
    /// How many entries one listing looks at, wherever the limit of matches stands.
    private static let visitLimit = 200_000

    /// Without a glob, the directory's own entries; with one, everything below that matches.
    ///
    /// A glob with a `/` is matched against the path below `path`, one without against the name, at any depth. Links are
    /// listed and not followed.
    package func list(_ path: String, glob: String?, limit: Int) throws(FileFailure) -> FileListing {
        let start = try TreePath(path)
        let pattern = glob.map(GlobPattern.init)
        let directory = try TreeDescriptors(self).open(start, O_RDONLY | O_DIRECTORY)
        var found: [FileListing.Entry] = []
        var budget = Self.visitLimit
        var isTruncated = false
        let base = start.isRoot ? "" : start.text + "/"
        try Self.visit(directory, below: "", depth: 0, isDeep: pattern != nil, budget: &budget) { path, name, kind in
            if let pattern {
                guard kind != .directory, pattern.matches(pattern.isAnchored ? path : name) else { return }
            }
            found.append(.init(path: base + path, kind: kind))
        }
        if budget <= 0 { isTruncated = true }
        found.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        if found.count > limit {
            isTruncated = true
            found.removeLast(found.count - limit)
        }
        return FileListing(entries: found, isTruncated: isTruncated)
    }

    private static func visit(
        _ directory: OwnedDescriptor, below prefix: String, depth: Int, isDeep: Bool, budget: inout Int,
        _ body: (String, String, FileKind) -> Void
    ) throws(FileFailure) {
        for name in try directory.names() {
            budget -= 1
            guard budget > 0 else { return }
            let bytes = Array(name.utf8)
            guard !GitLookalike.matches(bytes) else { continue }
            var status = stat()
            guard fstatat(directory.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            body(prefix + name, name, status.kind)
            guard isDeep, status.kind == .directory, depth < 100 else { continue }
            let below = openat(directory.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard below >= 0 else { continue }
            try visit(
                OwnedDescriptor(below), below: prefix + name + "/", depth: depth + 1, isDeep: true, budget: &budget, body)
        }
    }
}

extension OwnedDescriptor {
    /// The names in a directory but `.` and `..`; those that are not UTF-8 are left out, since no tool can name them.
    func names() throws(FileFailure) -> [String] {
        try entryNames().compactMap { String(validating: $0, as: UTF8.self) }
    }

    /// The names in a directory as the kernel has them, but `.` and `..`.
    func entryNames() throws(FileFailure) -> [[UInt8]] {
        // A stream owns its descriptor and its position, so it gets its own.
        let copy = openat(rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw FileFailure(errno: errno, "The directory") }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
        return names
    }
}
