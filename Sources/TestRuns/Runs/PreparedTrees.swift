import Domain
import SystemPackage
import Workspaces

/// Which trees the set-up has been run in. Trees live and die with the process that made them, and so does this.
actor PreparedTrees {
    private struct Key: Hashable {
        var tree: String
        var lines: [String]
    }

    private var done: [Key: [TestReport.Command]] = [:]

    /// What the lines did there when they succeeded; nil when that is still to be seen. No lines are done at once.
    func commands(of lines: [String], in tree: WorkTree) -> [TestReport.Command]? {
        lines.isEmpty ? [] : done[Key(tree: tree.root.string, lines: lines)]
    }

    func note(_ commands: [TestReport.Command], of lines: [String], in tree: WorkTree) {
        done[Key(tree: tree.root.string, lines: lines)] = commands
    }
}
