import Synchronization

/// Counts the text of a turn as it arrives and reports it now and then, so that a live line moves but is not flooded.
final class WrittenCharacters: Sendable {
    private let count = Mutex(0)
    private let live: AgentProgress
    private let report: @Sendable (AgentProgress) -> Void

    private static let step = 200

    init(_ live: AgentProgress, report: @escaping @Sendable (AgentProgress) -> Void) {
        self.live = live
        self.report = report
    }

    func add(_ text: String) {
        let characters = count.withLock { count -> Int? in
            let before = count / Self.step
            count += text.utf8.count
            return count / Self.step > before ? count : nil
        }
        guard let characters else { return }
        var live = live
        live.event = .writing(characters: characters)
        report(live)
    }
}
