/// A merge of two branches as far as git comes by itself, with its conflicts marked in the files.
package struct BegunMerge: Sendable {
    /// Its base holds the marked files, so that only what is resolved counts as a change.
    package let checkout: Checkout
    /// The branch that is merged into, and what is merged into it: the parents of the merge commit.
    package let into: CommitID
    package let other: CommitID
    /// Paths that both sides changed; empty when git could merge all of it.
    package let conflicts: [String]
    /// What git says of each conflict.
    package let messages: [String]

    /// The labels at the conflict marks.
    package static let intoLabel = "merge-request"
    package static let otherLabel = "target-branch"

    /// The largest file that is looked through; larger ones are not committed in any case.
    private static let readLimit = 16 << 20

    /// Whether a file still holds a mark. What is not a file has none; a file that can't be looked through counts as if it had.
    package static func leavesMarks(in path: String, of tree: WorkTree) -> Bool {
        do throws(FileFailure) {
            guard case .regular = try tree.kind(of: path) else {
                // Such a name is not the real one, which is not UTF-8.
                return path.unicodeScalars.contains("\u{FFFD}")
            }
            return holdsMarks(try tree.read(path, limit: readLimit))
        } catch {
            return true
        }
    }

    /// Whether a file's bytes still hold a mark that no text of a project begins a line with by chance.
    package static func holdsMarks(_ bytes: [UInt8]) -> Bool {
        bytes.split(separator: UInt8(ascii: "\n")).contains { line in
            ["<<<<<<< ", ">>>>>>> ", "||||||| "].contains { line.starts(with: $0.utf8) }
        }
    }
}
