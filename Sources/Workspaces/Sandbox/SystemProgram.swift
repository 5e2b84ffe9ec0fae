import Glibc
package import SystemPackage

/// Programs of the system by absolute path, from fixed directories: a search path could be somebody else's.
package enum SystemProgram {
    package static func find(_ name: String) -> FilePath? {
        for directory in ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"] {
            let path = "\(directory)/\(name)"
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 { return FilePath(path) }
        }
        return nil
    }
}
