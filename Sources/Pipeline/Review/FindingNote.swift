import Agent
import Domain
import GitLabAPI

/// One finding as people read it on the diff.
struct FindingNote {
    let finding: MarkedFinding
    let rung: PositionLadder.Rung
    /// Leads to the lines, for a comment that does not stand on them.
    let link: Markdown

    var markdown: Markdown {
        .paragraphs([
            "**\(finding.finding.severity.rawValue)** · \(Markdown(untrusted: Self.oneLine(finding.finding.title)))",
            rung.place == .file ? link : "",
            Markdown(untrusted: String(finding.finding.body.prefix(8_000))),
            suggestion,
            finding.mark.markdown,
        ])
    }

    /// On the lines themselves a reader can apply it; elsewhere it is only shown.
    private var suggestion: Markdown {
        guard let text = finding.finding.suggestion else { return "" }
        if let lines = finding.suggestion, case .diff(let position) = rung, case .lines(_, let last) = position.place,
            last.new == finding.lines.upperBound
        {
            return Markdown.suggestion(lines, above: finding.lines.count - 1)
        }
        guard !text.isEmpty else { return "" }
        return
            "Proposed in place of \(finding.lines.count == 1 ? "line" : "lines") \(Self.span(finding.lines)):\n\n\(Markdown.block(String(text.prefix(8_000))))"
    }

    static func span(_ lines: ClosedRange<Int>) -> String {
        lines.count == 1 ? "\(lines.lowerBound)" : "\(lines.lowerBound) to \(lines.upperBound)"
    }

    static func oneLine(_ text: String) -> String {
        String(text.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(300))
    }
}
