package import Foundation

/// The queue: tasks waiting, leased and ended. The cost of a claim does not grow with the number of ended tasks.
package protocol TaskQueue: Sendable {
    /// Adds a task with a first journal entry, durably. An id that is taken is `.exists` with that task's record.
    func submit(_ task: CodingTask) async throws -> Submission

    /// The next task of the lane whose time has come and whose branch nobody works on: projects with fewer running tasks first,
    /// in them persons with fewer; among equals who was served longest ago, then the oldest. A task whose lease has run out counts as waiting. Nil when there is none.
    func claim(_ lane: TaskLane, owner: LeaseOwner, for duration: Duration) async throws -> TaskRecord?

    /// Claims this one task, for the one-shot command. Nil when somebody else holds it or it has ended.
    func claim(_ id: TaskID, owner: LeaseOwner, for duration: Duration) async throws -> TaskRecord?

    /// Prolongs a lease; tells whether it still stands and whether a stop was asked for.
    func renew(_ id: TaskID, owner: LeaseOwner, for duration: Duration) async throws -> LeaseState

    /// Ends a task with its last journal entries, in one transaction.
    func finish(_ id: TaskID, owner: LeaseOwner, result: TaskResult, entries: [NewEntry]) async throws

    /// Gives a task back, to be claimed again after `until`.
    func postpone(_ id: TaskID, owner: LeaseOwner, until: Date, entries: [NewEntry]) async throws

    /// A postponed task may be claimed now: somebody has replied.
    func hasten(_ id: TaskID) async throws

    /// Gives back every lease of owners that are known to be dead (a process of this machine that is gone).
    func releaseLeases(where isDead: @Sendable (LeaseOwner) -> Bool) async throws -> [TaskID]

    /// Asks a running task to stop, or ends a waiting one as cancelled. False when it has ended already.
    func requestStop(_ id: TaskID, by: String, reason: String) async throws -> Bool

    func task(_ id: TaskID) async throws -> TaskRecord?
    func tasks(_ query: TaskQuery) async throws -> TaskPage
    /// Open work tasks of an issue or merge request, oldest first.
    func openTasks(thread: String) async throws -> [TaskRecord]
    /// The newest work task of a thread, ended or not.
    func latestTask(thread: String) async throws -> TaskRecord?
    /// The work tasks of a thread, ended or not, newest first.
    func tasks(thread: String, limit: Int) async throws -> [TaskRecord]
    func counts() async throws -> QueueCounts
    /// What was spent since then by project and person: by tasks that ended, and by those that have not so far.
    /// - Parameter task: left out.
    func spending(since date: Date, besides task: TaskID?) async throws -> [Spending]
    /// Makes the ended task's id free again (its journal goes), so that the one-shot command can run it anew.
    func forget(_ id: TaskID) async throws
    /// Removes tasks that ended before, with their journals, at most `limit` of them.
    func prune(endedBefore: Date, limit: Int) async throws -> Int
    /// Yields when something may have become claimable. Never holds back: a slow reader sees the newest only.
    func wakeUps() -> AsyncStream<Void>
}

/// What one person's tasks in one project have cost.
package struct Spending: Sendable, Hashable {
    /// Nil for tasks that did not come from GitLab.
    package var projectID: Int64?
    package var personID: Int64?
    package var cost: Double
    package init(projectID: Int64?, personID: Int64?, cost: Double) {
        self.projectID = projectID
        self.personID = personID
        self.cost = cost
    }
}

package enum TaskLane: String, Sendable, Codable { case work, control }

package enum Submission: Sendable { case accepted(TaskRecord), exists(TaskRecord) }

/// Who holds a lease: enough to see whether it is still alive on this machine.
package struct LeaseOwner: Sendable, Hashable, Codable {
    package var host: String
    package var processID: Int32
    /// The process's start in clock ticks since boot, from `/proc/<pid>/stat` field 22, since ids are used again.
    package var processStart: UInt64
    package var name: String
    package init(host: String, processID: Int32, processStart: UInt64, name: String) {
        self.host = host
        self.processID = processID
        self.processStart = processStart
        self.name = name
    }
}

package enum LeaseState: Sendable, Hashable { case held, stopRequested(by: String, reason: String), lost }

package struct TaskRecord: Sendable, Codable {
    package enum State: String, Sendable, Codable { case queued, leased, ended }
    package var task: CodingTask
    package var state: State
    package var status: TaskStatus
    package var progress: Int
    package var attempts: Int
    package var createdAt: Date
    package var startedAt: Date?
    package var endedAt: Date?
    package var notBefore: Date?
    package var result: TaskResult?
    /// Seconds that somebody has worked on it, over all its runs: the time that it waited, or that no service ran, is not in it.
    package var workedSeconds: Double

    package init(
        task: CodingTask, state: State, status: TaskStatus, progress: Int = 0, attempts: Int = 0, createdAt: Date,
        startedAt: Date? = nil, endedAt: Date? = nil, notBefore: Date? = nil, result: TaskResult? = nil,
        workedSeconds: Double = 0
    ) {
        self.task = task
        self.state = state
        self.status = status
        self.progress = progress
        self.attempts = attempts
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.notBefore = notBefore
        self.result = result
        self.workedSeconds = workedSeconds
    }
}

package struct TaskQuery: Sendable {
    package var status: TaskStatus?
    package var projectPath: String?
    package var includesControl: Bool
    /// Keyset page: tasks older than this one.
    package var before: TaskID?
    /// 1 to 100.
    package var limit: Int
    package init(
        status: TaskStatus? = nil, projectPath: String? = nil, includesControl: Bool = false, before: TaskID? = nil,
        limit: Int = 50
    ) {
        self.status = status
        self.projectPath = projectPath
        self.includesControl = includesControl
        self.before = before
        self.limit = limit
    }
}

package struct TaskPage: Sendable {
    package var tasks: [TaskRecord]
    package var next: TaskID?
    package init(tasks: [TaskRecord], next: TaskID?) {
        self.tasks = tasks
        self.next = next
    }
}

package struct QueueCounts: Sendable, Hashable {
    package var queued: Int
    package var leased: Int
    /// Seconds that the oldest claimable task has waited.
    package var oldestQueuedAge: Double?
    package init(queued: Int, leased: Int, oldestQueuedAge: Double?) {
        self.queued = queued
        self.leased = leased
        self.oldestQueuedAge = oldestQueuedAge
    }
}
