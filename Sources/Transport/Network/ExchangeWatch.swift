internal import Synchronization

/// Keeps the time of one exchange: throws when a part of it takes too long.
///
/// The idle time runs only while somebody waits for a chunk, so that a slow reader is not taken for a slow server.
final class ExchangeWatch: Sendable {
    private struct State {
        var waitingSince: ContinuousClock.Instant?
        var hasFirstByte = false
        /// Everything needed has come; only the formal end is waited for, until then.
        var endDeadline: ContinuousClock.Instant?
        var expired: TransportFailure.Timeout?
    }

    let host: String
    private let timeouts: RequestTimeouts
    private let start: ContinuousClock.Instant
    private let state: Mutex<State>

    init(_ timeouts: RequestTimeouts, host: String) {
        self.timeouts = timeouts
        self.host = host
        start = .now
        state = Mutex(State(waitingSince: start))
    }

    var expired: TransportFailure.Timeout? { state.withLock { $0.expired } }

    func startedWaiting() {
        state.withLock { if $0.hasFirstByte { $0.waitingSince = .now } }
    }

    func received() {
        state.withLock {
            $0.hasFirstByte = true
            $0.waitingSince = nil
        }
    }

    func expectEnd(within grace: Duration) {
        state.withLock { $0.endDeadline = .now + grace }
    }

    /// Returns when the formal end did not come in time; else throws: a timeout, or cancellation.
    func run() async throws {
        while true {
            if let end = state.withLock({ $0.endDeadline }), end <= .now { return }
            let (deadline, kind) = nextDeadline()
            if deadline <= .now {
                state.withLock { $0.expired = kind }
                throw TransportFailure(.timeout(kind), host: host)
            }
            // Short naps, because the deadlines may come nearer meanwhile.
            try await Task.sleep(until: min(deadline, .now + .milliseconds(500)), clock: .continuous)
        }
    }

    private func nextDeadline() -> (ContinuousClock.Instant, TransportFailure.Timeout) {
        let end = start + timeouts.total
        let part: (ContinuousClock.Instant, TransportFailure.Timeout) = state.withLock { state in
            if !state.hasFirstByte { return (start + timeouts.firstByte, .firstByte) }
            return ((state.waitingSince ?? .now) + timeouts.idle, .idle)
        }
        return part.0 < end ? part : (end, .total)
    }
}
