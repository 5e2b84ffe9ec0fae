package import Domain
package import Foundation
import GRDB

extension SQLiteStore: Intake {
    package func accept(_ delivery: NewDelivery) async throws -> IntakeOutcome {
        let outcome = try await deliveries.accept(try DeliveryInsertion(delivery, at: now()))
        if case .accepted(let id, _) = outcome {
            journals.tell([id])
            queue.tell()
        }
        return outcome
    }

    package func deliveries(before sequence: Int64?, limit: Int) async throws -> [DeliveryRecord] {
        try await database.read { db in
            try db.rows(
                "SELECT \(columns) FROM delivery WHERE sequence < ? ORDER BY sequence DESC LIMIT ?",
                [sequence ?? Int64.max, min(1_000, max(0, limit))]
            ).map(record)
        }
    }

    package func delivery(id: String) async throws -> DeliveryRecord? {
        try await database.read { db in
            try db.row("SELECT \(columns) FROM delivery WHERE id = ?", [StoredText(id)]).map(record)
        }
    }

    package func hasDelivered(projectID: Int64) async throws -> Bool {
        try await database.read { db in
            try db.row(
                """
                SELECT 1 FROM delivery WHERE project_id = ? AND event NOT IN ('todo', 'award')
                    AND reason NOT IN ('wrong_project_secret', 'project_not_allowed', 'contradictory_project') LIMIT 1
                """, [projectID]) != nil
        }
    }

    package func pruneDeliveries(before time: Date, limit: Int) async throws -> Int {
        try await database.write { db in
            try db.run(
                """
                DELETE FROM delivery WHERE sequence IN (
                    SELECT sequence FROM delivery WHERE received_at < ?
                        -- A project's last one tells that its webhook comes here.
                        AND sequence NOT IN (SELECT max(sequence) FROM delivery WHERE project_id IS NOT NULL GROUP BY project_id)
                    ORDER BY received_at LIMIT ?)
                """, [time.stored, max(0, limit)])
            return db.changesCount
        }
    }
}

private let columns = "sequence, id, received_at, event, project_path, result, reason, task"

private func record(from row: Row) throws -> DeliveryRecord {
    let id: StoredText = row[1]
    let event: StoredText = row[3]
    let path: StoredText? = row[4]
    let reason: StoredText = row[6]
    let task: String? = row[7]
    guard let result = DeliveryRecord.Result(rawValue: row[5]) else {
        throw StoreFailure(.unexpected, "The database holds a delivery with an unknown result; was it written by another version?")
    }
    return DeliveryRecord(
        sequence: row[0], id: id.text, receivedAt: Date(stored: row[2]), event: event.text, projectPath: path?.text,
        result: result, reason: reason.text, taskID: task.flatMap(TaskID.init(rawValue:)))
}
