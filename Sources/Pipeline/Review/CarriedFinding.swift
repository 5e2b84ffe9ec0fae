import Agent
import Foundation
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
    /// As many as fit well into a comment.
    private static let most = 30

    static func marker(_ findings: [CarriedFinding]) throws -> Markdown {
        guard !findings.isEmpty else { return "" }
        let text = try JSONEncoder().encode(Array(findings.prefix(most))).base64EncodedString()
        // The signs of base64 that a mark can't hold.
        return Markdown.marker(name, text.replacing("+", with: ".").replacing("=", with: ""))
    }

    static func read(in body: String) -> [CarriedFinding] {
        guard var text = HiddenValue.read(name, in: body)?.replacing(".", with: "+") else { return [] }
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard let data = Data(base64Encoded: text) else { return [] }
        return (try? JSONDecoder().decode([CarriedFinding].self, from: data)) ?? []
    }
}
