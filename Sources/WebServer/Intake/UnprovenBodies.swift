import Synchronization

/// Memory for the bodies of senders who have not proven who they are: a signature can only be checked over the whole body, so that a
/// stranger's has to be kept until then.
///
/// A small body is always read, so that ordinary deliveries come through while somebody holds all the room for large ones.
final class UnprovenBodies: Sendable {
    /// What each body may have without asking.
    static let free = 64 << 10

    private let limit: Int
    private let held = Mutex<[String: Int]>([:])

    /// - Parameter limit: for all; one address gets half of it, unless a proxy may stand there.
    init(limit: Int) { self.limit = limit }

    /// False when there is no room for so many bytes more. Each true needs a `give`.
    func take(_ bytes: Int, for peer: String) -> Bool {
        let peer = PeerKey.of(peer)
        let share = WebServerSettings.isLoopback(peer) ? limit : limit / 2
        return held.withLock { held in
            let own = held[peer, default: 0]
            guard own + bytes <= share, held.values.reduce(0, +) + bytes <= limit else { return false }
            held[peer] = own + bytes
            return true
        }
    }

    func give(_ bytes: Int, from peer: String) {
        let peer = PeerKey.of(peer)
        held.withLock { held in
            let left = held[peer, default: 0] - bytes
            held[peer] = left > 0 ? left : nil
        }
    }
}
