import Glibc
import SystemPackage

/// An ssh key file that ssh accepts: the given one, or a copy in memory with mode 0600 when the given one is readable by
/// others, as mounted secrets often are.
struct PrivateKeyFile: Sendable {
    let path: FilePath
    private let copyDirectory: FilePath?

    init(_ file: FilePath) throws(GitFailure) {
        guard file.isAbsolute, !file.string.contains("\""), !file.string.contains("%") else {
            throw GitFailure(.invalid, "The path of the ssh key file must be absolute and without quotes or percent signs.")
        }
        var status = stat()
        guard stat(file.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < 1 << 17 else {
            throw GitFailure(.invalid, "The ssh key file \(file) is not there; see GIT_SSH_KEY_FILE.")
        }
        if status.st_mode & 0o077 == 0, status.st_uid == geteuid() {
            guard access(file.string, R_OK) == 0 else { throw Self.unreadable(file) }
            (path, copyDirectory) = (file, nil)
            return
        }
        Self.sweep()
        let descriptor = open(file.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(file) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { throw Self.unreadable(file) }
        let directory = try Self.makePrivateDirectory()
        let copy = directory.appending("key")
        let output = open(copy.string, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0, write(output, bytes, count) == count, close(output) == 0 else {
            _ = unlink(copy.string)
            _ = rmdir(directory.string)
            throw GitFailure(.other, "The ssh key could not be copied to \(directory).")
        }
        (path, copyDirectory) = (copy, directory)
    }

    func remove() {
        guard let copyDirectory else { return }
        _ = unlink(path.string)
        _ = rmdir(copyDirectory.string)
    }

    private static func unreadable(_ file: FilePath) -> GitFailure {
        GitFailure(.invalid, "The ssh key file \(file) can't be read by the service; see GIT_SSH_KEY_FILE.")
    }

    private static let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    private static var prefix: String { "ai-coder-key-\(geteuid())-" }

    private static func makePrivateDirectory() throws(GitFailure) -> FilePath {
        do {
            return try TemporaryDirectory.make(in: FilePath(parent), prefix: "\(prefix)\(getpid())")
        } catch {
            throw GitFailure(.other, "No private directory can be made in \(parent): \(error).")
        }
    }

    /// Removes the copies of services that were killed before they could.
    static func sweep() {
        guard let listing = opendir(parent) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix(prefix), let owner = name.dropFirst(prefix.count).split(separator: "-").first,
                let process = Int32(owner), process != getpid(), kill(process, 0) != 0, errno == ESRCH
            else { continue }
            _ = unlink("\(parent)/\(name)/key")
            _ = rmdir("\(parent)/\(name)")
        }
    }
}
