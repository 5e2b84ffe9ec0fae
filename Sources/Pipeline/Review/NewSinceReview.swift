import Domain
import Foundation
import Logging
import Workspaces

/// What of a change was not there, or not read, when it was last reviewed.
struct NewSinceReview: Sendable {
    /// Lines of the new side that a later commit touched, by path.
    private(set) var touched: [String: Set<Int>] = [:]
    /// Files that count as new with all of their lines: nobody read them, or nothing is left of them to count lines in.
    private(set) var whole: Set<String> = []
    private(set) var renames: [FileNames.Rename] = []

    /// - Parameters:
    ///   - comparison: from the commit that was reviewed to the one that is.
    ///   - unread: what was left out then.
    init(_ comparison: [FileComparison], unread: [String]) {
        whole = Set(unread)
        for file in comparison {
            let text = DiffText(file.hunks)
            touched[file.newPath] = text.touchedNewLines
            if file.kind == .deleted || text.leavesNothing { whole.insert(file.newPath) }
            if file.oldPath != file.newPath {
                renames.append(.init(old: file.oldPath, new: file.newPath))
                if whole.contains(file.oldPath) { whole.insert(file.newPath) }
            }
        }
    }

    /// What is to be read of a file's part of the change.
    func part(of text: DiffText, at path: String) -> DiffText {
        whole.contains(path) ? text : text.around(touched[path] ?? [])
    }

    func contains(_ line: Int, of path: String) -> Bool { whole.contains(path) || touched[path]?.contains(line) ?? false }

    /// Nil where all counts as new: at the first review, where the reviewed commit is gone, or where somebody wants another look.
    static func since(
        _ subject: ReviewSubject, _ head: CommitID, place: ReviewPlace, checkout: Checkout, credential: GitCredential?
    ) async throws -> NewSinceReview? {
        guard let before = subject.memory.reviewedHead.flatMap(CommitID.init) else { return nil }
        guard before != head else {
            let isAnotherLook = subject.memory.unread.isEmpty || !place.run.task.intent.allSatisfy(\.isWhitespace)
            return isAnotherLook ? nil : NewSinceReview([], unread: subject.memory.unread)
        }
        do {
            try await place.run.parts.git.bring(before, to: checkout, credential: credential)
        } catch let failure as GitFailure where !failure.isTransient {
            place.run.logger.info("The commit of the last review is gone", metadata: ["git.error": "\(failure.message)"])
            return nil
        }
        return NewSinceReview(try await place.run.parts.git.compare(before, head, in: checkout), unread: subject.memory.unread)
    }
}

/// By which names the files of a change go or went.
struct FileNames: Sendable {
    struct Rename: Sendable, Hashable {
        var old: String
        var new: String
    }

    private let renames: [Rename]

    init(_ renames: [Rename]) { self.renames = renames.filter { $0.old != $0.new } }

    /// The name itself first.
    func all(of path: String) -> [String] {
        var names = [path]
        var index = 0
        while index < names.count {
            for rename in renames where rename.old == names[index] || rename.new == names[index] {
                for name in [rename.new, rename.old] where !names.contains(name) { names.append(name) }
            }
            index += 1
        }
        return names
    }
}
