import Domain
import Foundation
import GitLabAPI

/// What earlier rounds of reviewing left on a merge request: read from GitLab, which is the one place where people change it.
struct ReviewMemory: Sendable, Codable {
    /// One of the bot's own threads about a finding.
    struct Thread: Sendable, Codable, Hashable {
        var discussionID: String
        var mark: FindingMark
        var path: String
        var line: Int?
        var title: String
        /// What it says, in short.
        var body = ""
        /// What people with a say answered, in short: the last of it.
        var replies: [String] = []
        var isResolved: Bool
        /// People said that it is to stay as it is.
        var isRejected: Bool
        /// They said so in words or with a thumb, and not only by resolving it.
        var isWavedOff = false
        /// The bot resolved it, since the code was mended: the same trouble may come back.
        var isSettled = false
        /// A person opened it again after that: it is theirs to resolve.
        var isReopened = false

        /// A new finding that says the same has nothing to add to it.
        var isInForce: Bool { !isSettled || isRejected }
    }

    var summaryNoteID: Int64?
    var reviewedHead: String?
    /// Files of that commit that were not read.
    var unread: [String] = []
    var rounds = 0
    var threads: [Thread] = []
    /// Findings that stand in the summary, since GitLab took them nowhere else.
    var carried: [CarriedFinding] = []

    static let summaryMarker = "review"

    static func read(_ place: ReviewPlace) async throws -> ReviewMemory {
        var memory = ReviewMemory()
        let bot = try await place.gitLab.bot()
        let marker = Markdown.marker(summaryMarker, "\(place.merge.iid)")
        let people = PermittedPeople(gitLab: place.gitLab, projectID: place.project.id, now: place.run.parts.now())
        var opinions = FindingOpinions(client: place.client, target: place.target, botID: bot.id, people: people)
        for discussion in try await place.client.discussions(on: place.target, limit: 5_000) {
            guard let first = discussion.notes.first, first.author?.id == bot.id else { continue }
            if first.body.contains(marker.text) {
                memory.take(summary: first)
            } else if let mark = FindingMark(in: first.body) {
                memory.threads.append(try await thread(of: discussion, first, mark, &opinions))
            }
        }
        return memory
    }

    private mutating func take(summary: GitLabNote) {
        summaryNoteID = summary.id
        reviewedHead = HiddenValue.read("reviewed", in: summary.body)
        unread = UnreadFiles.read(in: summary.body)
        rounds = HiddenValue.read("rounds", in: summary.body).flatMap { Int($0) } ?? 1
        carried = CarriedFinding.read(in: summary.body)
    }

    private static func thread(
        of discussion: GitLabDiscussion, _ first: GitLabNote, _ mark: FindingMark, _ opinions: inout FindingOpinions
    ) async throws -> Thread {
        var thread = Thread(
            discussionID: discussion.id, mark: mark, path: first.position?.newPath ?? "", line: first.position?.lastLine,
            title: title(of: first.body), isResolved: first.isResolved, isRejected: false)
        let wasClosedByBot = discussion.notes.contains { $0.author?.id == opinions.botID && $0.body.contains("<!-- ai-coder:fixed=") }
        if first.isResolved {
            if let id = first.resolvedBy?.id {
                thread.isSettled = id == opinions.botID
                if !thread.isSettled { thread.isRejected = try await opinions.people.contains(id) }
            } else {
                (thread.isSettled, thread.isRejected) = (wasClosedByBot, !wasClosedByBot)
            }
        }
        thread.isReopened = wasClosedByBot && !first.isResolved
        thread.isWavedOff = try await opinions.isWavedOff(discussion)
        if !thread.isWavedOff, !thread.isResolved { thread.isWavedOff = try await opinions.hasThumbDown(first) }
        if thread.isWavedOff { thread.isRejected = true }
        if !thread.isResolved {
            thread.body = body(of: first.body)
            thread.replies = try await opinions.replies(in: discussion).suffix(2)
                .map { "@\($0.author?.username ?? ""): \(FindingNote.oneLine($0.body).prefix(200))" }
        }
        return thread
    }

    /// What stands between a finding's first line and its suggestion or mark.
    private static func body(of text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().prefix { !$0.hasPrefix("```") && !$0.hasPrefix("<!--") }
        return String(FindingNote.oneLine(lines.joined(separator: "\n")).prefix(300))
    }

    /// `**major** · The title` is how a finding begins.
    private static func title(of body: String) -> String {
        let line = body.split(separator: "\n", maxSplits: 1).first ?? ""
        guard let dot = line.range(of: " · ") else { return "" }
        return String(line[dot.upperBound...].prefix(300))
    }
}

extension GitLabDiffPosition {
    /// The line that a comment stands at, on the new side where it has one.
    var lastLine: Int? {
        guard case .lines(_, let last) = place else { return nil }
        return last.new ?? last.old
    }
}

/// A value in a hidden mark of the bot's own note.
enum HiddenValue {
    static func read(_ name: String, in body: String) -> String? {
        guard let start = body.range(of: "<!-- ai-coder:\(name)="), let end = body[start.upperBound...].range(of: " -->") else { return nil }
        let value = String(body[start.upperBound..<end.lowerBound])
        return value.isEmpty ? nil : value
    }
}
