import Domain
import Foundation
import GRDB
import Synchronization

/// The connections to the file: one writer, some readers, and the rule that a durable write is synced before it is reported.
///
/// Its calls are not cancelled with the task that makes them: a task's end is written down although the task was cancelled.
final class StoreDatabase: Sendable {
    enum Durability: Sendable {
        /// On disk before the call returns.
        case synced
        /// Survives the end of the process at once, a power cut only together with the next synced write.
        case lazy
    }

    private let pool: DatabasePool
    private let path: String
    /// What the writer's connection was told last; nil before the first write. Only touched on the writer's queue.
    private let writerDurability = Mutex<Durability?>(nil)

    private init(pool: DatabasePool, path: String) {
        self.pool = pool
        self.path = path
    }

    static func open(path: String, patience: Duration) throws -> StoreDatabase {
        try StoreFile.prepare(path)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration(patience: patience))
            let migrator = Schema.migrator
            if try pool.read({ try migrator.hasBeenSuperseded($0) }) {
                throw StoreFailure(
                    .newerSchema,
                    "The database \(path) was written by a newer version of AI Coder; run that version, or choose another DATABASE_URL.")
            }
            if try pool.read({ try !migrator.hasCompletedMigrations($0) }) {
                try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
                try migrator.migrate(pool)
            }
            return StoreDatabase(pool: pool, path: path)
        } catch {
            throw StoreFailure(wrapping: error, path: path)
        }
    }

    private static func configuration(patience: Duration) -> Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        // Other processes commit within milliseconds; one that holds the file for long is stuck.
        configuration.busyMode = .timeout(patience / .seconds(1))
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
            // A file that somebody else wrote is data: nothing in its schema may call functions with side effects.
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
        }
        return configuration
    }

    func close() throws {
        do { try pool.close() } catch { throw StoreFailure(wrapping: error, path: path) }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { [path] database in
                continuation.resume(
                    with: Result {
                        do { return try body(database.get()) } catch { throw translated(error, path: path) }
                    })
            }
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            write(.synced, body) { continuation.resume(with: $0) }
        }
    }

    /// Runs `body` in one transaction on the writer's queue, then tells the outcome there.
    func write<Value: Sendable>(
        _ durability: Durability, _ body: @escaping @Sendable (Database) throws -> Value,
        completion: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        pool.asyncWriteWithoutTransaction { [self] db in
            completion(
                Result {
                    do {
                        try ensure(durability, on: db)
                        var outcome: Value?
                        try db.inTransaction(.immediate) {
                            outcome = try body(db)
                            return .commit
                        }
                        // Without an error the transaction's body has run.
                        guard let outcome else { throw StoreFailure(.unexpected, "The database \(path) ran no transaction.") }
                        return outcome
                    } catch {
                        throw translated(error, path: path)
                    }
                })
        }
    }

    private func ensure(_ durability: Durability, on db: Database) throws {
        guard writerDurability.withLock({ $0 }) != durability else { return }
        switch durability {
        case .synced: try db.execute(sql: "PRAGMA synchronous = FULL")
        case .lazy: try db.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        writerDurability.withLock { $0 = durability }
    }
}

/// The store's own errors pass as they are; SQLite's become one sentence.
private func translated(_ error: any Error, path: String) -> any Error {
    switch error {
    case is JournalFailure, is StoreFailure: error
    default: StoreFailure(wrapping: error, path: path)
    }
}
