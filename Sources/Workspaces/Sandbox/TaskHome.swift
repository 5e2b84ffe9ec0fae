import Glibc
import SystemPackage

/// The home directory that a task's commands share, beside its work tree: what `setup` installed for the user is there for
/// the tests. It goes with the task's directory.
enum TaskHome {
    static func path(of tree: WorkTree) -> String { tree.root.string + ".home" }

    /// Nil where the work tree does not stand in a directory of the service's own; each command then has a passing home.
    static func make(for tree: WorkTree, owner: WorkTree.Owner?) throws(SandboxFailure) -> String? {
        var parent = stat()
        guard lstat(tree.root.removingLastComponent().string, &parent) == 0, parent.st_mode & S_IFMT == S_IFDIR,
            parent.st_uid == geteuid(), parent.st_mode & 0o022 == 0
        else { return nil }
        let path = path(of: tree)
        if mkdir(path, 0o700) == 0 {
            if let owner, chown(path, owner.uid, owner.gid) != 0 { throw SandboxFailure("The home directory can't be given away.") }
        } else if errno != EEXIST {
            throw SandboxFailure("The task's home directory can't be made in \(tree.root.removingLastComponent()).")
        }
        var home = stat()
        guard lstat(path, &home) == 0, home.st_mode & S_IFMT == S_IFDIR else {
            throw SandboxFailure("\(path) is in the way of the task's home directory.")
        }
        return path
    }
}
