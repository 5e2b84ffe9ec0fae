import Foundation
import Glibc
import Synchronization

/// Reads one stream of a process as it comes, and stops when told, not at its end: a daemon that inherited the pipe may
/// hold it open for ever. A thread of its own waits for the pipe, never one that serves other tasks; a dispatch source may
/// trap when it is cancelled in the moment the pipe hangs up.
final class OutputReader: Sendable {
    private let stream: OutputStreamReading

    init(
        _ descriptor: OwnedDescriptor, limit: Int, keepsEnd: Bool, onBytes: (@Sendable ([UInt8]) -> Void)?,
        onExcess: @escaping @Sendable () -> Void
    ) {
        let stream = OutputStreamReading(descriptor, limit: limit, keepsEnd: keepsEnd, onBytes: onBytes, onExcess: onExcess)
        self.stream = stream
        Thread.detachNewThread { stream.run() }
    }

    deinit { stream.stop(then: nil) }

    /// Reads what is still in the pipe and returns all that was kept. Called when the process is gone.
    func finish() async -> BoundedOutput {
        await withCheckedContinuation { stream.stop(then: $0) }
    }
}

/// What the reader and its thread share.
private final class OutputStreamReading: Sendable {
    private struct State {
        var kept: BoundedOutput
        var mustStop = false
        var hasEnded = false
        var waiter: CheckedContinuation<BoundedOutput, Never>?
    }

    private let descriptor: OwnedDescriptor
    /// A byte in this pipe is the order to stop; nil when there were no descriptors left.
    private let wake = try? OwnedDescriptor.pipe()
    private let state: Mutex<State>
    private let limit: Int
    private let onBytes: (@Sendable ([UInt8]) -> Void)?
    private let onExcess: @Sendable () -> Void

    init(
        _ descriptor: OwnedDescriptor, limit: Int, keepsEnd: Bool, onBytes: (@Sendable ([UInt8]) -> Void)?,
        onExcess: @escaping @Sendable () -> Void
    ) {
        self.descriptor = descriptor
        self.limit = limit
        self.onBytes = onBytes
        self.onExcess = onExcess
        state = Mutex(State(kept: BoundedOutput(limit: limit, keepsEnd: keepsEnd)))
    }

    func stop(then waiter: CheckedContinuation<BoundedOutput, Never>?) {
        let kept = state.withLock { state -> BoundedOutput? in
            state.mustStop = true
            if state.hasEnded { return state.kept }
            state.waiter = waiter
            return nil
        }
        if let kept {
            waiter?.resume(returning: kept)
        } else if let wake {
            _ = write(wake.write.rawValue, [1], 1)
        }
    }

    func run() {
        var isOpen = true
        while isOpen, !state.withLock({ $0.mustStop }) {
            var waits = [
                pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0), pollfd(fd: wake?.read.rawValue ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            // Without a pipe to be woken by, the order to stop is looked for now and then.
            let isReady = poll(&waits, 2, wake == nil ? 50 : -1) > 0
            if isReady, waits[0].revents != 0 { isOpen = drain(upTo: 1 << 20) }
        }
        // More than a pipe can hold, and yet an end where another process keeps writing into it.
        if isOpen { _ = drain(upTo: 4 << 20) }
        descriptor.close()
        let (waiter, kept) = state.withLock { state in
            state.hasEnded = true
            defer { state.waiter = nil }
            return (state.waiter, state.kept)
        }
        waiter?.resume(returning: kept)
    }

    /// Whether more may come.
    private func drain(upTo most: Int) -> Bool {
        var budget = most
        while budget > 0 {
            var isAtEnd = false
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                repeat { count = read(descriptor.rawValue, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
                isAtEnd = count == 0 || (count < 0 && errno != EAGAIN)
                count = max(0, count)
            }
            guard !chunk.isEmpty else { return !isAtEnd }
            budget -= chunk.count
            let total = state.withLock { state in
                state.kept.append(chunk)
                return state.kept.total
            }
            onBytes?(chunk)
            if total > limit { onExcess() }
        }
        return true
    }
}
