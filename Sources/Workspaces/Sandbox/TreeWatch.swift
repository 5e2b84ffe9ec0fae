import NIOPosix
import SystemPackage

/// Looks after the limits that the kernel does not keep for a whole tree: disk always, memory and processor time where
/// there are no control groups.
struct TreeWatch: Sendable {
    private let paths: [String]
    private let settings: SandboxSettings
    private let group: Cgroup?
    private let launch: LaunchStatus
    private let atStart: FreeSpace

    init(tree: WorkTree, home: String, settings: SandboxSettings, group: Cgroup?, launch: LaunchStatus) {
        paths = [tree.root.string, home]
        self.settings = settings
        self.group = group
        self.launch = launch
        atStart = FreeSpace(at: tree.root.string)
    }

    /// Returns the limit that was met, or nil when cancelled.
    func violation() async -> String? {
        let clock = ContinuousClock()
        var seen = atStart
        // The largest that the tree may become; one that was over the limit before keeps a full measure of room.
        var allowed: (bytes: Int, entries: Int)?
        var nextLook = clock.now + .seconds(1)
        while !Task.isCancelled {
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return nil }
            if let limit = await processViolation() { return limit }
            let free = FreeSpace(at: paths[0])
            let isFilling = seen.bytes - free.bytes > settings.treeSize / 8 || seen.entries - free.entries > settings.treeEntries / 8
            guard isFilling || clock.now >= nextLook else { continue }
            seen = free
            let start = clock.now
            let size = await measure()
            let grown = max(0, atStart.bytes - free.bytes)
            if allowed == nil {
                let before = max(0, size.bytes - grown)
                allowed = (
                    before > settings.treeSize ? before + settings.treeSize : settings.treeSize,
                    size.entries > settings.treeEntries * 2 ? .max : settings.treeEntries
                )
            }
            if let allowed, let limit = excess(of: size, over: allowed) { return limit }
            // At most a twentieth of one processor goes into looking.
            nextLook = clock.now + max(.seconds(2), (clock.now - start) * 20)
        }
        return nil
    }

    /// A last look at what a short command left, when it took much room.
    func finalViolation() async -> String? {
        let free = FreeSpace(at: paths[0])
        guard atStart.bytes - free.bytes > settings.treeSize / 2 || atStart.entries - free.entries > settings.treeEntries / 2 else {
            return nil
        }
        return excess(of: await measure(), over: (settings.treeSize, settings.treeEntries))
    }

    private func excess(of size: TreeSize, over allowed: (bytes: Int, entries: Int)) -> String? {
        if size.bytes > allowed.bytes { return "disk (\(settings.treeSize >> 20) MiB)" }
        if size.entries > allowed.entries { return "files (\(settings.treeEntries))" }
        if size.isTooDeep { return "depth of directories" }
        return nil
    }

    private func processViolation() async -> String? {
        if let group {
            // The kernel ended one of its processes; what is left of the command can't go well.
            if group.memoryWasExhausted { return "memory (\(settings.memory >> 20) MiB)" }
            guard let time = group.processorTime, time > settings.processorTime else { return nil }
            return "processor time (\(settings.processorTime.components.seconds) s)"
        }
        guard let pid = launch.firstPid else { return nil }
        let usage = await offPool { ProcessTable.usage(below: pid) }
        if usage.memory > settings.memory { return "memory (\(settings.memory >> 20) MiB)" }
        if usage.processorTime > settings.processorTime {
            return "processor time (\(settings.processorTime.components.seconds) s)"
        }
        if usage.processes > settings.processes + 8 { return "processes (\(settings.processes))" }
        return nil
    }

    private func measure() async -> TreeSize {
        await offPool { [paths, settings] in TreeSize.of(paths, entryLimit: settings.treeEntries * 3) }
    }
}

/// Runs what blocks on a thread that may be blocked.
func offPool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    do {
        return try await NIOThreadPool.singleton.runIfActive { work() }
    } catch {
        // The pool ends only with the process.
        return work()
    }
}
