/// Where a task stands, in the words of the status webhook.
package enum TaskStatus: String, Sendable, Codable, CaseIterable {
    case pending, cloning, analyzing, coding, testing, committing
    case completed, failed, cancelled
    /// Goes on later by itself (the model is away) or after a person's reply.
    case waiting

    package var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
}
