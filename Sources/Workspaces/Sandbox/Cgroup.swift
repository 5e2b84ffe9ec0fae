import Glibc
import Synchronization

/// Where this process may make control groups: limits that the kernel keeps for a whole tree of processes.
///
/// Version 2 is used where the service's own group is delegated to it, version 1 where its hierarchies are writable;
/// elsewhere there is none and `TreeWatch` has to look.
struct CgroupRoot: Sendable {
    enum Layout: Sendable { case unified(String), legacy(memory: String, pids: String, cpu: String?, cpuacct: String?) }

    let layout: Layout
    private static let counter = Atomic<Int>(0)

    /// Makes a group for one command; nil when the kernel refuses, which a caller takes as "no groups here".
    func make(memory: Int, processes: Int, processors: Int) -> Cgroup? {
        let name = "ai-coder-\(getpid())-\(Self.counter.add(1, ordering: .relaxed).newValue)"
        switch layout {
        case .unified(let base):
            let path = "\(base)/\(name)"
            guard mkdir(path, 0o755) == 0 else { return nil }
            let group = Cgroup(paths: [path], events: path, memoryEvents: path, usage: .unified(path))
            let isLimited = Cgroup.write("\(memory)", to: "\(path)/memory.max") && Cgroup.write("\(processes)", to: "\(path)/pids.max")
            Cgroup.write("0", to: "\(path)/memory.swap.max")
            Cgroup.write("1", to: "\(path)/memory.oom.group")
            Cgroup.write("\(processors * 100_000) 100000", to: "\(path)/cpu.max")
            guard isLimited else {
                group.remove()
                return nil
            }
            return group
        case .legacy(let memoryBase, let pidsBase, let cpuBase, let accountBase):
            let memoryPath = "\(memoryBase)/\(name)"
            let pidsPath = "\(pidsBase)/\(name)"
            var paths = [memoryPath, pidsPath]
            var usage: Cgroup.Usage?
            if let cpuBase { paths.append("\(cpuBase)/\(name)") }
            if let accountBase {
                if accountBase != cpuBase { paths.append("\(accountBase)/\(name)") }
                usage = .legacy("\(accountBase)/\(name)")
            }
            for (index, path) in paths.enumerated() where mkdir(path, 0o755) != 0 {
                paths[..<index].forEach { rmdir($0) }
                return nil
            }
            let group = Cgroup(paths: paths, events: pidsPath, memoryEvents: memoryPath, usage: usage)
            let isLimited =
                Cgroup.write("\(memory)", to: "\(memoryPath)/memory.limit_in_bytes")
                && Cgroup.write("\(processes)", to: "\(pidsPath)/pids.max")
            Cgroup.write("\(memory)", to: "\(memoryPath)/memory.memsw.limit_in_bytes")
            if let cpuBase {
                Cgroup.write("100000", to: "\(cpuBase)/\(name)/cpu.cfs_period_us")
                Cgroup.write("\(processors * 100_000)", to: "\(cpuBase)/\(name)/cpu.cfs_quota_us")
            }
            guard isLimited else {
                group.remove()
                return nil
            }
            return group
        }
    }

    /// Looks once, at start; makes and removes a group to be sure.
    static func find() -> CgroupRoot? {
        guard let own = Cgroup.read("/proc/self/cgroup"), let mounts = Cgroup.read("/proc/self/mountinfo") else { return nil }
        let places = Places(own: own, mounts: mounts)
        for layout in [places.legacy, places.unified].compactMap({ $0 }) {
            if case .unified(let base) = layout, !prepare(base) { continue }
            let root = CgroupRoot(layout: layout)
            guard let trial = root.make(memory: 64 << 20, processes: 16, processors: 1) else { continue }
            trial.remove()
            return root
        }
        return nil
    }

