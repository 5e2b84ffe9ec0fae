import NIOPosix
import SystemPackage

/// Removes directories whatever their content.
enum Leftovers {
    /// What can't be removed stays; the sweep at the next start tries again.
    static func remove(_ directories: [FilePath]) async {
        // A task of its own, since the one that called may be cancelled, and what it leaves must go all the same.
        await Task {
            try? await NIOThreadPool.singleton.runIfActive {
                for directory in directories { _ = HostileTree.remove(directory) }
            }
        }.value
    }
}
