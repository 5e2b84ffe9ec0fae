package import Domain
import Foundation
import GRDB

extension SQLiteStore: TaskQueue {
    package func submit(_ task: CodingTask) async throws -> Submission {
        let insertion = try TaskInsertion(task, reason: nil)
        let time = now()
        let submission = try await database.write { db -> Submission in
            if let number = try insertion.insert(into: db, at: time),
                let record = try TaskRecord.load(number: number, in: db)
            {
                return .accepted(record)
            }
            let taken = try TaskRow.find(task.id, in: db)
            guard let record = try TaskRecord.load(number: taken.number, in: db) else {
                throw StoreFailure(.notFound, "There is no task \(task.id).")
            }
            return .exists(record)
        }
        if case .accepted = submission {
            journals.tell([task.id])
            queue.tell()
        }
        return submission
    }

    package func task(_ id: TaskID) async throws -> TaskRecord? {
        try await database.read { db in
            try db.row("SELECT \(TaskRecord.columns) FROM task WHERE id = ?", [id.rawValue]).map(TaskRecord.init)
        }
    }

    package func tasks(_ query: TaskQuery) async throws -> TaskPage {
        let limit = min(100, max(1, query.limit))
        return try await database.read { db in
            var conditions: [String] = []
            var arguments = StatementArguments()
            if let before = query.before {
                conditions.append("number < ?")
                arguments += [try TaskRow.find(before, in: db).number]
            }
            if let status = query.status {
                conditions.append("status = ?")
                arguments += [status.rawValue]
            }
            if let path = query.projectPath {
                conditions.append("project_path = ?")
                arguments += [StoredText(path)]
            }
            if !query.includesControl { conditions.append("lane = 'work'") }
            let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
            arguments += [limit + 1]
            // One more than asked for tells whether there is another page.
            let records = try db.rows(
                "SELECT \(TaskRecord.columns) FROM task\(filter) ORDER BY number DESC LIMIT ?", arguments
            ).map(TaskRecord.init)
            let page = Array(records.prefix(limit))
            return TaskPage(tasks: page, next: records.count > limit ? page.last?.task.id : nil)
        }
    }

    package func openTasks(thread: String) async throws -> [TaskRecord] {
        try await database.read { db in
            try db.rows(
                """
                SELECT \(TaskRecord.columns) FROM task
                WHERE thread_key = ? AND lane = 'work' AND state <> 'ended' ORDER BY number LIMIT 100
                """, [StoredText(thread)]
            ).map(TaskRecord.init)
        }
    }

    package func latestTask(thread: String) async throws -> TaskRecord? {
        try await tasks(thread: thread, limit: 1).first
    }

    package func tasks(thread: String, limit: Int) async throws -> [TaskRecord] {
        try await database.read { db in
            try db.rows(
                """
                SELECT \(TaskRecord.columns) FROM task WHERE thread_key = ? AND lane = 'work' ORDER BY number DESC LIMIT ?
                """, [StoredText(thread), max(0, limit)]
            ).map(TaskRecord.init)
        }
    }

    package func counts() async throws -> QueueCounts {
        let time = now()
        return try await database.read { db in
            let expired: Int =
                try db.row(
                    "SELECT count(*) FROM task WHERE state = 'leased' AND lease_until <= ?", [time.stored])?[0] ?? 0
            let leased: Int = try db.row("SELECT count(*) FROM task WHERE state = 'leased'")?[0] ?? 0
            let queued: Int = try db.row("SELECT count(*) FROM task WHERE state = 'queued'")?[0] ?? 0
            let oldest = try ["work", "control"].compactMap { lane -> Int64? in
                try db.row(
                    """
                    SELECT max(created_at, coalesce(not_before, 0)) FROM task WHERE state = 'queued' AND lane = ?
                    AND (not_before IS NULL OR not_before <= ?) AND project_key NOT GLOB 'run:*' ORDER BY number LIMIT 1
                    """, [lane, time.stored])?[0]
            }.min()
            return QueueCounts(
                queued: queued + expired, leased: leased - expired,
                oldestQueuedAge: oldest.map { max(0, Double(time.stored - $0) / 1_000_000) })
        }
    }

    package func wakeUps() -> AsyncStream<Void> { queue.stream() }
}
