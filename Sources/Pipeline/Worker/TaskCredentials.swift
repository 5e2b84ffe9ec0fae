package import Domain
package import Foundation
package import Secrets
import Synchronization

/// Secrets that came with single tasks. They live in memory only: the database holds none.
///
/// Those of an ended task stay a while, for its last status message and for whoever has it done again.
package final class TaskCredentials: Sendable {
    package struct Given: Sendable {
        package var gitLabToken: Secret?
        package var webhookSecret: Secret?
        package init(gitLabToken: Secret?, webhookSecret: Secret?) {
            self.gitLabToken = gitLabToken
            self.webhookSecret = webhookSecret
        }
    }

    private struct Entry {
        let given: Given
        let keptAt: Date
        var endedAt: Date?
    }

    /// How long an ended task's secrets stay.
    private static let stay: TimeInterval = 24 * 3600
    /// Tasks that nobody ended here, such as those that were stopped before they began.
    private static let longestStay: TimeInterval = 30 * 24 * 3600
    /// Ended tasks whose secrets stay, at most.
    private static let mostEnded = 1000

    private let entries = Mutex<[TaskID: Entry]>([:])
    private let now: @Sendable () -> Date

    private let redactor: Redactor?

    /// - Parameter redactor: learns every secret that is kept, before anything is done with it.
    package init(redactor: Redactor? = nil, now: @escaping @Sendable () -> Date = { Date() }) {
        self.redactor = redactor
        self.now = now
    }

    package func keep(_ secrets: Given, for id: TaskID) {
        redactor?.learn([secrets.gitLabToken, secrets.webhookSecret].compactMap { $0 })
        let now = now()
        entries.withLock { entries in
            Self.tidy(&entries, at: now)
            entries[id] = Entry(given: secrets, keptAt: now)
        }
    }

    package func secrets(of id: TaskID) -> Given? { entries.withLock { $0[id]?.given } }

    /// The task that does `old` again works with the same secrets, if they are still here.
    package func carry(from old: TaskID, to new: TaskID) {
        guard let given = secrets(of: old) else { return }
        keep(given, for: new)
    }

    /// The task has ended: its secrets stay for a day and are then forgotten.
    package func end(_ id: TaskID) {
        let now = now()
        entries.withLock { entries in
            entries[id]?.endedAt = now
            Self.tidy(&entries, at: now)
        }
    }

    private static func tidy(_ entries: inout [TaskID: Entry], at now: Date) {
        entries = entries.filter { _, entry in
            if let ended = entry.endedAt { return now.timeIntervalSince(ended) < stay }
            return now.timeIntervalSince(entry.keptAt) < longestStay
        }
        let ended = entries.compactMap { id, entry in entry.endedAt.map { (id, $0) } }
        guard ended.count > mostEnded else { return }
        for (id, _) in ended.sorted(by: { $0.1 < $1.1 }).prefix(ended.count - mostEnded) { entries[id] = nil }
    }
}
