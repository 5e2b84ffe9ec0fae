import Domain
package import Foundation

/// The queue, the journals, the followers' places and the deliveries in one SQLite file.
///
/// Any number of processes on one machine may have the same file open. What they write is seen by all, but `growth()` and
/// `wakeUps()` tell only of this process's own writes: a reader that cares about other processes also looks from time to time.
/// Writes are not undone by cancelling the task that waits for them.
package final class SQLiteStore: Sendable {
    let database: StoreDatabase
    let now: @Sendable () -> Date
    let journals = GrowthFeed()
    let queue = WakeUpFeed()
    let deliveries: GroupCommit

    private init(database: StoreDatabase, now: @escaping @Sendable () -> Date) {
        self.database = database
        self.now = now
        self.deliveries = GroupCommit(database: database)
    }

    /// Opens the file, makes it when there is none, and brings its tables up to date. Only its owner can read it (mode 0600).
    ///
    /// - Parameter patience: how long a call waits for another process that is writing.
    /// - Throws: `StoreFailure`.
    package static func open(
        path: String, patience: Duration = .seconds(10), now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> SQLiteStore {
        SQLiteStore(database: try StoreDatabase.open(path: path, patience: patience), now: now)
    }

    /// Ends the connections; later calls fail. Without it they end with the last reference.
    package func close() throws {
        try database.close()
    }
}
