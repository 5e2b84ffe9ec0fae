import Synchronization

/// Secrets that become known while the process runs; the newest of them.
final class LearnedSecrets: Sendable {
    private struct State {
        var secrets: [Secret] = []
        var needles = NeedleSet([Secret]())
    }

    private static let most = 1_000
    /// Bytes that a secret must have to be learned.
    private static let shortest = 10
    private let state = Mutex(State())

    var needles: NeedleSet { state.withLock { $0.needles } }

    func add(_ more: [Secret]) {
        state.withLock { state in
            // A short one would take words out of every other task's texts.
            let new = more.filter { $0.reveal().utf8.count >= Self.shortest && !state.secrets.contains($0) }
            guard !new.isEmpty else { return }
            state.secrets = Array((state.secrets + new).suffix(Self.most))
            state.needles = NeedleSet(state.secrets)
        }
    }
}
