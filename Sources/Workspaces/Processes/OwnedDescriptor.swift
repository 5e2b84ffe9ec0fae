import CConfinement
import Glibc
import Synchronization
import SystemPackage

/// A descriptor that is closed once, by whoever comes first: an explicit `close()` or the end of its last reference.
final class OwnedDescriptor: Sendable {
    private let state: Mutex<Int32>

    init(_ descriptor: Int32) { state = Mutex(descriptor) }
    deinit { close() }

    var rawValue: Int32 { state.withLock { $0 } }
    var descriptor: FileDescriptor { FileDescriptor(rawValue: rawValue) }

    func close() {
        let descriptor = state.withLock { value in
            defer { value = -1 }
            return value
        }
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Both ends close on exec; only the reading one is non-blocking, since the writing one becomes a child's stream.
    static func pipe() throws(Errno) -> (read: OwnedDescriptor, write: OwnedDescriptor) {
        var ends: [Int32] = [-1, -1]
        guard confinement_pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        let pipe = (read: OwnedDescriptor(ends[0]), write: OwnedDescriptor(ends[1]))
        guard fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 else { throw Errno(rawValue: errno) }
        return pipe
    }

    static func devNull() throws(Errno) -> OwnedDescriptor {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        return OwnedDescriptor(descriptor)
    }

    /// An unnamed file in memory that holds `bytes`, at its beginning: a child can read it at leisure, without a writer
    /// that would have to outlive it, and nothing touches the disk.
    static func memory(holding bytes: [UInt8]) throws(Errno) -> OwnedDescriptor {
        let descriptor = confinement_memory_file("input")
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        let owned = OwnedDescriptor(descriptor)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Errno(rawValue: errno)
            }
            written += count
        }
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Errno(rawValue: errno) }
        return owned
    }
}
