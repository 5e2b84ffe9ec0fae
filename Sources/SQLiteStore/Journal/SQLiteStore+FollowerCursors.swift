package import Domain
package import Foundation
import GRDB

extension SQLiteStore: FollowerCursors {
    package func cursor(of follower: String, task id: TaskID) async throws -> FollowerCursor {
        try await database.read { db in
            let row = try db.row(
                """
                SELECT position, follower_cursor.attempts, follower_cursor.not_before, follower_cursor.state
                FROM follower_cursor JOIN task ON task.number = follower_cursor.task
                WHERE task.id = ? AND follower = ?
                """, [id.rawValue, follower])
            guard let row else { return FollowerCursor(follower: follower, taskID: id) }
            return FollowerCursor(
                follower: follower, taskID: id, sequence: row[0], attempts: row[1], notBefore: Date(stored: row[2]),
                state: row[3])
        }
    }

    package func save(_ cursor: FollowerCursor) async throws {
        try await database.write { db in
            // A task that was pruned or forgotten meanwhile has no journal to stand in.
            guard let task = try TaskRow.number(of: cursor.taskID, in: db) else { return }
            let next: Int64? = try db.row(
                """
                SELECT sequence FROM entry WHERE task = ? AND sequence > ?
                AND kind IN (SELECT kind FROM follower_kind WHERE follower = ?) ORDER BY sequence LIMIT 1
                """, [task, cursor.sequence, cursor.follower])?[0]
            try db.run(
                """
                INSERT INTO follower_cursor (task, follower, position, attempts, not_before, state, next)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (task, follower) DO UPDATE SET position = excluded.position, attempts = excluded.attempts,
                    not_before = excluded.not_before, state = excluded.state, next = excluded.next
                """,
                [
                    task, cursor.follower, cursor.sequence, cursor.attempts, cursor.notBefore?.stored, cursor.state,
                    next,
                ])
        }
    }

    package func tasksBehind(
        follower: String, kinds: Set<JournalEntry.Kind>, now: Date, limit: Int
    ) async throws -> [TaskID] {
        let wanted = kinds.map(\.rawValue).sorted()
        let known = try await database.read { try registeredKinds(of: follower, in: $0) }
        if known != wanted {
            try await database.write { try register(follower, kinds: wanted, in: $0) }
        }
        return try await database.read { db in
            try db.rows(FollowerStatements.behind, [follower, now.stored, max(0, limit)]).compactMap {
                TaskID(rawValue: $0[0])
            }
        }
    }

    package func nextDue(follower: String) async throws -> Date? {
        try await database.read { db in
            try Date(stored: db.row(FollowerStatements.nextDue, [follower])?[0])
        }
    }
}

enum FollowerStatements {
    static let behind = """
        SELECT task.id FROM follower_cursor JOIN task ON task.number = follower_cursor.task
        WHERE follower = ? AND next IS NOT NULL
        AND (follower_cursor.not_before IS NULL OR follower_cursor.not_before <= ?)
        ORDER BY next LIMIT ?
        """
    static let nextDue = "SELECT min(not_before) FROM follower_cursor WHERE follower = ? AND next IS NOT NULL"
}

private func registeredKinds(of follower: String, in db: Database) throws -> [String] {
    try db.rows("SELECT kind FROM follower_kind WHERE follower = ?", [follower]).map { row in
        let kind: StoredText = row[0]
        return kind.text
    }.sorted()
}

/// Notes which kinds a follower reads, so that each append can mark it as behind, and looks once through what is there already.
private func register(_ follower: String, kinds: [String], in db: Database) throws {
    guard try registeredKinds(of: follower, in: db) != kinds else { return }
    try db.run("DELETE FROM follower_kind WHERE follower = ?", [follower])
    for kind in kinds {
        try db.run("INSERT INTO follower_kind (kind, follower) VALUES (?, ?)", [StoredText(kind), follower])
    }
    try db.run("UPDATE follower_cursor SET next = NULL WHERE follower = ?", [follower])
    try db.run(
        """
        INSERT INTO follower_cursor (task, follower, next)
        SELECT entry.task, :follower, min(entry.sequence) FROM entry
        LEFT JOIN follower_cursor AS place ON place.task = entry.task AND place.follower = :follower
        WHERE entry.kind IN (SELECT kind FROM follower_kind WHERE follower = :follower)
        AND entry.sequence > coalesce(place.position, 0)
        GROUP BY entry.task
        ON CONFLICT (task, follower) DO UPDATE SET next = excluded.next
        """, ["follower": follower])
}
