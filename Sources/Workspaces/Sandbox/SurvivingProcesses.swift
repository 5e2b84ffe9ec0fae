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
                pid > 1 && pid != getpid() && Place("/proc/\(pid)/root\(SandboxLayout.tree)").map(trees.contains) == true
            }
            if found.isEmpty { return }
            for pid in found { kill(pid, SIGKILL) }
            usleep(1000)
        }
    }
}
