import Agent
import GitLabAPI

/// A finding that GitLab took nowhere on the diff. It stands in the summary, which is written anew each round, so its words
/// travel with it in a hidden mark.
struct CarriedFinding: Sendable, Codable, Hashable {
    var path: String
    var line: Int
    var severity: ReviewOutcome.Severity
    var title: String
    var body: String
    var mark: FindingMark

    init(_ finding: MarkedFinding) {
        path = finding.finding.path
        line = finding.lines.upperBound
        severity = finding.finding.severity
        title = FindingNote.oneLine(finding.finding.title)
        body = String(finding.finding.body.prefix(2_000))
        mark = finding.mark
    }

    private static let name = "carried"
    /// More than these do not fit into a comment beside the rest.
    static let most = 150
    /// So many keep all of their words; where there are more, each keeps its beginning.
    private static let mostWhole = 30
    private static let shortBody = 300

    /// As many as the summary keeps, and as long as it keeps them.
    static func kept(_ findings: [CarriedFinding]) -> [CarriedFinding] {
        guard findings.count > mostWhole else { return findings }
        return findings.prefix(most).map { finding in
            var short = finding
            if short.body.count > shortBody { short.body = short.body.prefix(shortBody) + " …" }
            return short
        }
    }

    static func marker(_ findings: [CarriedFinding]) throws -> Markdown {
        findings.isEmpty ? "" : try HiddenList.marker(name, kept(findings))
    }

    static func read(in body: String) -> [CarriedFinding] { HiddenList.read(name, of: CarriedFinding.self, in: body) }
}
