import Agent
import Domain
import GitLabAPI

/// The one note that sums a review up, written anew in place on each round.
struct ReviewSummaryNote {
    let place: ReviewPlace
    let subject: ReviewSubject
    let reading: ReviewReading
    let placed: [PlacedFinding]
    let carried: [CarriedFinding]
    /// Titles of earlier findings that are mended by now.
    let fixed: [String]
    let openBefore: Int
    /// Only what is new since the last review was read.
    let isPartial: Bool
    let usage: Usage

    private static let mostRows = 100
    private static let mostNames = 200

    func markdown() throws -> Markdown {
        let unreadMark = try UnreadFiles.marker(reading.unread.map(\.path))
        return .paragraphs([
            "### Review of \(Markdown.code(String(subject.head.prefix(10))))",
            opening,
            .paragraphs(reading.summaries.map { Markdown(untrusted: String($0.prefix(8_000))) }),
            table,
            astray,
            fixed.isEmpty ? "" : .paragraphs(["Fixed since the last review:", .lines(fixed.prefix(Self.mostRows).map { "- \($0)" as Markdown })]),
            unread,
            skipped,
            footer,
            Markdown.marker(ReviewMemory.summaryMarker, "\(place.merge.iid)"),
            reviewed(unreadMark != nil).map { Markdown.marker("reviewed", $0) } ?? "",
            unreadMark ?? "",
            Markdown.marker("rounds", "\(subject.memory.rounds + 1)"),
            try CarriedFinding.marker(allCarried),
        ])
    }

    /// The commit that the next round goes on from. With more unread files than can be kept it is that of an earlier round, and
    /// none when that one left files unread, too.
    private func reviewed(_ keepsUnread: Bool) -> String? {
        guard !keepsUnread else { return subject.head }
        return subject.memory.unread.isEmpty ? subject.memory.reviewedHead : nil
    }

    var allCarried: [CarriedFinding] { placed.filter { $0.place == .summary }.map { CarriedFinding($0.finding) } + carried }

    private var opening: Markdown {
        guard let before = subject.memory.reviewedHead else {
            return place.origin.map { "\(Markdown.mention($0.requester.username)), this is what I found." } ?? ""
        }
        let (round, last) = ("Round \(subject.memory.rounds + 1)" as Markdown, Markdown.code(String(before.prefix(10))))
        let rest: Markdown = subject.memory.unread.isEmpty ? "" : ", and what was not read then"
        switch (isPartial, before == subject.head) {
        case (true, true): return "\(round): only what was not read before."
        case (true, false): return "\(round): only what is new since \(last)\(rest)."
        case (false, true): return "Looked at once more."
        case (false, false): return "\(round): all of it was read, since the commit of the last review, \(last), is gone."
        }
    }

    private var table: Markdown {
        let rows = placed.prefix(Self.mostRows).map { placed -> [Markdown] in
            let finding = placed.finding.finding
            return [
                Markdown.literal(finding.severity.rawValue), Markdown(untrusted: FindingNote.oneLine(finding.title)),
                place.link(finding.path, placed.finding.lines, at: finding.side == .old ? subject.base : subject.head),
            ]
        }
        guard !rows.isEmpty else { return reading.readFiles == 0 ? "" : "**No new findings.**" }
        let more: Markdown = placed.count > Self.mostRows ? "… and \(placed.count - Self.mostRows) more on the diff." : ""
        return .paragraphs([.table(["Severity", "Finding", "Place"], rows), more])
    }

    /// Findings that GitLab took nowhere on the diff.
    private var astray: Markdown {
        guard !allCarried.isEmpty else { return "" }
        let left = allCarried.count - CarriedFinding.most
        return .paragraphs(
            ["These have no place on the diff:"]
                + CarriedFinding.kept(allCarried).map { finding in
                    .paragraphs([
                        "**\(finding.severity.rawValue)** · \(Markdown(untrusted: finding.title)) (\(place.link(finding.path, finding.line...finding.line, at: finding.mark.isOld ? subject.base : subject.head)))",
                        Markdown.quote(Markdown(untrusted: finding.body)),
                        finding.mark.markdown,
                    ])
                } + [left > 0 ? "… and \(left) more." : ""])
    }

    private var unread: Markdown {
        guard !reading.unread.isEmpty else { return "" }
        return .paragraphs([
            "**Not read**, so nothing is said about it; ask for another review to have it read:", names(reading.unread),
        ])
    }

    private var skipped: Markdown {
        guard !reading.skipped.isEmpty else { return "" }
        let count = reading.skipped.count
        return Markdown.details("\(count) \(count == 1 ? "file was" : "files were") skipped", names(reading.skipped))
    }

    private func names(_ files: [ReviewReading.Unread]) -> Markdown {
        var lines = files.prefix(Self.mostNames).map { "- \(Markdown.code($0.path)): \($0.reason)" as Markdown }
        if files.count > Self.mostNames { lines.append("- and \(files.count - Self.mostNames) more") }
        return .lines(lines)
    }

    private var footer: Markdown {
        var parts: [Markdown] = []
        if reading.readFiles > 0 {
            let (files, lines) = (reading.readFiles, reading.readLines)
            parts.append("Read \(lines) changed \(lines == 1 ? "line" : "lines") in \(files) \(files == 1 ? "file" : "files")")
        }
        if openBefore > 0 { parts.append("\(openBefore) earlier \(openBefore == 1 ? "thread is" : "threads are") still open") }
        if usage.requests > 0 { parts.append("\(UsageText(usage).text)") }
        if let url = place.run.parts.settings.publicURL { parts.append(Markdown.link("details", to: "\(url)/tasks/\(place.run.task.id)")) }
        guard let first = parts.first else { return "" }
        return parts.dropFirst().reduce(first) { "\($0) · \($1)" as Markdown }
    }
}
