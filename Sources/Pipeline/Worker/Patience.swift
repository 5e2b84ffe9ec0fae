import Domain
import Foundation

/// How long a task waits for the outside world (the model, GitLab) to come back, before it fails.
///
/// Only time in which it was tried counts: while the service itself was down nothing was waited for.
struct Patience: Sendable {
    /// After this long in one trouble the task fails instead of waiting on.
    var total: TimeInterval = 6 * 3600
    /// The longest pause between two tries.
    var longest: TimeInterval = 900

    init() {}

    /// When to try again: after as long as the trouble has lasted, between five seconds and fifteen minutes; nil when it has
    /// lasted too long.
    ///
    /// - Parameter tries: when the tries of this trouble failed so far, oldest first, without the one of now.
    func next(after tries: [Date], now: Date) -> Date? {
        // A try may take a while itself; a longer gap means that nobody was there to try.
        let age = zip(tries, tries.dropFirst() + [now]).reduce(0) { $0 + min(max(0, $1.1.timeIntervalSince($1.0)), longest * 2) }
        guard age < total else { return nil }
        return now.addingTimeInterval(min(max(age, 5), longest))
    }

    /// The tries of a trouble that has not passed: each ends with such a line, and any other change of status begins anew.
    static func tries(in journal: any Journal, of id: TaskID) async throws -> [Date] {
        var tries: [Date] = []
        var after: Int64 = 0
        while true {
            let page = try await journal.entries(of: id, after: after, kinds: [.status], limit: 200)
            guard let last = page.last else { return tries }
            for entry in page {
                let change = try JSONDecoder().decode(StatusChange.self, from: entry.payload)
                // A task that waits for a person has no error to tell.
                if change.status == TaskStatus.waiting.rawValue, change.error != nil { tries.append(entry.at) } else { tries = [] }
            }
            after = last.sequence
        }
    }
}
