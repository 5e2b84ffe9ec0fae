/// The places a finding may be shown, best first: range, line, file, summary. Who publishes goes down until GitLab
/// takes one; the last rung is no position, so that no finding is lost.
package struct PositionLadder: Sendable, Hashable {
    /// One file of the change that comments may stand on.
    private struct File: Hashable {
        let oldPath: String
        let newPath: String
        let map: DiffLineMap
    }

    package enum Rung: Sendable, Hashable {
        case diff(GitLabDiffPosition)
        case summary
    }

    private let refs: GitLabDiffRefs
    private var byNewPath: [String: File] = [:]
    private var byOldPath: [String: File] = [:]

    package init(refs: GitLabDiffRefs, files: [GitLabFileDiff]) {
        self.init(refs: refs, files: files.map { ($0.oldPath, $0.newPath, $0.diff) })
    }

    /// From the clone, which has every text: GitLab's own list leaves large ones out.
    package init(refs: GitLabDiffRefs, files: [(oldPath: String, newPath: String, diff: String)]) {
        self.refs = refs
        for diff in files {
            let file = File(oldPath: diff.oldPath, newPath: diff.newPath, map: DiffLineMap(diff.diff))
            byNewPath[diff.newPath] = file
            byOldPath[diff.oldPath] = file
        }
    }

    package func rungs(path: String, lines: ClosedRange<Int>, side: DiffLineMap.Side) -> [Rung] {
        // A finding on the old side of a renamed file may name it either way.
        let found = side == .old ? byOldPath[path] ?? byNewPath[path] : byNewPath[path] ?? byOldPath[path]
        guard let file = found else { return [.summary] }
        func position(_ place: GitLabDiffPosition.Place) -> Rung {
            .diff(GitLabDiffPosition(refs: refs, oldPath: file.oldPath, newPath: file.newPath, place: place))
        }
        var rungs: [Rung] = []
        if lines.count > 1, let range = file.map.range(lines.lowerBound, lines.upperBound, on: side) {
            rungs.append(position(.lines(first: range.first, last: range.last)))
        }
        // GitLab shows a range at its last line; where that isn't in the diff, the first may be.
        if let line = file.map.line(lines.upperBound, on: side) ?? file.map.line(lines.lowerBound, on: side) {
            rungs.append(position(.lines(first: line, last: line)))
        }
        return rungs + [position(.file), .summary]
    }
}
