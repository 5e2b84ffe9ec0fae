import Glibc

/// Processes that a service which was killed has left running: git, its transports and the remote's hooks on this machine,
/// and commands that ran without walls. What is left of a sandbox goes with its task: see `SurvivingProcesses`.
///
/// Each is started with a mark in its environment, which daemons hardly drop. It names the service by its process number, the
/// time that it began and its namespace of numbers, so that neither a number given away again nor another container's
/// processes are taken for it.
package enum OrphanedProcesses {
    static let variable = "AI_CODER_SERVICE"
    static let mark = "\(namespace) \(getpid()) \(ProcessTable.startTime(of: getpid()) ?? 0)"

    private static let mostLooks = 10

    /// Ends those whose service is gone; returns how many there were.
    @discardableResult
    package static func end() async -> Int {
        await offPool {
            var ended = 0
            // One that was being started while we looked is found the next time.
            for _ in 0..<mostLooks {
                let found = ProcessTable.all().filter(isOrphan)
                if found.isEmpty { break }
                for pid in found where kill(pid, SIGKILL) == 0 { ended += 1 }
            }
            return ended
        }
    }

    private static func isOrphan(_ pid: Int32) -> Bool {
        guard pid > 1, pid != getpid(), let environment = Cgroup.read("/proc/\(pid)/environ"),
            let entry = environment.split(separator: "\0").first(where: { $0.hasPrefix("\(variable)=") })
        else { return false }
        let words = entry.dropFirst(variable.count + 1).split(separator: " ")
        guard words.count == 3, words[0] == namespace, let service = Int32(words[1]), let start = UInt64(words[2]) else { return false }
        return ProcessTable.startTime(of: service) != start
    }

    private static let namespace: String = {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = readlink("/proc/self/ns/pid", &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }()
}
