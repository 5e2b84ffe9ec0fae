import Domain
import Synchronization

/// Tells readers in this process which tasks' journals have grown.
///
/// A reader that is slower than the journal gets each task once, however often it grew meanwhile: what waits for a reader
/// is bounded by the number of tasks, and the last growth of a task is never lost.
final class GrowthFeed: Sendable {
    private struct Entry {
        weak var reader: GrowthReader?
    }

    private let entries = Mutex<[Entry]>([])

    func stream() -> AsyncStream<TaskID> {
        let reader = GrowthReader()
        entries.withLock { entries in
            entries.removeAll { $0.reader == nil }
            entries.append(Entry(reader: reader))
        }
        return AsyncStream(unfolding: { await reader.next() }, onCancel: { reader.close() })
    }

    func tell(_ ids: [TaskID]) {
        guard !ids.isEmpty else { return }
        let readers = entries.withLock { $0.compactMap(\.reader) }
        for reader in readers {
            for id in ids { reader.add(id) }
        }
    }
}

/// One reader's tasks that it has not seen yet, oldest first.
private final class GrowthReader: Sendable {
    private struct State {
        var waiting: [TaskID] = []
        var known: Set<TaskID> = []
        var reader: CheckedContinuation<TaskID?, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())

    func add(_ id: TaskID) {
        let reader = state.withLock { state -> CheckedContinuation<TaskID?, Never>? in
            guard !state.isClosed else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            if state.known.insert(id).inserted { state.waiting.append(id) }
            return nil
        }
        reader?.resume(returning: id)
    }

    func next() async -> TaskID? {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> TaskID?? in
                if state.isClosed { return .some(nil) }
                if let id = state.waiting.first {
                    state.waiting.removeFirst()
                    state.known.remove(id)
                    return id
                }
                state.reader = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }
}
