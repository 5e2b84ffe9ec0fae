import Synchronization

/// Tells workers in this process that something may have become claimable. A slow one sees only that it happened.
final class WakeUpFeed: Sendable {
    private struct State {
        var nextID = 0
        var readers: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextID += 1
            state.readers[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.readers[id] = nil }
        }
        return stream
    }

    func tell() {
        for reader in state.withLock({ Array($0.readers.values) }) { reader.yield() }
    }
}
