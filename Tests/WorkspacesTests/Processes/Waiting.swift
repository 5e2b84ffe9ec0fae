import CConfinement
import Glibc
import SystemPackage

@testable import Workspaces

/// Waits for a process that is no child of this one to end; false when it does not within ten seconds.
func hasEnded(_ pid: Int32) async -> Bool {
    let descriptor = confinement_pidfd_open(pid)
    guard descriptor >= 0 else { return errno == ESRCH }
    let process = OwnedDescriptor(descriptor)
    return await isReadable(process, within: 10)
}

/// A pipe in a work tree, through which a command says that it has come so far.
struct Milestone: Sendable {
    private let pipe: OwnedDescriptor

    /// - Parameter path: in the work tree; the command writes a line there.
    init(at path: FilePath) throws {
        guard mkfifo(path.string, 0o666) == 0, chmod(path.string, 0o666) == 0 else { throw Errno(rawValue: errno) }
        // Both ends, so that neither side waits for the other to open it.
        let descriptor = open(path.string, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        pipe = OwnedDescriptor(descriptor)
    }

    /// False when it is not reached within a minute.
    func isReached() async -> Bool { await isReadable(pipe, within: 60) }
}

private func isReadable(_ descriptor: OwnedDescriptor, within seconds: Int32) async -> Bool {
    await offPool {
        var poll = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, seconds * 1000) == 1
    }
}
