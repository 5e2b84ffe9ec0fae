import Synchronization

/// Keeps the bounded output of a command while it streams, so that it is there even when the run is cut short.
final class OutputKeeper: Sendable {
    private let output: Mutex<BoundedOutput>

    init(limit: Int) { output = Mutex(BoundedOutput(limit: max(2, limit), keepsEnd: true)) }

    func append(_ bytes: [UInt8]) { output.withLock { $0.append(bytes) } }
    var captured: CapturedOutput { CapturedOutput(output.withLock { $0 }) }
    var bytes: [UInt8] { output.withLock { $0.bytes } }
}
