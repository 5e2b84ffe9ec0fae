import Domain
import GRDB
import TestSupport
import Testing

@testable import SQLiteStore

@Suite("Claiming costs the same however many tasks have ended", .timeLimit(.minutes(1)))
struct ClaimPlanTests {
    /// The query plan of a statement on a database with many ended tasks, whose statistics the planner knows.
    private func plan(of sql: String, arguments: StatementArguments) async throws -> [String] {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            try SQLiteStore.open(path: path).close()
            let queue = try DatabaseQueue(path: path)
            return try await queue.write { db in
                try db.execute(
                    sql: """
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                        INSERT INTO task (id, lane, state, status, project_key, branch_key, thread_key, created_at, ended_at,
                            definition) SELECT 't' || i, 'work', 'ended', 'completed', 'p' || (i % 50), 'b' || i, 'b' || i, i, i, x'00'
                        FROM n;
                        INSERT INTO follower_cursor (task, follower, position) SELECT number, 'webhook', 1 FROM task;
                        ANALYZE;
                        """)
                return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] }
            }
        }
    }

    @Test(
        "looking for the next task reads the indexes of queued and leased tasks only",
        arguments: [ClaimStatements.heads, ClaimStatements.loads])
    func next(_ sql: String) async throws {
        var arguments: StatementArguments = ["lane": "work"]
        if sql.contains(":now") { arguments += ["now": 1] }
        let tables = try await plan(of: sql, arguments: arguments).filter { $0.hasPrefix("SCAN") || $0.hasPrefix("SEARCH") }
        #expect(!tables.isEmpty)
        for line in tables {
            #expect(line.contains("INDEX task_queued") || line.contains("INDEX task_leased"), "\(line)")
        }
    }

    @Test("finding leases that have run out reads the index of leased tasks only")
    func expired() async throws {
        let plan = try await plan(of: ClaimStatements.requeueExpired, arguments: [1])
        #expect(plan.contains { $0.hasPrefix("SEARCH task USING") && $0.contains("INDEX task_leased_until") })
        #expect(!plan.contains { $0.hasPrefix("SCAN") })
    }

    @Test("finding what a follower has to do reads the index of those behind only")
    func behind() async throws {
        let plan = try await plan(of: FollowerStatements.behind, arguments: ["webhook", 1, 10])
        #expect(plan.contains { $0.hasPrefix("SEARCH follower_cursor USING") && $0.contains("INDEX follower_behind") })
        #expect(!plan.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") })
        let due = try await self.plan(of: FollowerStatements.nextDue, arguments: ["webhook"])
        #expect(due.contains { $0.contains("COVERING INDEX follower_behind") })
    }
}
