import CConfinement
import Glibc
import SystemPackage

/// Opens things beneath a work tree's root, resolved by the kernel in one step: a link or a swap in the middle ends in an
/// error, never outside.
struct TreeDescriptors {
    let root: OwnedDescriptor
    private let rootPath: FilePath

    init(_ tree: WorkTree) throws(FileFailure) {
        rootPath = tree.root
        let descriptor = Glibc.open(tree.root.string, CONFINEMENT_O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileFailure(errno: errno, "The work tree") }
        root = OwnedDescriptor(descriptor)
    }

    /// - Parameter flags: `O_NOFOLLOW` for the link itself instead of what it leads to.
    func open(_ path: TreePath, _ flags: Int32) throws(FileFailure) -> OwnedDescriptor {
        let text = path.isRoot ? "." : path.text
        let resolve = CONFINEMENT_RESOLVE_BENEATH | CONFINEMENT_RESOLVE_NO_MAGICLINKS
        // EAGAIN: something was renamed while `..` in a link was resolved, and the kernel can't tell; asking again is safe.
        for _ in 0..<16 {
            let descriptor = confinement_openat2(root.rawValue, text, flags | O_CLOEXEC, 0, resolve)
            if descriptor >= 0 { return OwnedDescriptor(descriptor) }
            guard errno == EAGAIN || errno == EINTR else { break }
        }
        throw FileFailure(errno: errno, path.isRoot ? "The project's root" : path.text)
    }

    /// The directory that holds `path`, created with all above it where it is missing.
    func parent(of path: TreePath, creatingFor owner: WorkTree.Owner?) throws(FileFailure) -> OwnedDescriptor {
        let directory = try makeDirectory(path.parent, owner: owner)
        try refuseGitDirectory(directory)
        return directory
    }

    func parent(of path: TreePath) throws(FileFailure) -> OwnedDescriptor {
        let directory = try open(path.parent, CONFINEMENT_O_PATH | O_DIRECTORY)
        try refuseGitDirectory(directory)
        return directory
    }

    private func makeDirectory(_ path: TreePath, owner: WorkTree.Owner?) throws(FileFailure) -> OwnedDescriptor {
        do {
            return try open(path, CONFINEMENT_O_PATH | O_DIRECTORY)
        } catch {
            guard error.reason == .notFound, !path.isRoot else { throw error }
        }
        let above = try makeDirectory(path.parent, owner: owner)
        if mkdirat(above.rawValue, path.name, 0o755) == 0 {
            if let owner, geteuid() == 0 {
                _ = fchownat(above.rawValue, path.name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW)
            }
        } else if errno != EEXIST {
            throw FileFailure(errno: errno, path.text)
        }
        return try open(path, CONFINEMENT_O_PATH | O_DIRECTORY)
    }

    /// Where the descriptor's file really stands, relative to the root; nil when it is not there any more.
    func location(of descriptor: OwnedDescriptor) -> String? {
        guard let here = Self.name(of: descriptor), let base = Self.name(of: root) else { return nil }
        if here == base { return "" }
        let prefix = base == "/" ? base : base + "/"
        guard here.utf8.starts(with: prefix.utf8) else { return nil }
        return String(decoding: here.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// A link inside the tree may lead into a `.git` that the path's text does not show.
    private func refuseGitDirectory(_ directory: OwnedDescriptor) throws(FileFailure) {
        guard let location = location(of: directory), !GitLookalike.isIn(path: Array(location.utf8)) else {
            throw FileFailure(.protected, "This path leads into a directory of git and can't be used.")
        }
    }

    private static func name(of descriptor: OwnedDescriptor) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/fd/\(descriptor.rawValue)", &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension stat {
    var format: mode_t { st_mode & S_IFMT }

    init(of descriptor: OwnedDescriptor) throws(FileFailure) {
        self.init()
        guard fstat(descriptor.rawValue, &self) == 0 else { throw FileFailure(errno: errno, "The file") }
    }

    var kind: FileKind {
        switch format {
        case S_IFREG: .regular(size: Int(st_size), isExecutable: st_mode & 0o111 != 0)
        case S_IFDIR: .directory
        case S_IFLNK: .link
        default: .special
        }
    }
}

extension FileFailure {
    init(errno number: Int32, _ path: String) {
        switch number {
        case ENOENT: self.init(.notFound, "\(path) is not there.")
        case ENOTDIR: self.init(.notDirectory, "A part of \(path) is not a directory.")
        case EISDIR: self.init(.isDirectory, "\(path) is a directory.")
        case EXDEV: self.init(.outside, "\(path) leads out of the project.")
        case ELOOP: self.init(.outside, "\(path) goes through a link that can't be followed.")
        case ENXIO: self.init(.notRegular, "\(path) is not a regular file.")
        case EEXIST, ENOTEMPTY: self.init(.exists, "\(path) is already there.")
        case ENOSPC, EDQUOT: self.init(.full, "The disk is full: \(path) was not written.")
        case EFBIG: self.init(.tooLarge, "\(path) would be too large.")
        case ENAMETOOLONG, EINVAL: self.init(.invalidPath, "\(path) can't be a path.")
        default: self.init(.other, "\(path): \(Errno(rawValue: number)).")
        }
    }
}
