import Domain
import Foundation
import GRDB
import SQLiteStore
import TestSupport
import Testing

@Suite("Databases of earlier versions", .timeLimit(.minutes(1)))
struct MigrationTests {
    /// Filled databases as released versions wrote them. A file is added with each new step of the schema and never changed.
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Databases")

    @Test("a filled database of every earlier version opens and keeps all it holds", arguments: ["schema-1.sql", "schema-2.sql", "schema-3.sql"])
    func opens(_ name: String) async throws {
        let sql = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            let queue = try DatabaseQueue(path: path)
            try await queue.writeWithoutTransaction { try $0.execute(sql: sql) }
            try queue.close()
            let clock = HandClock(Date(timeIntervalSince1970: 1_700_000_500))
            let store = try SQLiteStore.open(path: path, now: { clock.now })
            let done = try #require(try await store.task(Sample.id("done")))
            #expect(done.state == .ended && done.status == .completed && done.result?.branch == "ai/1-login")
            let words = try await store.entries(of: Sample.id("done"), after: 0, kinds: nil, limit: 99).map(\.name)
            #expect(words == ["accepted", "started", "cloning", "hello", "clone", "turn", "completed"])
            #expect(try await store.latestTree(of: Sample.id("done")) == Data("patch".utf8))
            #expect(try await store.cursor(of: "webhook", task: Sample.id("done")).sequence > 0)
            let behind = try await store.tasksBehind(follower: "webhook", kinds: [.status], now: clock.now, limit: 9)
            #expect(behind.map(\.rawValue) == ["waits"])
            #expect(try await store.accept(Sample.delivery("d1")) == .duplicate(of: "d1", Sample.id("done")))
            #expect(try await store.delivery(id: "d2")?.reason == "no_command")
            #expect(try await store.counts().queued == 2)
            // Whose turn is first depends on what the version knew of turns.
            #expect(Set([try await store.claimedID(), try await store.claimedID()]) == ["waits", "runs"])
            #expect(try await store.prune(endedBefore: clock.now, limit: 9) == 1)
            let problems = try await DatabaseQueue(path: path).read { db in
                try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
                    + String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }.count
            }
            #expect(problems == 0)
        }
    }

    /// Writes the file for the schema of today: `AI_CODER_WRITE_DATABASE=PATH swift test --filter MigrationTests`.
    @Test(
        "a database to be kept as an example is filled",
        .enabled(if: ProcessInfo.processInfo.environment["AI_CODER_WRITE_DATABASE"] != nil, "writes a file on request"))
    func example() async throws {
        let path = try #require(ProcessInfo.processInfo.environment["AI_CODER_WRITE_DATABASE"])
        let clock = HandClock()
        let store = try SQLiteStore.open(path: path, now: { clock.now })
        let done = try Sample.id("done")
        _ = try await store.accept(Sample.delivery("d1", meaning: "m1", task: Sample.task("done")))
        _ = try await store.accept(Sample.delivery("d2", reason: "no_command"))
        _ = try await store.tasksBehind(follower: "webhook", kinds: [.status], now: clock.now, limit: 9)
        #expect(try await store.claimedID() == "done")
        let entries = [
            try Sample.status("started", 0), try Sample.status("cloning", 5), try Sample.activity("hello"),
            try Sample.step("clone"), try Sample.step("turn", tree: Data("patch".utf8)),
        ]
        try await store.append(entries, to: done, owner: Sample.owner)
        try await store.finish(
            done, owner: Sample.owner, result: Sample.result(done, .completed), entries: [Sample.status("completed", 100)])
        let last = try await store.append([], to: done, owner: nil)
        try await store.save(FollowerCursor(follower: "webhook", taskID: done, sequence: last, state: Data("{}".utf8)))
        _ = try await store.submit(Sample.task("waits", issue: 2))
        try await store.append([Sample.status("started", 0)], to: Sample.id("waits"), owner: nil)
        _ = try await store.submit(Sample.task("runs", project: 2, issue: 3))
        #expect(try await store.claim(Sample.id("runs"), owner: Sample.owner, for: .seconds(60)) != nil)
        try store.close()
    }
}
