import Foundation
import GRDB

/// A look into the service's database from outside, as a backup would read it.
struct JournalWindow: Sendable {
    let path: String

    struct Task: Sendable {
        var id: String
        var state: String
        var status: String
        var lane: String
    }

    /// Nil as long as there is no database.
    private func read<Value>(_ body: (Database) throws -> Value) -> Value? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return nil }
        return try? queue.read(body)
    }

    /// Entries in the journals of all work tasks.
    var entries: Int { count("SELECT count(*) FROM entry JOIN task ON task.number = entry.task WHERE task.lane = 'work'") }
    /// Turns of the model whose answer is written down.
    var turns: Int { count("SELECT count(*) FROM entry WHERE kind = 'step' AND name GLOB '*.turn.[0-9]*' AND name NOT GLOB '*.turn.*.*'") }
    func count(_ sql: String) -> Int { read { try Int.fetchOne($0, sql: sql) ?? 0 } ?? 0 }

    /// The work tasks, oldest first.
    var tasks: [Task] {
        read { db in
            try Row.fetchAll(db, sql: "SELECT id, state, status, lane FROM task WHERE lane = 'work' ORDER BY number").map {
                Task(id: $0["id"], state: $0["state"], status: $0["status"], lane: $0["lane"])
            }
        } ?? []
    }

    /// The audit's lines of all tasks, as JSON, oldest first.
    var audits: [String] {
        read { try String.fetchAll($0, sql: "SELECT CAST(payload AS TEXT) FROM entry WHERE kind = 'audit' ORDER BY rowid") } ?? []
    }

    /// Followers that have something left to tell.
    var followersBehind: Int {
        count("SELECT count(*) FROM follower_cursor WHERE next IS NOT NULL")
    }

    /// Calls `body` with one connection that stays open, for looks in quick succession.
    static func entries(at path: String) throws -> () throws -> Int {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        return {
            try queue.read { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM entry JOIN task ON task.number = entry.task WHERE task.lane = 'work'") ?? 0
            }
        }
    }
}
