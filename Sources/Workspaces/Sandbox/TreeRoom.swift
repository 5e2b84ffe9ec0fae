import Glibc
import Synchronization
import SystemPackage

/// What one work tree and its home may take on disk, kept from one command to the next: many small commands together may
/// take no more than one.
final class TreeRoom: Sendable {
    /// The largest that the tree may become.
    struct Allowance: Sendable, Hashable {
        var bytes: Int
        var entries: Int
        var depthCounts = true
        /// What one command may go beyond it that began above it: enough to tidy up, too little to go on filling.
        var slack: Int

        /// As many entries may be there for a command that began above the limit. Looking ends beyond it, and no sooner: what is not
        /// counted would not be limited.
        var entriesWhileTidying: Int {
            let (sum, isTooMuch) = entries.addingReportingOverflow(entries / 4)
            return isTooMuch ? entries : sum
        }
    }

    private struct State {
        var allowance: Allowance?
        var size = TreeSize()
        var free = FreeSpace()
        var nextLook: ContinuousClock.Instant?
    }

    private let paths: [String]
    private let settings: SandboxSettings
    private let state = Mutex(State())

    init(paths: [String], settings: SandboxSettings) {
        self.paths = paths
        self.settings = settings
    }

    /// Set at the first look; one that was over the limit before any command ran keeps a full measure of room.
    var allowance: Allowance {
        get async {
            if let known = state.withLock({ $0.allowance }) { return known }
            let before = await measure(upTo: settings.treeEntries * 3)
            let isEndless = before.entries > settings.treeEntries * 3
            let made = Allowance(
                bytes: before.bytes > settings.treeSize ? before.bytes + settings.treeSize : settings.treeSize,
                entries: isEndless ? .max : before.entries > settings.treeEntries ? before.entries + settings.treeEntries : settings.treeEntries,
                depthCounts: !before.isTooDeep, slack: settings.treeSize / 4)
            return state.withLock { state in
                let allowance = state.allowance ?? made
                state.allowance = allowance
                return allowance
            }
        }
    }

    /// The size, looked at now when much was written since the last look or some time has passed, else as it was then.
    ///
    /// - Parameters:
    ///   - again: look once more where the last look found it too large; files may have been deleted since.
    ///   - holder: the first process of a command that runs here; what it and those below it hold of deleted files counts too.
    func size(again: Bool = false, holder: Int32? = nil) async -> TreeSize {
        let allowance = await allowance
        let free = FreeSpace(at: paths[0])
        let (known, isDue) = state.withLock { state in
            let grown = (bytes: state.free.bytes - free.bytes, entries: state.free.entries - free.entries)
            let isFilling = grown.bytes > settings.treeSize / 8 || grown.entries > settings.treeEntries / 8
            return (state.size, isFilling || state.nextLook.map { ContinuousClock.now >= $0 } ?? true)
        }
        let isOver = known.bytes > allowance.bytes || known.entries > allowance.entries || known.isPartial || known.isTooDeep
        guard isDue || again && isOver else { return known }
        return await measure(upTo: allowance.entriesWhileTidying, holder: holder)
    }

    var freeSpace: FreeSpace { FreeSpace(at: paths[0]) }

    private func measure(upTo entries: Int, holder: Int32? = nil) async -> TreeSize {
        let clock = ContinuousClock()
        let start = clock.now
        let free = FreeSpace(at: paths[0])
        let size = await offPool { [paths] in
            var size = TreeSize.of(paths, entryLimit: min(entries, 5_000_000))
            // A directory may be shut in the very moment of looking, as tests of missing rights do.
            if size.isPartial { size = TreeSize.of(paths, entryLimit: min(entries, 5_000_000)) }
            var status = stat()
            if let holder, stat(paths[0], &status) == 0 { size.bytes += DeletedFiles.bytes(heldBelow: holder, on: status.st_dev) }
            return size
        }
        // At most a twentieth of one processor goes into looking.
        let next = clock.now + max(.seconds(2), (clock.now - start) * 20)
        state.withLock { state in
            state.size = size
            state.free = free
            state.nextLook = next
        }
        return size
    }
}

/// The rooms of a sandbox, by the tree that stands in them.
final class TreeRooms: Sendable {
    private struct Key: Hashable {
        var path: String
        /// Another tree at the same path is another room.
        var device: UInt
        var inode: UInt
    }

    private struct Kept {
        var room: TreeRoom
        var use: Int
    }

    private static let most = 500
    private let kept = Mutex<[Key: Kept]>([:])

    func room(of tree: WorkTree, home: String, settings: SandboxSettings) -> TreeRoom {
        var status = stat()
        _ = lstat(tree.root.string, &status)
        let key = Key(path: tree.root.string, device: UInt(status.st_dev), inode: UInt(status.st_ino))
        return kept.withLock { kept in
            let use = (kept.values.map(\.use).max() ?? 0) + 1
            let room = kept[key]?.room ?? TreeRoom(paths: [tree.root.string, home], settings: settings)
            kept[key] = Kept(room: room, use: use)
            if kept.count > Self.most, let oldest = kept.min(by: { $0.value.use < $1.value.use })?.key { kept[oldest] = nil }
            return room
        }
    }
}
