import CConfinement
import Dispatch
import Glibc
import Synchronization

/// What the launcher reports about itself: the first process inside, and the command's exit code, which it writes only
/// when all walls stood before the command began.
final class LaunchStatus: Sendable {
    private struct State {
        var text: [UInt8] = []
        var firstProcess: OwnedDescriptor?
    }
    private let state = Mutex(State())
    private let started = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))

    /// Takes what came on the status stream.
    func append(_ bytes: [UInt8]) {
        state.withLock { state in
            guard state.text.count < 64 << 10 else { return }
            state.text += bytes
            guard state.firstProcess == nil, let pid = Self.number("child-pid", in: state.text) else { return }
            let descriptor = confinement_pidfd_open(pid)
            if descriptor >= 0 { state.firstProcess = OwnedDescriptor(descriptor) }
            started.continuation.yield(pid)
        }
    }

    /// The first process inside, as soon as there is one; nil when cancelled.
    func waitForStart() async -> Int32? { await started.stream.first { _ in true } }

    var exitCode: Int32? { state.withLock { Self.number("exit-code", in: $0.text) } }
    var text: String { state.withLock { String(decoding: $0.text, as: UTF8.self) } }
    var firstPid: Int32? { state.withLock { Self.number("child-pid", in: $0.text) } }

    /// Ends the first process inside, and with it every other one, and waits until they are gone.
    ///
    /// The launcher asks the kernel to end it together with itself, but that order belongs to the process, and what runs inside
    /// may trace it and take the order back.
    ///
    /// Not cancellable: the kernel carries it out in milliseconds.
    func end() async {
        guard let process = state.withLock({ $0.firstProcess }) else { return }
        _ = confinement_pidfd_kill(process.rawValue)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                var poll = pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0)
                // Interrupted by a signal, it would say "not yet".
                for _ in 0..<100 where Glibc.poll(&poll, 1, 100) <= 0 {}
                continuation.resume()
            }
        }
    }

    private static func number(_ key: String, in text: [UInt8]) -> Int32? {
        let text = String(decoding: text, as: UTF8.self)
        guard let range = text.firstRange(of: "\"\(key)\":") else { return nil }
        return Int32(text[range.upperBound...].drop { $0 == " " }.prefix { $0.isNumber })
    }
}
