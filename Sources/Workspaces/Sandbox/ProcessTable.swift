import Glibc

/// What `/proc` says about a process and all below it; for limits where the kernel keeps none for the tree.
enum ProcessTable {
    struct Usage: Sendable, Hashable {
        var processes = 0
        /// Bytes that belong to the processes: anonymous and shared memory, not mapped files.
        var memory = 0
        var processorTime = Duration.zero
    }

    static func usage(below root: Int32) -> Usage {
        var children: [Int32: [Int32]] = [:]
        var times: [Int32: Int] = [:]
        for pid in all() {
            guard let fields = statFields(of: pid), let parent = Int32(fields[1]) else { continue }
            children[parent, default: []].append(pid)
            times[pid] = (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0)
        }
        var usage = Usage()
        var pending = [root]
        var seen = Set<Int32>()
        let ticks = max(1, sysconf(Int32(_SC_CLK_TCK)))
        while let pid = pending.popLast() {
            guard seen.insert(pid).inserted else { continue }
            pending += children[pid] ?? []
            usage.processes += 1
            usage.memory += memory(of: pid)
            usage.processorTime += .milliseconds((times[pid] ?? 0) * 1000 / ticks)
        }
        return usage
    }

    static func descendants(of root: Int32) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for pid in all() {
            if let fields = statFields(of: pid), let parent = Int32(fields[1]) { children[parent, default: []].append(pid) }
        }
        var found: [Int32] = []
        var pending = children[root] ?? []
        while let pid = pending.popLast() {
            found.append(pid)
            pending += children[pid] ?? []
        }
        return found
    }

    /// When a process began, in ticks since the machine did: with its number, a name that is never given twice.
    static func startTime(of pid: Int32) -> UInt64? { statFields(of: pid).flatMap { UInt64($0[19]) } }

    static func all() -> [Int32] {
        guard let stream = opendir("/proc") else { return [] }
        defer { closedir(stream) }
        var pids: [Int32] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if let pid = Int32(name) { pids.append(pid) }
        }
        return pids
    }

    /// The fields of `stat` after the name, which may hold anything: state, parent, and so on.
    private static func statFields(of pid: Int32) -> [Substring]? {
        guard let text = Cgroup.read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split { $0 == " " || $0 == "\n" }
        return fields.count > 20 ? fields : nil
    }

    private static func memory(of pid: Int32) -> Int {
        guard let text = Cgroup.read("/proc/\(pid)/status") else { return 0 }
        var kibibytes = 0
        for line in text.split(separator: "\n") where line.hasPrefix("RssAnon:") || line.hasPrefix("RssShmem:") || line.hasPrefix("VmSwap:") {
            kibibytes += Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first ?? "0") ?? 0
        }
        return kibibytes << 10
    }
}
