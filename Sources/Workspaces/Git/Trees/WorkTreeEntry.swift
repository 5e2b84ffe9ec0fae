import CConfinement
import Glibc
import SystemPackage

/// What stands at a path of a work tree, seen without following any link.
enum WorkTreeEntry: Sendable {
    case missing
    case directory
    case file(isExecutable: Bool, size: Int)
    case link
    /// A pipe, a socket or a device: never part of a change.
    case special

    var mode: UInt32 {
        switch self {
        case .file(let isExecutable, _): isExecutable ? 0o100755 : 0o100644
        case .link: 0o120000
        case .missing, .directory, .special: 0
        }
    }
}

/// Reads a work tree for the service: the kernel keeps each access beneath the root and off all links, whatever was done to
/// the tree.
final class WorkTreeReader: Sendable {
    private let root: Int32

    init(_ path: FilePath) throws(GitFailure) {
        root = open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw GitFailure(.other, "The work tree \(path) can't be read.") }
    }

    deinit { close(root) }

    func entry(at path: [UInt8]) -> WorkTreeEntry {
        let descriptor = descriptor(path, CONFINEMENT_O_PATH | O_NOFOLLOW)
        guard descriptor >= 0 else { return .missing }
        defer { close(descriptor) }
        return Self.entry(of: descriptor)
    }

    /// The bytes of a file or a link's target; nil when there is neither or it has grown past `limit`.
    func contents(at path: [UInt8], limit: Int) -> (entry: WorkTreeEntry, bytes: [UInt8])? {
        let entry = entry(at: path)
        switch entry {
        case .file:
            let descriptor = readable(path)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            guard case .file(let isExecutable, let size) = Self.entry(of: descriptor), size <= limit,
                let bytes = Self.read(descriptor, expecting: size, limit: limit)
            else { return nil }
            return (.file(isExecutable: isExecutable, size: bytes.count), bytes)
        case .link:
            let descriptor = descriptor(path, CONFINEMENT_O_PATH | O_NOFOLLOW)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            let target = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                count = buffer.baseAddress.map { max(0, readlinkat(descriptor, "", $0, buffer.count)) } ?? 0
            }
            return target.isEmpty ? nil : (.link, target)
        case .missing, .directory, .special:
            return nil
        }
    }

    /// A file whose permissions a command took away is no deleted one: it gets its owner's right to read back.
    private func readable(_ path: [UInt8]) -> Int32 {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
        let first = descriptor(path, flags)
        guard first < 0, errno == EACCES else { return first }
        let place = descriptor(path, CONFINEMENT_O_PATH | O_NOFOLLOW)
        guard place >= 0 else { return -1 }
        defer { close(place) }
        var status = stat()
        guard fstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFREG, chmod("/proc/self/fd/\(place)", status.st_mode & 0o777 | 0o400) == 0
        else { return -1 }
        return descriptor(path, flags)
    }

    private func descriptor(_ path: [UInt8], _ flags: Int32) -> Int32 {
        guard !path.isEmpty, !path.contains(0) else { return -1 }
        let resolve = CONFINEMENT_RESOLVE_BENEATH | CONFINEMENT_RESOLVE_NO_SYMLINKS | CONFINEMENT_RESOLVE_NO_MAGICLINKS
        return (path + [0]).withUnsafeBytes { buffer in
            buffer.baseAddress.map {
                confinement_openat2(root, $0.assumingMemoryBound(to: CChar.self), flags | O_CLOEXEC, 0, resolve)
            } ?? -1
        }
    }

    private static func entry(of descriptor: Int32) -> WorkTreeEntry {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .missing }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(isExecutable: status.st_mode & 0o100 != 0, size: Int(status.st_size))
        case S_IFLNK: return .link
        case S_IFDIR: return .directory
        default: return .special
        }
    }

    private static func read(_ descriptor: Int32, expecting size: Int, limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var chunk = [UInt8](repeating: 0, count: min(max(size, 1), 1 << 18))
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            if bytes.count > limit { return nil }
        }
    }
}
