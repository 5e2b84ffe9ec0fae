import NIOPosix
import SystemPackage

/// Looks after the limits that the kernel does not keep for a whole tree: disk always, memory and processor time where
/// there are no control groups.
struct TreeWatch: Sendable {
    private let room: TreeRoom
    private let settings: SandboxSettings
    /// The file system's room as the command found it.
    private let freeAtFirst: FreeSpace
    private let memoryAtFirst = MachineMemory.now
    private let group: Cgroup?
    private let launch: LaunchStatus?
    /// What this command may not go beyond.
    private let ceiling: TreeRoom.Allowance

    /// - Parameter launch: nil where an engine keeps the limits on processes.
    /// - Returns: the watch, or the limit that the tree is so far beyond that nothing may run in it.
    static func begin(
        in room: TreeRoom, settings: SandboxSettings, group: Cgroup?, launch: LaunchStatus?
    ) async -> (watch: TreeWatch, refusal: String?) {
        let allowance = await room.allowance
        let size = await room.size(again: true)
        var ceiling = allowance
        // Somebody has to be able to take files away again.
        if size.bytes > allowance.bytes { ceiling.bytes = allowance.bytes + allowance.slack }
        if size.entries > allowance.entries { ceiling.entries = allowance.entriesWhileTidying }
        let watch = TreeWatch(
            room: room, settings: settings, freeAtFirst: room.freeSpace, group: group, launch: launch, ceiling: ceiling)
        return (watch, watch.excess(of: size, over: ceiling, depth: false))
    }

    /// Returns the limit that was met, or nil when cancelled.
    func violation() async -> String? {
        while !Task.isCancelled {
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return nil }
            if let limit = await processViolation() { return limit }
            if let limit = excess(of: await room.size(holder: launch?.firstPid), over: ceiling) ?? shortage { return limit }
        }
        return nil
    }

    /// Room that is gone and not to be found: files without names can be kept in more ways than anybody can look for. It ends a
    /// command only before the others, and the service, have none left.
    private var shortage: String? {
        let free = room.freeSpace
        guard free.bytes < 2 * settings.treeSize, freeAtFirst.bytes - free.bytes > settings.treeSize else { return nil }
        return "disk (\(settings.treeSize >> 20) MiB; the file system is nearly full)"
    }

    /// A last look at what the command left.
    func finalViolation() async -> String? {
        excess(of: await room.size(again: true), over: ceiling)
    }

    private func excess(of size: TreeSize, over limit: TreeRoom.Allowance, depth: Bool = true) -> String? {
        if size.bytes > limit.bytes { return "disk (\(settings.treeSize >> 20) MiB)" }
        if size.entries > limit.entries { return "files (\(settings.treeEntries))" }
        if depth, size.isTooDeep, limit.depthCounts { return "depth of directories" }
        if size.isPartial { return "files (a directory could not be looked into)" }
        return nil
    }

    private func processViolation() async -> String? {
        if let group {
            // The kernel ended one of its processes; what is left of the command can't go well.
            if group.memoryWasExhausted { return "memory (\(settings.memory >> 20) MiB)" }
            guard let time = group.processorTime, time > settings.processorTime else { return nil }
            return "processor time (\(settings.processorTime.components.seconds) s)"
        }
        guard let pid = launch?.firstPid else { return nil }
        let usage = await offPool { ProcessTable.usage(below: pid) }
        if usage.memory > settings.memory { return "memory (\(settings.memory >> 20) MiB)" }
        if MachineMemory.now.isShort(since: memoryAtFirst, measure: settings.memory) {
            return "memory (\(settings.memory >> 20) MiB; the machine has nearly none left)"
        }
        if usage.processorTime > settings.processorTime {
            return "processor time (\(settings.processorTime.components.seconds) s)"
        }
        if usage.processes > settings.processes + 8 { return "processes (\(settings.processes))" }
        return nil
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
