import Domain
import Foundation
import SQLiteStore

/// A store that can do nothing for the moment.
struct TroubledStore: TaskQueue, Journal, FollowerCursors, Intake {
    let store: SQLiteStore
    let failure: StoreFailure

    func submit(_ task: CodingTask) async throws -> Submission { throw failure }
    func claim(_ lane: TaskLane, owner: LeaseOwner, for duration: Duration) async throws -> TaskRecord? { throw failure }
    func claim(_ id: TaskID, owner: LeaseOwner, for duration: Duration) async throws -> TaskRecord? { throw failure }
    func renew(_ id: TaskID, owner: LeaseOwner, for duration: Duration) async throws -> LeaseState { throw failure }
    func finish(_ id: TaskID, owner: LeaseOwner, result: TaskResult, entries: [NewEntry]) async throws { throw failure }
    func postpone(_ id: TaskID, owner: LeaseOwner, until: Date, entries: [NewEntry]) async throws { throw failure }
    func hasten(_ id: TaskID) async throws { throw failure }
    func releaseLeases(where isDead: @Sendable (LeaseOwner) -> Bool) async throws -> [TaskID] { throw failure }
    func requestStop(_ id: TaskID, by: String, reason: String) async throws -> Bool { throw failure }
    func task(_ id: TaskID) async throws -> TaskRecord? { throw failure }
    func tasks(_ query: TaskQuery) async throws -> TaskPage { throw failure }
    func openTasks(thread: String) async throws -> [TaskRecord] { throw failure }
    func latestTask(thread: String) async throws -> TaskRecord? { throw failure }
    func tasks(thread: String, limit: Int) async throws -> [TaskRecord] { throw failure }
    func counts() async throws -> QueueCounts { throw failure }
    func spending(since date: Date, besides task: TaskID?) async throws -> [Spending] { throw failure }
    func forget(_ id: TaskID) async throws { throw failure }
    func prune(endedBefore: Date, limit: Int) async throws -> Int { throw failure }
    func wakeUps() -> AsyncStream<Void> { store.wakeUps() }

    func append(_ entries: [NewEntry], to id: TaskID, owner: LeaseOwner?) async throws -> Int64 { throw failure }
    func entries(of id: TaskID, after sequence: Int64, kinds: Set<JournalEntry.Kind>?, limit: Int) async throws -> [JournalEntry] {
        throw failure
    }
    func outcome(ofStep name: String, task: TaskID) async throws -> StepOutcome? { throw failure }
    func latestTree(of id: TaskID) async throws -> Data? { throw failure }
    func growth() -> AsyncStream<TaskID> { store.growth() }

    func cursor(of follower: String, task: TaskID) async throws -> FollowerCursor { throw failure }
    func save(_ cursor: FollowerCursor) async throws { throw failure }
    func tasksBehind(follower: String, kinds: Set<JournalEntry.Kind>, now: Date, limit: Int) async throws -> [TaskID] { throw failure }
    func nextDue(follower: String) async throws -> Date? { throw failure }

    func accept(_ delivery: NewDelivery) async throws -> IntakeOutcome { throw failure }
    func deliveries(before: Int64?, limit: Int) async throws -> [DeliveryRecord] { throw failure }
    func delivery(id: String) async throws -> DeliveryRecord? { throw failure }
    func hasDelivered(projectID: Int64) async throws -> Bool { throw failure }
    func pruneDeliveries(before: Date, limit: Int) async throws -> Int { throw failure }
}
