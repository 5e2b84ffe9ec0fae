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
        var isResolved: Bool
        /// People said that it is to stay as it is.
        var isRejected: Bool
    }

    var summaryNoteID: Int64?
    var reviewedHead: String?
    var rounds = 0
    var threads: [Thread] = []
    /// Findings that stand in the summary, since GitLab took them nowhere else.
    var carried: [CarriedFinding] = []

    static let summaryMarker = "review"

    /// Reactions are asked for one thread at a time.
    private static let mostLooks = 60

    static func read(_ place: ReviewPlace) async throws -> ReviewMemory {
        var memory = ReviewMemory()
        let bot = try await place.gitLab.bot()
        let marker = Markdown.marker(summaryMarker, "\(place.merge.iid)")
        var people = Permitted(place: place)
        var looks = 0
        for discussion in try await place.client.discussions(on: place.target, limit: 5_000) {
            guard let first = discussion.notes.first, first.author?.id == bot.id else { continue }
            if first.body.contains(marker.text) {
                memory.summaryNoteID = first.id
                memory.reviewedHead = HiddenValue.read("reviewed", in: first.body)
                memory.rounds = HiddenValue.read("rounds", in: first.body).flatMap { Int($0) } ?? 1
                memory.carried = CarriedFinding.read(in: first.body)
                continue
            }
            guard let mark = FindingMark(in: first.body) else { continue }
            var thread = Thread(
                discussionID: discussion.id, mark: mark, path: first.position?.newPath ?? "", line: first.position?.lastLine,
                title: title(of: first.body), isResolved: first.isResolved, isRejected: false)
            let isClosedByBot = discussion.notes.contains { $0.author?.id == bot.id && $0.body.contains("<!-- ai-coder:fixed=") }
            if first.isResolved, !isClosedByBot {
                if let id = first.resolvedBy?.id { thread.isRejected = try await people.contains(id) } else { thread.isRejected = true }
            }
            for reply in discussion.notes.dropFirst() where !thread.isRejected && Rejection.isMeant(by: reply.body) {
                if let id = reply.author?.id, id != bot.id, !reply.isSystem { thread.isRejected = try await people.contains(id) }
            }
            if !thread.isResolved, !thread.isRejected, looks < mostLooks {
                looks += 1
                for award in try await place.client.awards(on: place.target, note: first.id) where award.name == "thumbsdown" {
                    if let id = award.user?.id, id != bot.id, try await people.contains(id) { thread.isRejected = true }
                }
            }
            memory.threads.append(thread)
        }
        return memory
    }

    /// `**major** · The title` is how a finding begins.
    private static func title(of body: String) -> String {
        let line = body.split(separator: "\n", maxSplits: 1).first ?? ""
        guard let dot = line.range(of: " · ") else { return "" }
        return String(line[dot.upperBound...].prefix(300))
    }

    /// Whose word counts; each is asked of GitLab once.
    private struct Permitted {
        let place: ReviewPlace
        var known: [Int64: Bool] = [:]

        mutating func contains(_ id: Int64) async throws -> Bool {
            if let known = known[id] { return known }
            let check = AccessCheck(gitLab: place.gitLab, now: place.run.parts.now())
            let verdict = try await check.check(.init(id: id, username: "", name: ""), inProject: place.project.id)
            known[id] = verdict.isAllowed
            return verdict.isAllowed
        }
    }
}

extension GitLabDiffPosition {
    /// The line that a comment stands at, on the new side where it has one.
    var lastLine: Int? {
        guard case .lines(_, let last) = place else { return nil }
        return last.new ?? last.old
    }
}

/// Words by which people say that a finding is to be let be.
enum Rejection {
    private static let words = [
        "won't fix", "won’t fix", "wont fix", "wontfix", "will not fix", "won't change", "by design", "false positive", "not a bug",
        "not an issue", "works as intended", "as intended", "is intended", "intentional", "disagree", "no need to change",
        "不修", "不改", "不用改", "不需要改", "不是问题", "误报", "故意", "有意为之", "就是这样设计",
    ]

    static func isMeant(by text: String) -> Bool {
        let said = text.split(separator: "\n").filter { !$0.hasPrefix(">") }.joined(separator: "\n").lowercased()
        return words.contains { said.contains($0) }
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
