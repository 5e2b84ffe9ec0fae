import Domain
import Foundation
import GRDB

/// A task ready to be written down: everything that can be worked out beforehand is, so that the one writer is kept short.
struct TaskInsertion: Sendable {
    let task: CodingTask
    private let definition: Data
    private let accepted: NewEntry

    init(_ task: CodingTask, reason: String?) throws {
        self.task = task
        definition = try StoredJSON.encode(task)
        let actor =
            switch task.origin {
            case .commandLine: "command line"
            case .api: "api"
            case .gitLab(let origin): origin.requester.username
            }
        let record = AuditRecord(actor: actor, action: task.kind.rawValue, decision: "accepted", detail: reason)
        accepted = NewEntry(kind: .audit, name: "accepted", payload: try StoredJSON.encode(record))
    }

    /// Adds the task and its journal's first line. Nil when the id is taken.
    func insert(into db: Database, at time: Date) throws -> Int64? {
        try db.run(
            """
            INSERT INTO task (id, lane, state, status, project_key, branch_key, thread_key, project_path, person_key, created_at, definition)
            VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            [
                task.id.rawValue, task.lane.rawValue, TaskStatus.pending.rawValue, StoredText(task.projectKey),
                StoredText(task.branchKey), StoredText(task.threadKey), StoredText(task.gitLab?.projectPath),
                StoredText(task.personKey), time.stored, definition,
            ])
        guard db.changesCount > 0 else { return nil }
        let number = db.lastInsertedRowID
        try JournalWriter(db: db, taskID: task.id, task: number).append([accepted], at: time)
        return number
    }
}

extension CodingTask {
    var lane: TaskLane { kind.isControl ? .control : .work }

    /// Nil for what nobody asked for in GitLab.
    var personKey: String? { gitLab.map { "gitlab:\($0.requester.id)" } }
}
