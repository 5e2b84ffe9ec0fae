import Agent
import Domain
import GitLabAPI
import Logging
import TestRuns
import Workspaces

/// The change of a merge request as it is reviewed: the files to read, those that are skipped, and what is new in it.
struct ChangeUnderReview: Sendable {
    let comparison: [FileComparison]
    /// All lines of the change, by path; renamed files also by their old one.
    let diffs: [String: DiffText]
    /// What is to be read now.
    let files: [ReviewPart.File]
    let skipped: [ReviewReading.Unread]
    /// Only what is new since an earlier review is to be read.
    let isPartial: Bool
    /// The lines of the new side that are new since then; nil when all count as new.
    let fresh: [String: Set<Int>]?
    let heads: HeadFiles

    static func open(_ subject: ReviewSubject, place: ReviewPlace, workshop: Workshop) async throws -> ChangeUnderReview {
        let git = place.run.parts.git
        let checkout = workshop.checkout
        let credential = try place.desk.credential(for: checkout.remoteURL)
        let (base, head) = (try subject.commit(subject.base), try subject.commit(subject.head))
        try await git.bring(base, to: checkout, credential: credential)
        let comparison = try await git.compare(base, head, in: checkout)
        let fresh = try await newer(subject, head, place: place, checkout: checkout, credential: credential)
        let heads = HeadFiles(checkout.tree)
        let filter = SkippedFiles(ignore: workshop.rules.review.ignore)
        var (diffs, files, skipped): ([String: DiffText], [ReviewPart.File], [ReviewReading.Unread]) = ([:], [], [])
        for file in comparison {
            let whole = DiffText(file.hunks)
            diffs[file.newPath] = whole
            let beginning = try await heads.file(file.newPath)?.lines.prefix(6).joined(separator: "\n")
            if let reason = filter.reason(for: file, head: beginning) {
                skipped.append(.init(path: file.newPath, reason: reason))
                continue
            }
            let text = fresh.map { whole.around($0[file.newPath] ?? []) } ?? whole
            guard !text.hunks.isEmpty else { continue }
            files.append(.init(path: file.newPath, oldPath: file.oldPath, note: note(of: file), text: text))
        }
        for file in comparison where diffs[file.oldPath] == nil { diffs[file.oldPath] = diffs[file.newPath] }
        return ChangeUnderReview(
            comparison: comparison, diffs: diffs, files: files, skipped: skipped, isPartial: fresh != nil, fresh: fresh, heads: heads)
    }

    func ladder(_ refs: GitLabDiffRefs) -> PositionLadder {
        PositionLadder(refs: refs, files: comparison.map { ($0.oldPath, $0.newPath, $0.hunks) })
    }

    /// Lines that changed since the last reviewed commit; nil where there is none, where it can't be had any more, or where the
    /// same commit is looked at once more.
    private static func newer(
        _ subject: ReviewSubject, _ head: CommitID, place: ReviewPlace, checkout: Checkout, credential: GitCredential?
    ) async throws -> [String: Set<Int>]? {
        guard let before = subject.memory.reviewedHead.flatMap(CommitID.init), before != head else { return nil }
        do {
            try await place.run.parts.git.bring(before, to: checkout, credential: credential)
        } catch let failure as GitFailure where !failure.isTransient {
            place.run.logger.info("The commit of the last review is gone", metadata: ["git.error": "\(failure.message)"])
            return nil
        }
        let since = try await place.run.parts.git.compare(before, head, in: checkout)
        return Dictionary(since.map { ($0.newPath, DiffText($0.hunks).touchedNewLines) }) { first, _ in first }
    }

    private static func note(of file: FileComparison) -> String {
        switch file.kind {
        case .added: "new file"
        case .deleted: "deleted"
        case .renamed: "renamed from \(file.oldPath)"
        case .modified, .typeChanged: ""
        }
    }
}
