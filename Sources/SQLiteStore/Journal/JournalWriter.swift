import Domain
import Foundation
import GRDB

/// Writes journal entries inside a transaction, with all that follows from them: the task's status, its work tree, and which
/// followers now stand behind.
struct JournalWriter {
    let db: Database
    let taskID: TaskID
    /// The task's row.
    let task: Int64

    /// Returns the last sequence of the task's journal.
    @discardableResult
    func append(_ entries: [NewEntry], at time: Date) throws -> Int64 {
        guard !entries.isEmpty else {
            return try db.row("SELECT max(sequence) FROM entry WHERE task = ?", [task])?[0] ?? 0
        }
        var firstOfKind: [JournalEntry.Kind: Int64] = [:]
        var last: Int64 = 0
        for entry in entries {
            last = try insert(entry, at: time)
            if firstOfKind[entry.kind] == nil { firstOfKind[entry.kind] = last }
        }
        for (kind, sequence) in firstOfKind {
            try db.run(
                """
                INSERT INTO follower_cursor (task, follower, next)
                SELECT ?, follower, ? FROM follower_kind WHERE kind = ?
                ON CONFLICT (task, follower) DO UPDATE SET next = min(coalesce(next, excluded.next), excluded.next)
                """, [task, sequence, StoredText(kind.rawValue)])
        }
        return last
    }

    private func insert(_ entry: NewEntry, at time: Date) throws -> Int64 {
        var payload = entry.payload
        var tree: Data?
        if entry.kind == .step {
            let outcome = try StoredJSON.decode(StepOutcome.self, from: entry.payload)
            guard try !hasStep(entry.name) else {
                throw StoreFailure(.conflict, "The step \(entry.name) of task \(taskID) has been recorded already.")
            }
            (payload, tree) = (outcome.value, outcome.tree)
        }
        try db.run(
            "INSERT INTO entry (task, at, kind, name, payload) VALUES (?, ?, ?, ?, ?)",
            [task, time.stored, StoredText(entry.kind.rawValue), StoredText(entry.name), payload])
        let sequence = db.lastInsertedRowID
        if let tree {
            try db.run(
                """
                INSERT INTO work_tree (task, step, patch) VALUES (?, ?, ?)
                ON CONFLICT (task) DO UPDATE SET step = excluded.step, patch = excluded.patch
                """, [task, sequence, tree])
        }
        if entry.kind == .status { try follow(entry) }
        return sequence
    }

    private func hasStep(_ name: String) throws -> Bool {
        try db.row("SELECT 1 FROM entry WHERE task = ? AND name = ? AND kind = 'step'", [task, StoredText(name)]) != nil
    }

    /// Takes over into the task's row what a status entry says.
    private func follow(_ entry: NewEntry) throws {
        struct Told: Decodable {
            var status: String?
            var progress: Int?
        }
        let told = try? StoredJSON.decode(Told.self, from: entry.payload)
        let word = told?.status ?? entry.name
        // "started" is what the status webhook says first; the row goes on saying "pending" until a stage begins.
        let status = word == "started" ? TaskStatus.pending : TaskStatus(rawValue: word)
        try db.run(
            "UPDATE task SET status = coalesce(?, status), progress = max(progress, ?) WHERE number = ?",
            [status?.rawValue, min(100, max(0, told?.progress ?? 0)), task])
    }
}
