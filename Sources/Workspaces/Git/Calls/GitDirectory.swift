import Glibc
import SystemPackage

/// A git directory written by hand: no template, no hook, and a configuration of the service's own making.
struct GitDirectory: Sendable {
    /// How object ids are made; seen from the length of the remote's.
    enum ObjectFormat: Sendable {
        case sha1, sha256

        init(_ id: CommitID?) { self = id?.rawValue.utf8.count == 64 ? .sha256 : .sha1 }

        /// A tree without entries, which git knows without having it.
        var emptyTree: String {
            switch self {
            case .sha1: "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
            case .sha256: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
            }
        }
    }

    /// Attributes decide about filters, line ends and drivers; these win over all that a repository brings.
    private static let attributes =
        "* -text !eol !filter !ident !working-tree-encoding !diff !merge !whitespace !export-subst !conflict-marker-size\n"

    let path: FilePath

    static func create(at path: FilePath, format: ObjectFormat) throws(GitFailure) -> GitDirectory {
        for part in ["", "objects", "objects/info", "objects/pack", "refs", "refs/heads", "info"] {
            let directory = part.isEmpty ? path : path.appending(part)
            guard mkdir(directory.string, 0o700) == 0 || errno == EEXIST else { throw .local("make", directory) }
        }
        let made = GitDirectory(path: path)
        let version = format == .sha256 ? "1\n[extensions]\n\tobjectformat = sha256" : "0"
        try made.write("config", "[core]\n\tbare = false\n\trepositoryformatversion = \(version)\n")
        try made.write("info/attributes", attributes)
        try made.write("info/exclude", ByProducts.patterns)
        try made.write("HEAD", "ref: refs/heads/none\n")
        return made
    }

    /// Where the work tree stands: what `git status` compares with.
    func setHead(_ commit: CommitID) throws(GitFailure) { try write("HEAD", "\(commit)\n") }

    /// Replaced as a whole, so that a reader or a crash never sees half of it.
    func write(_ name: String, _ text: String) throws(GitFailure) {
        let file = path.appending(name)
        let next = file.string + ".new"
        let descriptor = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .local("write", file) }
        let bytes = Array(text.utf8)
        let written = Glibc.write(descriptor, bytes, bytes.count)
        guard close(descriptor) == 0, written == bytes.count, rename(next, file.string) == 0 else {
            throw .local("write", file)
        }
    }
}

extension GitFailure {
    /// A system call on one of the service's own files failed.
    static func local(_ verb: String, _ path: FilePath, _ code: Int32 = errno) -> GitFailure {
        if code == ENOSPC || code == EDQUOT {
            return GitFailure(.diskFull, "The disk is full: free some space in the workspace and try again.")
        }
        return GitFailure(.other, "\(path) could not be \(verb == "make" ? "made" : "written"): \(String(cString: strerror(code))).")
    }
}
