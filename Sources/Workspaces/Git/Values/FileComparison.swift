/// One file that differs between two commits, with the text of the difference.
package struct FileComparison: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable { case added, modified, deleted, renamed, typeChanged }
    package var kind: Kind
    /// The same as `newPath` for files that were not renamed, also for added and deleted ones, as GitLab has it.
    package var oldPath: String
    package var newPath: String
    /// From the first `@@` on; empty for binary files, changes of the mode alone and plain renames.
    package var hunks: String
    package var isBinary: Bool
    /// The text is not there, since all differences together were too large.
    package var isLeftOut: Bool

    package init(
        kind: Kind, oldPath: String, newPath: String, hunks: String, isBinary: Bool = false, isLeftOut: Bool = false
    ) {
        self.kind = kind
        self.oldPath = oldPath
        self.newPath = newPath
        self.hunks = hunks
        self.isBinary = isBinary
        self.isLeftOut = isLeftOut
    }
}
