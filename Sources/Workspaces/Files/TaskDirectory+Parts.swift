import Glibc
package import SystemPackage

extension TaskDirectory {
    /// A directory of its own within the task's, made when it is not there.
    package func subdirectory(_ name: String) throws(FileFailure) -> FilePath {
        let part = path.appending(name)
        var status = stat()
        guard stat(path.string, &status) == 0 else { throw FileFailure(errno: errno, path.string) }
        guard mkdir(part.string, 0o710) == 0 || errno == EEXIST, chown(part.string, status.st_uid, status.st_gid) == 0
        else { throw FileFailure(errno: errno, part.string) }
        return part
    }
}
