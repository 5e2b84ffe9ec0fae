import Domain
import Foundation
import GRDB

/// A task's row, as far as deciding about it takes.
struct TaskRow {
    var number: Int64
    var state: TaskRecord.State
    var owner: Data?
    var leaseUntil: Date?
    var isStopRequested: Bool

    static func find(_ id: TaskID, in db: Database) throws -> TaskRow {
        guard let row = try load(id, in: db) else {
            throw StoreFailure(.notFound, "There is no task \(id); it may have been removed after its time.")
        }
        return row
    }

    static func load(_ id: TaskID, in db: Database) throws -> TaskRow? {
        let sql = "SELECT number, state, lease_owner, lease_until, stop_by FROM task WHERE id = ?"
        guard let row = try db.row(sql, [id.rawValue]) else { return nil }
        return TaskRow(
            number: row[0], state: try decoded(row[1]), owner: row[2], leaseUntil: Date(stored: row[3]),
            isStopRequested: !(row[4] as DatabaseValue).isNull)
    }

    static func number(of id: TaskID, in db: Database) throws -> Int64? {
        try db.row("SELECT number FROM task WHERE id = ?", [id.rawValue])?[0]
    }

    static func countWork(on number: Int64, at time: Date, in db: Database) throws {
        try db.run(ClaimStatements.countWork, ["now": time.stored, "number": number])
    }

    func isHeld(at time: Date) -> Bool {
        guard let leaseUntil else { return false }
        return leaseUntil > time
    }
}

extension TaskRecord {
    static let columns = """
        number, definition, state, status, progress, attempts, created_at, started_at, ended_at, not_before, result, worked
        """

    init(row: Row) throws {
        let result: Data? = row["result"]
        self.init(
            task: try StoredJSON.decode(CodingTask.self, from: row["definition"]), state: try decoded(row["state"]),
            status: try decoded(row["status"]), progress: row["progress"], attempts: row["attempts"],
            createdAt: Date(stored: row["created_at"]), startedAt: Date(stored: row["started_at"]),
            endedAt: Date(stored: row["ended_at"]), notBefore: Date(stored: row["not_before"]),
            result: try result.map { try StoredJSON.decode(TaskResult.self, from: $0) },
            workedSeconds: Double(row["worked"] as Int64) / 1_000_000)
    }

    static func load(number: Int64, in db: Database) throws -> TaskRecord? {
        try db.row("SELECT \(columns) FROM task WHERE number = ?", [number]).map(TaskRecord.init)
    }
}

/// A word of a closed list, as the database's own checks keep it.
private func decoded<Word: RawRepresentable<String>>(_ text: String) throws -> Word {
    guard let word = Word(rawValue: text) else {
        throw StoreFailure(.unexpected, "The database holds the unknown word \"\(text)\"; was it written by another version?")
    }
    return word
}
