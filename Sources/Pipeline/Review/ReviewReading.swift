import Agent
import Domain

/// What was read of a change, and what was not: said in the summary as it was.
struct ReviewReading: Sendable, Codable {
    struct Unread: Sendable, Codable, Hashable {
        var path: String
        var reason: String
    }

    var summaries: [String] = []
    var findings: [ReviewOutcome.Finding] = []
    var stillOpen: [String] = []
    var readFiles = 0
    var readLines = 0
    /// Lock files, generated ones and the like.
    var skipped: [Unread] = []
    /// What should have been read: the budget ended before, for instance.
    var unread: [Unread] = []

    /// Names each file once.
    mutating func leave(_ paths: [String], _ reason: String) {
        for path in paths where !unread.contains(where: { $0.path == path }) { unread.append(.init(path: path, reason: reason)) }
    }

    mutating func take(_ outcome: ReviewOutcome) {
        summaries.append(outcome.summary)
        stillOpen += outcome.stillOpen ?? []
        for finding in outcome.findings
        where !findings.contains(where: { $0.path == finding.path && $0.line == finding.line && $0.side == finding.side && $0.title == finding.title }) {
            findings.append(finding)
        }
    }
}
