import Domain
import Foundation

/// How this process is told apart from others, also from those that had its number before.
enum ThisProcess {
    static func owner(name: String) -> LeaseOwner {
        let pid = ProcessInfo.processInfo.processIdentifier
        return LeaseOwner(
            host: ProcessInfo.processInfo.hostName, processID: pid, processStart: startTime(of: pid) ?? 0, name: name)
    }

    /// A process of this machine that is gone; of other machines nothing is known.
    static func isDead(_ owner: LeaseOwner) -> Bool {
        guard owner.host == ProcessInfo.processInfo.hostName else { return false }
        return startTime(of: owner.processID) != owner.processStart
    }

    /// Field 22 of `/proc/<pid>/stat` (proc(5)); the name before it may hold blanks and parentheses.
    private static func startTime(of pid: Int32) -> UInt64? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let close = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[close...].dropFirst(2).split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }
}
