import Agent
import GitLabAPI

/// A finding with its mark, on its way to a place on the diff.
struct MarkedFinding: Sendable, Hashable, Codable {
    var finding: ReviewOutcome.Finding
    var mark: FindingMark
    /// What stands in place of `finding.suggestion` once that was checked; nil when it is only shown.
    var suggestion: [String]?

    var lines: ClosedRange<Int> { finding.line...max(finding.line, finding.endLine ?? finding.line) }
    var side: DiffLineMap.Side { finding.side == .old ? .old : .new }
}

/// Where a finding ended up.
struct PlacedFinding: Sendable, Hashable, Codable {
    enum Place: String, Sendable, Codable {
        case range, line, file, summary
    }
    var finding: MarkedFinding
    var place: Place
    /// The unpublished comment; nil where it was published at once or stands in the summary.
    var draftID: Int64?
}

extension PositionLadder.Rung {
    var place: PlacedFinding.Place {
        guard case .diff(let position) = self else { return .summary }
        guard case .lines(let first, let last) = position.place else { return .file }
        return first == last ? .line : .range
    }
}
