package import Domain
package import Foundation
import GRDB

extension SQLiteStore {
    package func finish(_ id: TaskID, owner: LeaseOwner, result: TaskResult, entries: [NewEntry]) async throws {
        let time = now()
        let owner = try owner.stored
        try await database.write { db in
            let row = try TaskRow.find(id, in: db)
            guard row.owner == owner else { throw JournalFailure.leaseLost(id) }
            try JournalWriter(db: db, taskID: id, task: row.number).append(entries, at: time)
            try end(row.number, with: result, at: time, in: db)
        }
        journals.tell([id])
        queue.tell()
    }

    package func postpone(_ id: TaskID, owner: LeaseOwner, until: Date, entries: [NewEntry]) async throws {
        let time = now()
        let owner = try owner.stored
        try await database.write { db in
            let row = try TaskRow.find(id, in: db)
            guard row.owner == owner else { throw JournalFailure.leaseLost(id) }
            try JournalWriter(db: db, taskID: id, task: row.number).append(entries, at: time)
            try TaskRow.countWork(on: row.number, at: time, in: db)
            try db.run(
                """
                UPDATE task SET state = 'queued', lease_owner = NULL, lease_until = NULL, not_before = ? WHERE number = ?
                """, [until.stored, row.number])
            // A stop that was asked for while the task ran must not wait for it to run again.
            if row.isStopRequested { try cancel(id, row.number, at: time, in: db) }
        }
        journals.tell([id])
        queue.tell()
    }

    package func requestStop(_ id: TaskID, by person: String, reason: String) async throws -> Bool {
        let time = now()
        let record = AuditRecord(actor: person, action: "stop", decision: "accepted", detail: reason)
        let audit = NewEntry(kind: .audit, name: "stop", payload: try StoredJSON.encode(record))
        let isOpen = try await database.write { db in
            let row = try TaskRow.find(id, in: db)
            guard row.state != .ended else { return false }
            try JournalWriter(db: db, taskID: id, task: row.number).append([audit], at: time)
            // The first to ask is the one who is named.
            try db.run(
                """
                UPDATE task SET stop_reason = CASE WHEN stop_by IS NULL THEN :reason ELSE stop_reason END,
                    stop_by = coalesce(stop_by, :by) WHERE number = :number
                """, ["reason": StoredText(reason), "by": StoredText(person), "number": row.number])
            if !row.isHeld(at: time) { try cancel(id, row.number, at: time, in: db) }
            return true
        }
        if isOpen {
            journals.tell([id])
            queue.tell()
        }
        return isOpen
    }

    package func forget(_ id: TaskID) async throws {
        try await database.write { db in
            guard let row = try TaskRow.load(id, in: db) else { return }
            guard row.state == .ended else {
                throw StoreFailure(.conflict, "Task \(id) has not ended; stop it first, or choose another task_id.")
            }
            try db.run("DELETE FROM task WHERE number = ?", [row.number])
        }
    }

    package func prune(endedBefore limit: Date, limit count: Int) async throws -> Int {
        try await database.write { db in
            try db.run(
                """
                DELETE FROM task WHERE number IN (
                    SELECT number FROM task WHERE state = 'ended' AND ended_at < ? ORDER BY ended_at LIMIT ?)
                """, [limit.stored, max(0, count)])
            return db.changesCount
        }
    }
}

private func end(_ number: Int64, with result: TaskResult, at time: Date, in db: Database) throws {
    try db.run(
        """
        UPDATE task SET state = 'ended', status = :status, result = :result, ended_at = :time, not_before = NULL,
            lease_owner = NULL, lease_until = NULL, progress = CASE WHEN :status = 'completed' THEN 100 ELSE progress END
        WHERE number = :number
        """,
        [
            "status": result.status.rawValue, "result": try StoredJSON.encode(result), "time": time.stored,
            "number": number,
        ])
}

/// Ends a task that nobody works on, in the words of the one who asked for it.
private func cancel(_ id: TaskID, _ number: Int64, at time: Date, in db: Database) throws {
    guard let row = try db.row("SELECT stop_by, stop_reason, progress, created_at FROM task WHERE number = ?", [number])
    else { return }
    let by: StoredText? = row[0]
    let reason: StoredText? = row[1]
    let sentence = "Stopped by \(by?.text ?? "somebody")" + (reason.map { $0.text.isEmpty ? "." : ": \($0.text)" } ?? ".")
    var result = TaskResult(
        taskID: id, status: .cancelled, durationSeconds: max(0, time.timeIntervalSince(Date(stored: row[3]))))
    result.error = sentence
    result.errorKind = .cancelled
    var change = StatusChange(status: TaskStatus.cancelled.rawValue, progress: row[2])
    change.error = sentence
    change.errorKind = .cancelled
    change.result = result
    let entry = NewEntry(kind: .status, name: change.status, payload: try StoredJSON.encode(change))
    try JournalWriter(db: db, taskID: id, task: number).append([entry], at: time)
    try end(number, with: result, at: time, in: db)
}
