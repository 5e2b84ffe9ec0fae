import Synchronization

/// A line of its own that a container prints before its command: what stands before it is the engine's.
final class BeginMark: Sendable {
    let mark = "begun-\(UInt64.random(in: .min ... .max))\n"
    private let output: OutputKeeper
    private let isSeen = Mutex(false)
    private let seen = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(_ output: OutputKeeper) { self.output = output }

    func append(_ bytes: [UInt8]) {
        output.append(bytes)
        isSeen.withLock { isSeen in
            guard !isSeen, output.captured.text.contains(mark) else { return }
            isSeen = true
            seen.continuation.yield()
        }
    }

    /// Returns when the command is about to begin; false when cancelled.
    func hasCome() async -> Bool { await seen.stream.first { _ in true } != nil }
}
