package import Domain
package import Foundation
import GRDB

extension SQLiteStore {
    package func hasten(_ id: TaskID) async throws {
        try await database.write { db in
            try db.run("UPDATE task SET not_before = NULL WHERE id = ? AND state = 'queued'", [id.rawValue])
        }
        queue.tell()
    }

    package func costSince(_ date: Date) async throws -> Double {
        try await database.read { db in
            let row = try db.row(
                """
                SELECT coalesce(sum(json_extract(CAST(result AS TEXT), '$.usage.cost')), 0.0) FROM task
                WHERE state = 'ended' AND ended_at >= ?
                """, [date.stored])
            return row?[0] ?? 0
        }
    }
}
