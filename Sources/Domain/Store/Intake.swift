package import Foundation

/// Where deliveries are written down, together with what they lead to, in one durable transaction.
package protocol Intake: Sendable {
    /// Writes the delivery and its task. Many calls at once share one sync to disk.
    ///
    /// A delivery id or meaning that is known already changes nothing and gives `.duplicate`.
    /// A task whose thread has not what it `needs` is dropped, and the delivery counts as ignored with `reasonWithoutThread`.
    func accept(_ delivery: NewDelivery) async throws -> IntakeOutcome
    func deliveries(before: Int64?, limit: Int) async throws -> [DeliveryRecord]
    func delivery(id: String) async throws -> DeliveryRecord?
    /// Whether a webhook of the project has delivered here with a secret that counts for it: what the reconciler found itself does not count.
    func hasDelivered(projectID: Int64) async throws -> Bool
    func pruneDeliveries(before: Date, limit: Int) async throws -> Int
}

package struct NewDelivery: Sendable {
    /// What a thread must have for some tasks to make sense in it.
    package enum Need: Sendable, Hashable {
        /// Work that has not ended (`join`, `withdraw`).
        case openTask
        /// A review by the bot, at work or ended, whose findings may be talked about.
        case review
        case openTaskOrReview
    }

    /// `webhook-id`, else `Idempotency-Key`, else a digest of the body.
    package var id: String
    /// Equal for all deliveries of one event: instance, project, object, action, updated_at. Nil where it can't be told.
    package var meaning: String?
    package var receivedAt: Date
    package var event: String
    package var projectID: Int64?
    package var projectPath: String?
    /// Nil when the delivery leads to nothing.
    package var task: CodingTask?
    /// The task is made only when its thread has this; nil for any thread.
    package var needs: Need?
    /// `accepted`'s or `ignored`'s reason in snake case.
    package var reason: String
    /// The reason when the thread has not what the task needs.
    package var reasonWithoutThread: String

    package init(
        id: String, meaning: String?, receivedAt: Date, event: String, projectID: Int64?, projectPath: String?,
        task: CodingTask?, needs: Need? = nil, reason: String, reasonWithoutThread: String = "no_command"
    ) {
        self.id = id
        self.meaning = meaning
        self.receivedAt = receivedAt
        self.event = event
        self.projectID = projectID
        self.projectPath = projectPath
        self.task = task
        self.needs = needs
        self.reason = reason
        self.reasonWithoutThread = reasonWithoutThread
    }
}

package enum IntakeOutcome: Sendable, Hashable {
    case accepted(TaskID, reason: String)
    case ignored(reason: String)
    case duplicate(of: String, TaskID?)
}

package struct DeliveryRecord: Sendable, Codable {
    package enum Result: String, Sendable, Codable { case accepted, ignored, duplicate, rejected }
    package var sequence: Int64
    package var id: String
    package var receivedAt: Date
    package var event: String
    package var projectPath: String?
    package var result: Result
    package var reason: String
    package var taskID: TaskID?

    package init(
        sequence: Int64, id: String, receivedAt: Date, event: String, projectPath: String?, result: Result,
        reason: String, taskID: TaskID?
    ) {
        self.sequence = sequence
        self.id = id
        self.receivedAt = receivedAt
        self.event = event
        self.projectPath = projectPath
        self.result = result
        self.reason = reason
        self.taskID = taskID
    }
}

/// Everything a store does; what the executable builds and hands out in parts.
package typealias Store = TaskQueue & Journal & FollowerCursors & Intake
