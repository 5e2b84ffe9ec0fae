import Agent
import Domain

/// A review as plain text, for a terminal and for the task's result.
struct ReviewPrint {
    let summary: [String]
    let placed: [PlacedFinding]
    let reading: ReviewReading

    var text: String {
        var parts = summary.map { String($0.prefix(8_000)) }
        for placed in placed {
            let finding = placed.finding.finding
            let lines = FindingNote.span(placed.finding.lines)
            var text =
                "\(finding.path):\(lines)\(finding.side == .old ? " (old)" : "") [\(finding.severity.rawValue), \(Self.word(placed.place))] \(FindingNote.oneLine(finding.title))"
            text += "\n" + finding.body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n")
            if let suggestion = placed.finding.suggestion {
                text += "\n    suggestion:\n" + suggestion.map { "    | \($0)" }.joined(separator: "\n")
            }
            parts.append(text)
        }
        if placed.isEmpty { parts.append("No new findings.") }
        if !reading.unread.isEmpty { parts.append("Not read:\n" + reading.unread.map { "    \($0.path): \($0.reason)" }.joined(separator: "\n")) }
        if !reading.skipped.isEmpty { parts.append("Skipped:\n" + reading.skipped.map { "    \($0.path): \($0.reason)" }.joined(separator: "\n")) }
        parts.append("Read \(reading.readLines) changed lines in \(reading.readFiles) files.")
        return parts.joined(separator: "\n\n")
    }

    private static func word(_ place: PlacedFinding.Place) -> String {
        switch place {
        case .range: "on its lines"
        case .line: "on a line"
        case .file: "on the file"
        case .summary: "in the summary"
        }
    }
}
