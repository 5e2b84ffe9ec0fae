package import Domain
import Foundation
import GRDB

extension SQLiteStore {
    package func claim(_ lane: TaskLane, owner: LeaseOwner, for duration: Duration) async throws -> TaskRecord? {
        let time = now()
        let owner = try owner.stored
        return try await database.write { db in
            try db.run(ClaimStatements.requeueExpired, [time.stored])
            let next = NextTask(db: db, lane: lane, time: time)
            guard let number = try next.find() else { return nil }
            try next.take(number)
            return try lease(number, to: owner, at: time, for: duration, in: db)
        }
    }

    package func claim(_ id: TaskID, owner: LeaseOwner, for duration: Duration) async throws -> TaskRecord? {
        let time = now()
        let owner = try owner.stored
        return try await database.write { db in
            try db.run(ClaimStatements.requeueExpired, [time.stored])
            guard let row = try TaskRow.load(id, in: db), row.state == .queued || row.owner == owner else { return nil }
            let isBranchBusy = try db.row(
                """
                SELECT 1 FROM task AS mine JOIN task AS other ON other.lane = mine.lane AND other.branch_key = mine.branch_key
                WHERE mine.number = ? AND other.state = 'leased' AND other.number <> mine.number
                """, [row.number])
            return isBranchBusy == nil ? try lease(row.number, to: owner, at: time, for: duration, in: db) : nil
        }
    }

    package func renew(_ id: TaskID, owner: LeaseOwner, for duration: Duration) async throws -> LeaseState {
        let time = now()
        let until = time + duration
        let owner = try owner.stored
        return try await database.write { db in
            let row = try db.row(
                """
                UPDATE task SET lease_until = ? WHERE id = ? AND state = 'leased' AND lease_owner = ?
                RETURNING stop_by, stop_reason, number
                """, [until.stored, id.rawValue, owner])
            guard let row else { return .lost }
            try TaskRow.countWork(on: row[2], at: time, in: db)
            let by: StoredText? = row[0]
            let reason: StoredText? = row[1]
            return by.map { .stopRequested(by: $0.text, reason: reason?.text ?? "") } ?? .held
        }
    }

    package func releaseLeases(where isDead: @Sendable (LeaseOwner) -> Bool) async throws -> [TaskID] {
        let held = try await database.read { db in
            try db.rows("SELECT DISTINCT lease_owner FROM task WHERE state = 'leased'").map { $0[0] as Data }
        }
        let dead = try held.filter { isDead(try StoredJSON.decode(LeaseOwner.self, from: $0)) }
        guard !dead.isEmpty else { return [] }
        let freed = try await database.write { db in
            try dead.flatMap { owner in
                try db.rows(
                    """
                    UPDATE task SET state = 'queued', lease_owner = NULL, lease_until = NULL
                    WHERE state = 'leased' AND lease_owner = ? RETURNING id
                    """, [owner]
                ).compactMap { TaskID(rawValue: $0[0]) }
            }
        }
        if !freed.isEmpty { queue.tell() }
        return freed
    }
}

private func lease(
    _ number: Int64, to owner: Data, at time: Date, for duration: Duration, in db: Database
) throws -> TaskRecord? {
    try db.run(
        ClaimStatements.lease, ["owner": owner, "until": (time + duration).stored, "now": time.stored, "number": number])
    return try TaskRecord.load(number: number, in: db)
}

extension Date {
    fileprivate static func + (time: Date, duration: Duration) -> Date {
        Date(stored: time.stored + duration.microseconds)
    }
}
