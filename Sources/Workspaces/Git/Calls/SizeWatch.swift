import Glibc
import SystemPackage

/// Ends a transfer when what it has written to a directory passes a limit: git has no such limit for fetches.
struct SizeWatch: Sendable {
    let directory: FilePath
    let limit: Int

    func during(_ work: @escaping @Sendable () async throws -> [UInt8]) async throws {
        let before = size
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                _ = try await work()
                return true
            }
            group.addTask {
                while size - before <= limit {
                    do { try await Task.sleep(for: .milliseconds(100), clock: .continuous) } catch { return true }
                }
                return false
            }
            let isDone = try await group.next() ?? true
            group.cancelAll()
            guard isDone else {
                throw GitFailure(.tooLarge, "The repository's tip alone is larger than \(limit >> 20) MiB, packed.")
            }
        }
        guard size - before <= limit else {
            throw GitFailure(.tooLarge, "The repository's tip alone is larger than \(limit >> 20) MiB, packed.")
        }
    }

    /// A handful of files: quick enough to be read in place.
    private var size: Int {
        guard let listing = opendir(directory.string) else { return 0 }
        defer { closedir(listing) }
        var total = 0
        while let entry = readdir(listing) {
            var status = stat()
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if fstatat(dirfd(listing), name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG {
                total += Int(status.st_size)
            }
        }
        return total
    }
}
