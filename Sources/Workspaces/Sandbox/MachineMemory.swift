/// What the machine says of its memory; for limits where the kernel keeps none for the tree.
struct MachineMemory: Sendable, Hashable {
    /// Bytes that can be had before anything has to be ended.
    var available: Int
    /// Bytes of shared memory, seen by a process or not: files without names, segments, pages that were mapped once.
    var shared: Int

    init(available: Int, shared: Int) { (self.available, self.shared) = (available, shared) }

    /// - Parameter text: of `/proc/meminfo`; what it does not tell counts as none at all.
    init(reading text: String) {
        func bytes(_ name: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
            return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
        }
        self.init(available: bytes("MemAvailable:"), shared: bytes("Shmem:"))
    }

    static var now: MachineMemory { MachineMemory(reading: Cgroup.read("/proc/meminfo") ?? "") }

    /// Whether shared memory has grown by more than a command's measure and the machine has little left. Whose it is can't be told, so
    /// that it ends a command only before others are ended for it.
    func isShort(since first: MachineMemory, measure: Int) -> Bool {
        available < measure / 2 && shared - first.shared > measure
    }
}
