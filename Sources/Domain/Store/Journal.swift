package import Foundation

/// The tasks' journals.
package protocol Journal: Sendable {
    /// Appends durably, in order; a `status` entry also updates the task's record. Returns the last sequence.
    ///
    /// - Throws: `JournalFailure.leaseLost` when `owner` is given and no longer holds the task.
    @discardableResult
    func append(_ entries: [NewEntry], to id: TaskID, owner: LeaseOwner?) async throws -> Int64

    /// Entries after a sequence, oldest first. `kinds` nil means all.
    func entries(of id: TaskID, after sequence: Int64, kinds: Set<JournalEntry.Kind>?, limit: Int) async throws -> [JournalEntry]

    /// The outcome of one step; nil when it has none yet.
    func outcome(ofStep name: String, task: TaskID) async throws -> StepOutcome?

    /// The newest recorded work tree of the task.
    func latestTree(of id: TaskID) async throws -> Data?

    /// Yields ids of tasks whose journal has grown. A slow reader may miss repeats, never the last growth of a task.
    func growth() -> AsyncStream<TaskID>
}

package enum JournalFailure: Error, Sendable { case leaseLost(TaskID) }

/// Durable places in journals, one for each follower and task, with the follower's own small state.
package protocol FollowerCursors: Sendable {
    func cursor(of follower: String, task: TaskID) async throws -> FollowerCursor
    /// Replaces it durably.
    func save(_ cursor: FollowerCursor) async throws
    /// Tasks with journal entries of `kinds` behind which the follower stands and whose `notBefore` has passed, oldest first.
    func tasksBehind(follower: String, kinds: Set<JournalEntry.Kind>, now: Date, limit: Int) async throws -> [TaskID]
    /// The earliest `notBefore` of a follower that is behind; nil when none waits.
    func nextDue(follower: String) async throws -> Date?
}

package struct FollowerCursor: Sendable, Hashable, Codable {
    package var follower: String
    package var taskID: TaskID
    /// The last entry that was dealt with; 0 for none.
    package var sequence: Int64
    package var attempts: Int
    package var notBefore: Date?
    /// JSON of the follower's own making (a note's id, for instance).
    package var state: Data?

    package init(
        follower: String, taskID: TaskID, sequence: Int64 = 0, attempts: Int = 0, notBefore: Date? = nil,
        state: Data? = nil
    ) {
        self.follower = follower
        self.taskID = taskID
        self.sequence = sequence
        self.attempts = attempts
        self.notBefore = notBefore
        self.state = state
    }
}
