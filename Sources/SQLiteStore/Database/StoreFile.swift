import Domain
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file itself: made so that only its owner can read it. SQLite gives the files beside it the same mode.
enum StoreFile {
    static func prepare(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno, path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno, path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StoreFailure(.unreachable, "\(path) is not a regular file; name a file in DATABASE_URL.")
        }
        // Somebody else's file is left as it is: only the owner can narrow it, and a failure here is no reason to stop.
        if status.st_mode & 0o077 != 0, status.st_uid == geteuid() { fchmod(descriptor, 0o600) }
    }

    private static func failure(_ code: Int32, _ path: String) -> StoreFailure {
        let reason = String(cString: strerror(code))
        switch code {
        case EROFS, EACCES, EPERM:
            return StoreFailure(
                .readOnly, "The database \(path) can't be written (\(reason)); give this user the right to write the file and its folder.")
        case ENOSPC, EDQUOT:
            return StoreFailure(.full, "No space is left for the database \(path); free some on that file system.")
        default:
            return StoreFailure(
                .unreachable, "The database \(path) can't be opened (\(reason)); check that its folder exists and DATABASE_URL is right.")
        }
    }
}
