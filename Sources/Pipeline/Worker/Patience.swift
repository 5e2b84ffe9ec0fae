package import Foundation

/// How long a task waits for the outside world (the model, GitLab) to come back, before it fails.
package struct Patience: Sendable {
    /// After this long since the task's start it fails instead of waiting on.
    package var total: TimeInterval = 6 * 3600

    package init() {}

    /// When to try again: after as long as the task is old, between five seconds and fifteen minutes; nil when it has waited enough.
    package func next(startedAt: Date, now: Date) -> Date? {
        let age = now.timeIntervalSince(startedAt)
        guard age < total else { return nil }
        return now.addingTimeInterval(min(max(age, 5), 900))
    }
}
