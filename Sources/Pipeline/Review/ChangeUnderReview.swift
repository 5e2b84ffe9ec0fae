import Agent
import Domain
import GitLabAPI
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
    /// What is new since an earlier review; nil when all is.
    let news: NewSinceReview?
    let heads: HeadFiles
    let names: FileNames

    /// Only what is new since an earlier review is to be read.
    var isPartial: Bool { news != nil }

    init(
        comparison: [FileComparison], diffs: [String: DiffText], files: [ReviewPart.File], skipped: [ReviewReading.Unread],
        news: NewSinceReview?, heads: HeadFiles
    ) {
        (self.comparison, self.diffs, self.files, self.skipped) = (comparison, diffs, files, skipped)
        (self.news, self.heads) = (news, heads)
        names = FileNames(comparison.map { .init(old: $0.oldPath, new: $0.newPath) } + (news?.renames ?? []))
    }

    static func open(_ subject: ReviewSubject, place: ReviewPlace, workshop: Workshop) async throws -> ChangeUnderReview {
        let git = place.run.parts.git
        let checkout = workshop.checkout
        let credential = try place.desk.credential(for: checkout.remoteURL)
        let (base, head) = (try subject.commit(subject.base), try subject.commit(subject.head))
        try await git.bring(base, to: checkout, credential: credential)
        let comparison = try await git.compare(base, head, in: checkout)
        let news = try await NewSinceReview.since(subject, head, place: place, checkout: checkout, credential: credential)
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
            let text = news?.part(of: whole, at: file.newPath) ?? whole
            guard !text.hunks.isEmpty else { continue }
            files.append(.init(path: file.newPath, oldPath: file.oldPath, note: note(of: file), text: text))
        }
        for file in comparison where diffs[file.oldPath] == nil { diffs[file.oldPath] = diffs[file.newPath] }
        return ChangeUnderReview(comparison: comparison, diffs: diffs, files: files, skipped: skipped, news: news, heads: heads)
    }

    func ladder(_ refs: GitLabDiffRefs) -> PositionLadder {
        PositionLadder(refs: refs, files: comparison.map { ($0.oldPath, $0.newPath, $0.hunks) })
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
