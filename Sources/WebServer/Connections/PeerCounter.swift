import Synchronization

/// How many connections each address has open.
final class PeerCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// False when the address has as many as it may. Each true needs a `leave`.
    func enter(_ peer: String) -> Bool {
        // Behind a proxy on this machine everybody comes from here.
        let isCapped = !WebServerSettings.isLoopback(peer)
        let peer = PeerKey.of(peer)
        return counts.withLock { counts in
            let count = counts[peer, default: 0]
            guard !isCapped || count < limit else { return false }
            counts[peer] = count + 1
            return true
        }
    }

    func leave(_ peer: String) {
        let peer = PeerKey.of(peer)
        counts.withLock { counts in
            guard let count = counts[peer] else { return }
            counts[peer] = count > 1 ? count - 1 : nil
        }
    }

    var total: Int { counts.withLock { $0.values.reduce(0, +) } }
}
