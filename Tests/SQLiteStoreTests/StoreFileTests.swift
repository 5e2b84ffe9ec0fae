import Domain
import Foundation
import GRDB
import SQLiteStore
import TestSupport
import Testing

@Suite("The store's file", .timeLimit(.minutes(1)))
struct StoreFileTests {
    private func mode(_ path: String) throws -> Int {
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        return try #require(mode) & 0o777
    }

    private func code(_ body: () throws -> Void) -> StoreFailure.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreFailure)?.code
        }
    }

    @Test("A13: a queue that is full takes nothing more but answers at once, and says so")
    func fullQueue() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try SQLiteStore.open(path: path)
            #expect(try await store.accept(Sample.delivery("d0", task: Sample.task("t0"))) == .accepted(Sample.id("t0"), reason: "command"))
            // Others' tasks, each like the first.
            let queue = try DatabaseQueue(path: path)
            try await queue.write { db in
                let columns = try db.columns(in: "task").map(\.name).filter { $0 != "number" }
                let values = columns.map { ["id": "'t-' || n", "person_key": "'gitlab:' || n"][$0] ?? "task.\($0)" }
                try db.execute(
                    sql: """
                        INSERT INTO task (\(columns.joined(separator: ", "))) SELECT \(values.joined(separator: ", ")) FROM task,
                            (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50000) SELECT n FROM numbers)
                        """)
            }
            #expect(try await store.accept(Sample.delivery("d1", task: Sample.task("t1", person: 77))) == .ignored(reason: "queue_full"))
            #expect(try await store.accept(Sample.delivery("d2", task: Sample.task("t2", kind: .stop))) == .accepted(Sample.id("t2"), reason: "command"))
        }
    }

    @Test("A62: only its owner can read the file and those beside it")
    func ownerOnly() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try SQLiteStore.open(path: path)
            _ = try await store.submit(Sample.task("t1"))
            for suffix in ["", "-wal", "-shm"] { #expect(try mode(path + suffix) == 0o600, "\(suffix)") }
            try store.close()
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            try SQLiteStore.open(path: path).close()
            #expect(try mode(path) == 0o600)
        }
    }

    @Test("what was written is there after closing and opening again")
    func reopened() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            let first = try SQLiteStore.open(path: path)
            _ = try await first.accept(Sample.delivery("d1", task: Sample.task("t1")))
            try await first.append([Sample.status("cloning", 5)], to: Sample.id("t1"), owner: nil)
            try first.close()
            await #expect(throws: StoreFailure.self) { try await first.task(Sample.id("t1")) }
            let second = try SQLiteStore.open(path: path)
            #expect(try await second.task(Sample.id("t1"))?.status == .cloning)
            #expect(try await second.accept(Sample.delivery("d1")) == .duplicate(of: "d1", Sample.id("t1")))
        }
    }

    @Test("a place that can't be opened is told in a sentence that names it", arguments: ["/missing/store.sqlite", ""])
    func unreachable(_ suffix: String) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + suffix
            #expect(code { _ = try SQLiteStore.open(path: path) } == .unreachable)
            do {
                _ = try SQLiteStore.open(path: path)
            } catch let failure as StoreFailure {
                #expect(failure.message.contains(path))
            }
        }
    }

    @Test("a file that is no database, or was damaged, is told so")
    func corrupt() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            try Data(repeating: 0x5A, count: 8192).write(to: URL(fileURLWithPath: path))
            #expect(code { _ = try SQLiteStore.open(path: path) } == .corrupt)
        }
    }

    @Test("a database written by a newer version is left alone")
    func newer() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            try SQLiteStore.open(path: path).close()
            let queue = try DatabaseQueue(path: path)
            try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('2: from the future')") }
            #expect(code { _ = try SQLiteStore.open(path: path) } == .newerSchema)
        }
    }

    @Test("a store that another process keeps locked gives up after its patience, and goes on afterwards")
    func locked() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try SQLiteStore.open(path: path, patience: .milliseconds(50))
            var openly = Configuration()
            openly.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: path, configuration: openly)
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
            var failure: StoreFailure?
            do {
                _ = try await store.submit(Sample.task("t1"))
            } catch let error as StoreFailure {
                failure = error
            }
            #expect(failure?.code == .locked && failure?.isTransient == true)
            // Reading goes on meanwhile.
            #expect(try await store.task(Sample.id("t1")) == nil)
            try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            guard case .accepted = try await store.submit(Sample.task("t1")) else {
                Issue.record("not accepted")
                return
            }
        }
    }

    @Test("two processes on one file never claim the same task")
    func shared() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            let stores = [try SQLiteStore.open(path: path), try SQLiteStore.open(path: path)]
            for number in 1...40 { _ = try await stores[0].submit(Sample.task("t\(number)", issue: Int64(number))) }
            let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        let owner = LeaseOwner(host: "h", processID: Int32(worker), processStart: 1, name: "w")
                        var mine: [String] = []
                        while let id = try await stores[worker % 2].claimedID(owner: owner) { mine.append(id) }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 40 && Set(claimed).count == 40)
        }
    }

    @Test("a write is finished although the task that waits for it is cancelled")
    func cancelled() async throws {
        try await withTemporaryFolder { folder in
            let store = try SQLiteStore.open(path: folder + "/store.sqlite")
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            #expect(try await store.claimedID() == "t1")
            let ending = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await store.finish(id, owner: Sample.owner, result: Sample.result(id, .cancelled), entries: [])
            }
            try await ending.value
            #expect(try await store.task(id)?.state == .ended)
        }
    }
}
