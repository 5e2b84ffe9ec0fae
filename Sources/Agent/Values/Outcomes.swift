package import Domain

/// How analyzing ended.
package enum Analysis: Sendable, Hashable, Codable {
    case plan(Plan)
    /// The request is unclear; the work waits for the answer.
    case question(String)
    /// Nothing needs changing, and why.
    case nothingToDo(String)
}

/// What a reply to a finding of a review leads to.
package enum ReplyOutcome: Sendable, Hashable, Codable {
    case answer(String)
    /// The code is to be changed.
    case change(Plan)
    /// Nothing needs saying.
    case nothing
}

/// How one round of coding ended. What was changed is in the work tree; whether it works is for the tests to say.
package struct CodingOutcome: Sendable, Hashable, Codable {
    package enum Ending: String, Sendable, Codable {
        case finished
        /// The model stopped calling tools; its text stands for the summary.
        case spoke
    }
    /// The commit's and merge request's text: first line the title. Written by the model, so filter it before it is published.
    package var summary: String
    package var ending: Ending
    package var turns: Int

    package init(summary: String, ending: Ending, turns: Int) {
        self.summary = summary
        self.ending = ending
        self.turns = turns
    }

    package var title: String {
        lines.first.map { String($0.drop(while: { $0 == "#" || $0 == " " })) } ?? ""
    }

    package var body: String { lines.dropFirst().drop(while: \.isEmpty).joined(separator: "\n") }

    private var lines: ArraySlice<Substring> {
        summary.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).drop(while: \.isEmpty)
    }
}

/// A review as a value; its findings lie within the reviewed diff.
package struct ReviewOutcome: Sendable, Hashable, Codable {
    package enum Side: String, Sendable, Codable { case new, old }
    package enum Severity: String, Sendable, Codable, CaseIterable { case critical, major, minor, nit }

    package struct Finding: Sendable, Hashable, Codable {
        package var path: String
        package var line: Int
        package var endLine: Int?
        package var side: Side
        package var severity: Severity
        package var title: String
        package var body: String
        /// What is to stand in place of the lines `line...endLine`, without a fence.
        package var suggestion: String?

        package init(
            path: String, line: Int, endLine: Int? = nil, side: Side = .new, severity: Severity, title: String,
            body: String, suggestion: String? = nil
        ) {
            self.path = path
            self.line = line
            self.endLine = endLine
            self.side = side
            self.severity = severity
            self.title = title
            self.body = body
            self.suggestion = suggestion
        }
    }

    package var summary: String
    package var findings: [Finding]
    /// Names of earlier findings whose code was changed without mending what they are about.
    package var stillOpen: [String]?

    package init(summary: String, findings: [Finding], stillOpen: [String]? = nil) {
        self.summary = summary
        self.findings = findings
        self.stillOpen = stillOpen
    }
}