    /// Version 2 gives controllers to children only of a group without processes, so the service moves into a leaf.
    private static func prepare(_ base: String) -> Bool {
        func isReady() -> Bool {
            let given = (Cgroup.read("\(base)/cgroup.subtree_control") ?? "").split { $0 == " " || $0 == "\n" }
            return given.contains("memory") && given.contains("pids")
        }
        if isReady() { return true }
        Cgroup.write("+memory +pids +cpu", to: "\(base)/cgroup.subtree_control")
        if isReady() { return true }
        let members = (Cgroup.read("\(base)/cgroup.procs") ?? "").split(separator: "\n")
        guard members == ["\(getpid())"[...]] else { return false }
        let leaf = "\(base)/ai-coder-service"
        guard mkdir(leaf, 0o755) == 0 || errno == EEXIST, Cgroup.write("\(getpid())", to: "\(leaf)/cgroup.procs") else {
            return false
        }
        Cgroup.write("+memory +pids +cpu", to: "\(base)/cgroup.subtree_control")
        return isReady()
    }

    /// This process's own groups as directories.
    private struct Places {
        var legacy: Layout?
        var unified: Layout?

        init(own: String, mounts: String) {
            var groups: [String: String] = [:]
            for line in own.split(separator: "\n") {
                let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
                guard fields.count == 3 else { continue }
                for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                    groups[String(controller)] = String(fields[2])
                }
            }
            var found: [String: String] = [:]
            for line in mounts.split(separator: "\n") {
                let fields = line.split(separator: " ")
                guard let dash = fields.firstIndex(of: "-"), dash > 5, fields.count > dash + 3 else { continue }
                let (root, point) = (String(fields[3]), String(fields[4]))
                let names: [String] =
                    switch fields[dash + 1] {
                    case "cgroup2": [""]
                    case "cgroup": fields[dash + 3].split(separator: ",").map(String.init)
                    default: []
                    }
                for name in names {
                    guard let group = groups[name] else { continue }
                    let relative = root != "/" && group.hasPrefix(root) ? String(group.dropFirst(root.count)) : group
                    let path = relative == "/" || relative.isEmpty ? point : point + relative
                    if access(path, W_OK) == 0 { found[name] = path }
                }
            }
            if let memory = found["memory"], let pids = found["pids"] {
                legacy = .legacy(memory: memory, pids: pids, cpu: found["cpu"], cpuacct: found["cpuacct"])
            }
            unified = found[""].map { .unified($0) }
        }
    }
}

/// One command's control group.
struct Cgroup: Sendable {
    enum Usage: Sendable { case unified(String), legacy(String) }

    /// The directories that a process has to join.
    let paths: [String]
    let events: String
    let memoryEvents: String
    let usage: Usage?

    var memoryWasExhausted: Bool {
        Self.number(after: "oom_kill", in: "\(memoryEvents)/memory.events", "\(memoryEvents)/memory.oom_control") > 0
    }
    var processesWereExhausted: Bool { Self.number(after: "max", in: "\(events)/pids.events") > 0 }

    /// Processor time used so far.
    var processorTime: Duration? {
        switch usage {
        case .unified(let path): .microseconds(Self.number(after: "usage_usec", in: "\(path)/cpu.stat"))
        case .legacy(let path):
            Self.read("\(path)/cpuacct.usage").flatMap { Int64($0.prefix { $0 != "\n" }) }.map { .nanoseconds($0) }
        case nil: nil
        }
    }

    /// Ends all its processes, those that left their session and their parent too.
    func endAll() {
        for _ in 0..<100 {
            let members = (Self.read("\(paths[0])/cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) }
            if members.isEmpty { return }
            for pid in members where pid > 1 { kill(pid, SIGKILL) }
            usleep(1000)
        }
    }

    /// Called when its processes are gone; the kernel may need a moment to see that.
    func remove() {
        for path in paths {
            for _ in 0..<50 {
                if rmdir(path) == 0 || errno != EBUSY { break }
                usleep(1000)
            }
        }
    }

    private static func number(after key: String, in files: String...) -> Int64 {
        for file in files {
            for line in (read(file) ?? "").split(separator: "\n") {
                let fields = line.split(separator: " ")
                if fields.count == 2, fields[0] == key { return Int64(fields[1]) ?? 0 }
            }
        }
        return 0
    }

    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        while content.count < 4 << 20 {
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 14) { buffer, count in
                count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
            }
            if chunk.isEmpty { break }
            content += chunk
        }
        return String(decoding: content, as: UTF8.self)
    }

    @discardableResult
    static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == text.utf8.count
    }
}
