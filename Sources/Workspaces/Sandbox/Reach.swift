import Glibc

/// Whether a user can follow a path to its end. The launcher resolves its sources as the sandbox's user, who is kept out of
/// root's home and of the service's own directories.
enum Reach {
    static func canFollow(_ path: String, as user: WorkTree.Owner) -> Bool {
        var at = ""
        for component in path.split(separator: "/").dropLast() {
            guard mayEnter(at.isEmpty ? "/" : at, as: user) else { return false }
            at += "/\(component)"
        }
        return mayEnter(at.isEmpty ? "/" : at, as: user)
    }

    private static func mayEnter(_ directory: String, as user: WorkTree.Owner) -> Bool {
        var status = stat()
        guard stat(directory, &status) == 0 else { return false }
        if status.st_uid == user.uid { return status.st_mode & 0o100 != 0 }
        if status.st_gid == user.gid { return status.st_mode & 0o010 != 0 }
        return status.st_mode & 0o001 != 0
    }
}
