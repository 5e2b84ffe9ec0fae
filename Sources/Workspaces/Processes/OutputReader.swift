import Dispatch
import Glibc
import Synchronization

/// Reads one stream of a process as it comes, and stops when told, not at its end: a daemon that inherited the pipe may
/// hold it open for ever.
final class OutputReader: Sendable {
    private let queue: DispatchQueue
    private let descriptor: OwnedDescriptor
    /// Unsafe in name only: a dispatch source may be used from any thread, its protocol just does not say so.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    private let kept: Mutex<BoundedOutput>
    private let limit: Int
    private let onBytes: (@Sendable ([UInt8]) -> Void)?
    private let onExcess: @Sendable () -> Void

    init(
        _ descriptor: OwnedDescriptor, limit: Int, onBytes: (@Sendable ([UInt8]) -> Void)?,
        onExcess: @escaping @Sendable () -> Void
    ) {
        self.descriptor = descriptor
        self.limit = limit
        self.onBytes = onBytes
        self.onExcess = onExcess
        kept = Mutex(BoundedOutput(limit: limit))
        queue = DispatchQueue(label: "process-output")
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor.rawValue, queue: queue)
        source.setEventHandler { [weak self] in self?.drain(upTo: 1 << 20) }
        // Holds the descriptor until the source has let go of it.
        source.setCancelHandler { descriptor.close() }
        source.activate()
    }

    deinit { source.cancel() }

    /// Reads what is still in the pipe and returns all that was kept. Called when the process is gone.
    func finish() async -> BoundedOutput {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                // More than a pipe can hold, and yet an end where another process keeps writing into it.
                drain(upTo: 4 << 20)
                source.cancel()
                continuation.resume(returning: kept.withLock { $0 })
            }
        }
    }

    private func drain(upTo most: Int) {
        guard !source.isCancelled else { return }
        var budget = most
        while budget > 0 {
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                repeat { count = max(-1, read(descriptor.rawValue, buffer.baseAddress, buffer.count)) } while count < 0 && errno == EINTR
                count = max(0, count)
            }
            guard !chunk.isEmpty else {
                // End of file keeps the source firing; nothing more will come.
                if isAtEnd { source.cancel() }
                return
            }
            budget -= chunk.count
            let total = kept.withLock { output in
                output.append(chunk)
                return output.total
            }
            onBytes?(chunk)
            if total > limit { onExcess() }
        }
    }

    private var isAtEnd: Bool {
        var poll = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, 0) > 0 else { return false }
        return poll.revents & Int16(POLLHUP) != 0 && poll.revents & Int16(POLLIN) == 0
    }
}
