import Glibc
import SystemPackage

/// Processes of commands that outlived their service: a sandbox ends with the service by an order to the kernel that what runs
/// inside can take back, and a container never does by itself. They are known by the work tree that they see, which none
/// of them can put away.
enum SurvivingProcesses {
    private static let mostLooks = 10

    private struct Place: Hashable {
        var device: dev_t
        var inode: ino_t

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
            device = status.st_dev
            inode = status.st_ino
        }
    }

    /// Ends those that have a part of this directory for their work tree.
    ///
    /// - Parameter directory: a task's own, which nobody works on.
    static func end(in directory: FilePath) {
        let descriptor = open(directory.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0, let names = try? OwnedDescriptor(descriptor).names() else { return }
        let trees = Set(names.compactMap { Place(directory.appending($0).string) })
        guard !trees.isEmpty else { return }
        // One that was being started while we looked is found the next time.
        for _ in 0..<mostLooks {
            let found = ProcessTable.all().filter { pid in
                guard pid > 1, pid != getpid() else { return false }
                return Place("/proc/\(pid)/root\(SandboxLayout.tree)").map(trees.contains) == true || isForsaken(pid, directory)
            }
            if found.isEmpty { return }
            for pid in found { kill(pid, SIGKILL) }
            usleep(1000)
        }
    }

    /// The beginning of a sandbox whose launcher was killed before it could finish it: it sees no work tree so far, and waits for a word
    /// on a descriptor whose other end it holds itself. It is known by the arguments that it has from its launcher.
    private static func isForsaken(_ pid: Int32, _ directory: FilePath) -> Bool {
        guard Cgroup.read("/proc/\(pid)/comm") == "bwrap\n", let arguments = Cgroup.read("/proc/\(pid)/cmdline") else { return false }
        return arguments.split(separator: "\0").contains { $0.hasPrefix(directory.string + "/") }
    }
}
