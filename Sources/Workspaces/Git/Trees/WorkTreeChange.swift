/// How a work tree differs from its base, and what of it can't be part of a commit.
struct WorkTreeChange: Sendable {
    struct Part: Sendable {
        var changed: ChangedPath
        var size: Int
    }
    var parts: [Part] = []
    /// New or changed pipes, sockets and devices.
    var special: [[UInt8]] = []
    /// Names that some file system would take for git's own.
    var gitLike: [[UInt8]] = []
    var nestedRepositories: [[UInt8]] = []

    var paths: [ChangedPath] { parts.map(\.changed) }
    var size: Int { parts.reduce(0) { $0 + $1.size } }
}
