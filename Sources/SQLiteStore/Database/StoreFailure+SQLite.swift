import Domain
import GRDB

extension StoreFailure {
    /// What an error of SQLite means for the one who runs the service.
    init(wrapping error: any Error, path: String) {
        if let failure = error as? StoreFailure {
            self = failure
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.unexpected, "The database \(path) holds something unreadable; see the log.", cause: error)
            return
        }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(
                .corrupt, "The database \(path) is damaged; stop the service and restore a backup, or move the file away to begin anew.",
                cause: error)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "Another process keeps the database \(path) locked; find it with fuser and end it.", cause: error)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(
                .readOnly, "The database \(path) can't be written; give this user the right to write the file and its folder.",
                cause: error)
        case .SQLITE_FULL:
            self.init(.full, "No space is left for the database \(path); free some on that file system.", cause: error)
        case .SQLITE_CANTOPEN:
            self.init(
                .unreachable, "The database \(path) can't be opened; check that its folder exists and that this user may write there.",
                cause: error)
        case .SQLITE_IOERR:
            self.init(
                .unreachable, "Reading or writing the database \(path) failed; check the disk and the free space.", cause: error)
        default:
            self.init(.unexpected, "The database \(path) refused a statement; see the log.", cause: error)
        }
    }
}
