package import Domain
package import Foundation
import GRDB

extension SQLiteStore: Journal {
    @discardableResult
    package func append(_ entries: [NewEntry], to id: TaskID, owner: LeaseOwner?) async throws -> Int64 {
        let time = now()
        let holder = try owner?.stored
        let last = try await database.write { db in
            let row = try TaskRow.find(id, in: db)
            if let holder {
                guard row.owner == holder else { throw JournalFailure.leaseLost(id) }
                try TaskRow.countWork(on: row.number, at: time, in: db)
            }
            return try JournalWriter(db: db, taskID: id, task: row.number).append(entries, at: time)
        }
        if !entries.isEmpty { journals.tell([id]) }
        return last
    }

    package func entries(
        of id: TaskID, after sequence: Int64, kinds: Set<JournalEntry.Kind>?, limit: Int
    ) async throws -> [JournalEntry] {
        // A closed set of kinds is asked for: it becomes a list of parameters, never text.
        let wanted = kinds.map { $0.map(\.rawValue).sorted() }
        return try await database.read { db in
            guard let number = try TaskRow.number(of: id, in: db) else { return [] }
            var sql = """
                SELECT entry.sequence, at, kind, name, payload, work_tree.patch FROM entry
                LEFT JOIN work_tree ON work_tree.task = entry.task AND work_tree.step = entry.sequence
                WHERE entry.task = ? AND entry.sequence > ?
                """
            var arguments: StatementArguments = [number, sequence]
            if let wanted {
                sql += " AND kind IN (\(wanted.map { _ in "?" }.joined(separator: ", ")))"
                arguments += StatementArguments(wanted.map(StoredText.init))
            }
            sql += " ORDER BY entry.sequence LIMIT ?"
            arguments += [max(0, limit)]
            return try db.rows(sql, arguments).map { try entry(from: $0, of: id) }
        }
    }

    package func outcome(ofStep name: String, task id: TaskID) async throws -> StepOutcome? {
        try await database.read { db in
            let row = try db.row(
                """
                SELECT payload, work_tree.patch FROM entry JOIN task ON task.number = entry.task
                LEFT JOIN work_tree ON work_tree.task = entry.task AND work_tree.step = entry.sequence
                WHERE task.id = ? AND entry.name = ? AND entry.kind = 'step'
                """, [id.rawValue, StoredText(name)])
            return row.map { StepOutcome(value: $0[0], tree: $0[1]) }
        }
    }

    package func latestTree(of id: TaskID) async throws -> Data? {
        try await database.read { db in
            try db.row(
                "SELECT patch FROM work_tree JOIN task ON task.number = work_tree.task WHERE task.id = ?", [id.rawValue]
            )?[0]
        }
    }

    package func growth() -> AsyncStream<TaskID> { journals.stream() }
}

/// A step's payload is put together again from what it returned and, for the newest one, the work tree.
private func entry(from row: Row, of id: TaskID) throws -> JournalEntry {
    let kind: StoredText = row[2]
    let name: StoredText = row[3]
    var payload: Data = row[4]
    if kind.text == JournalEntry.Kind.step.rawValue {
        payload = try StoredJSON.encode(StepOutcome(value: payload, tree: row[5]))
    }
    return JournalEntry(
        sequence: row[0], taskID: id, at: Date(stored: row[1]), kind: JournalEntry.Kind(rawValue: kind.text),
        name: name.text, payload: payload)
}
