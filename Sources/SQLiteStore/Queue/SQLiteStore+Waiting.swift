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

    package func spending(since date: Date, besides task: TaskID?) async throws -> [Spending] {
        try await database.read { db in
            try db.rows(
                """
                SELECT json_extract(CAST(definition AS TEXT), '$.origin.gitLab._0.projectID') AS project,
                    json_extract(CAST(definition AS TEXT), '$.origin.gitLab._0.requester.id') AS person, sum(cost) AS cost
                FROM (
                    SELECT definition, json_extract(CAST(result AS TEXT), '$.usage.cost') AS cost FROM task
                    WHERE state = 'ended' AND ended_at >= :since
                    UNION ALL
                    SELECT definition, (
                        SELECT json_extract(CAST(payload AS TEXT), '$.usage.cost') FROM entry
                        WHERE entry.task = task.number AND entry.kind IN ('activity', 'status') AND entry.at >= :since
                            AND json_extract(CAST(payload AS TEXT), '$.usage.requests') > 0
                        ORDER BY entry.sequence DESC LIMIT 1) AS cost
                    FROM task WHERE state <> 'ended' AND lane = 'work' AND started_at IS NOT NULL AND id IS NOT :besides
                )
                WHERE cost > 0 GROUP BY project, person
                """, ["since": date.stored, "besides": task?.rawValue]
            ).map { Spending(projectID: $0["project"], personID: $0["person"], cost: $0["cost"] ?? 0) }
        }
    }
}
