import CConfinement
import Glibc
package import SystemPackage

/// A task's own directory below the workspace: work tree, home and git directory live in it, and go with it.
///
/// A lock that the kernel lets go of when the service dies tells living directories from left ones, so that a later start
/// can clean up after a `kill -9`, in whichever container or machine it happens.
package struct TaskDirectory: Sendable {
    package let path: FilePath
    private let lockPath: FilePath
    private let lock: OwnedDescriptor

    private static let folder = "tasks"
    private static let lockSuffix = ".lock"

    /// - Parameters:
    ///   - id: becomes the directory's name, with anything unusual replaced.
    ///   - owner: who runs sandboxed commands and needs to pass through, as root.
    package static func create(
        _ id: String, in workspace: FilePath, owner: WorkTree.Owner?
    ) async throws(FileFailure) -> TaskDirectory {
        let tasks = workspace.appending(folder)
        for directory in [workspace, tasks] where mkdir(directory.string, 0o711) != 0 && errno != EEXIST {
            throw FileFailure(errno: errno, directory.string)
        }
        let name = Self.name(for: id)
        let lockPath = tasks.appending(name + lockSuffix)
        let lock = try takeLock(lockPath, id)
        let descriptor = lock.rawValue
        // For people who look: the lock itself is what counts.
        let note = "pid \(getpid()) started \(ProcessTable.startTime(of: getpid()) ?? 0)\n"
        ftruncate(descriptor, 0)
        _ = Array(note.utf8).withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        let path = tasks.appending(name)
        // What an earlier try of the same task left.
        let isClear = await offPool {
            SurvivingProcesses.end(in: path)
            return HostileTree.remove(path)
        }
        guard isClear else {
            throw FileFailure(.other, "\(path) is left from an earlier try and can't be removed; remove it by hand.")
        }
        guard mkdir(path.string, 0o700) == 0 else { throw FileFailure(errno: errno, path.string) }
        if let owner, geteuid() == 0 {
            // The sandbox's user may pass through by its group, and neither list nor change what is here.
            guard chown(path.string, 0, owner.gid) == 0, chmod(path.string, 0o710) == 0 else {
                throw FileFailure(errno: errno, path.string)
            }
        }
        return TaskDirectory(path: path, lockPath: lockPath, lock: lock)
    }

    /// Removes everything, by descriptors and without following a link; what resists is set aside for the next start.
    package func remove() async throws(FileFailure) {
        let path = path
        let isGone = await offPool { HostileTree.remove(path) }
        if !isGone {
            let aside = path.removingLastComponent().appending("left-\(UInt64.random(in: .min ... .max))")
            rename(path.string, aside.string)
        }
        unlink(lockPath.string)
        lock.close()
        guard isGone else { throw FileFailure(.other, "\(path) could not be removed whole; the rest was set aside.") }
    }

    /// Removes the directories that no living process holds, and returns their names.
    @discardableResult
    package static func sweep(_ workspace: FilePath) async -> [String] {
        await offPool {
            let tasks = workspace.appending(folder)
            let descriptor = open(tasks.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0, let names = try? OwnedDescriptor(descriptor).names() else { return [] }
            var removed: [String] = []
            for name in names where !name.hasSuffix(lockSuffix) {
                let lockPath = tasks.appending(name + lockSuffix).string
                // A directory is only ever made under its lock, so one without is nobody's.
                let lock = open(lockPath, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
                let held = lock >= 0 ? OwnedDescriptor(lock) : nil
                if let held, flock(held.rawValue, LOCK_EX | LOCK_NB) != 0 { continue }
                SurvivingProcesses.end(in: tasks.appending(name))
                if HostileTree.remove(tasks.appending(name)) { removed.append(name) }
                unlink(lockPath)
            }
            for name in names where name.hasSuffix(lockSuffix) {
                let directory = String(name.dropLast(lockSuffix.count))
                guard !names.contains(directory) else { continue }
                let lock = open(tasks.appending(name).string, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
                guard lock >= 0 else { continue }
                let held = OwnedDescriptor(lock)
                if flock(held.rawValue, LOCK_EX | LOCK_NB) == 0 { unlink(tasks.appending(name).string) }
            }
            return removed.sorted()
        }
    }

    /// The file that was locked may be one that a sweep has just removed; then it is tried again.
    private static func takeLock(_ path: FilePath, _ id: String) throws(FileFailure) -> OwnedDescriptor {
        for _ in 0..<100 {
            let descriptor = open(path.string, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw FileFailure(errno: errno, path.string) }
            let lock = OwnedDescriptor(descriptor)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { break }
            var (held, named) = (stat(), stat())
            if fstat(descriptor, &held) == 0, lstat(path.string, &named) == 0, held.st_ino == named.st_ino { return lock }
        }
        throw FileFailure(.exists, "The task \(id) is being worked on by another process.")
    }

    private static func name(for id: String) -> String {
        let safe = id.unicodeScalars.map { scalar -> Character in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            return isPlain || scalar == "-" || scalar == "_" ? Character(scalar) : "_"
        }
        return "task-" + String(safe.prefix(100))
    }
}
