import Domain
import Foundation
import GitLabAPI

/// `do` for all open threads of a merge request: each becomes a task of its own, one after another on the same branch, and is
/// answered in its thread.
struct ThreadsRecipe {
    let run: TaskRun

    /// Threads in one go; the rest is left for another command.
    private static let most = 10

    /// "address all comments", "please work through the open review threads"; anything more precise is a request like any other.
    static func isMeant(_ words: String) -> Bool {
        let pattern =
            /(?:please |pls )?(?:address|resolve|fix|handle|do|apply|incorporate|work through|go through|take care of|answer)(?: (?:all|every|each|the|of|open|unresolved|remaining|review|reviewer|reviewers'|your|my|our|these))* (?:comments?|threads?|discussions?|feedback|findings|remarks|suggestions|conversations?)(?: (?:on|in) this (?:mr|merge request))?(?:,? please)?/
            .ignoresCase()
        let text = words.trimmingCharacters(in: .whitespacesAndNewlines.union(.punctuationCharacters))
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return text.wholeMatch(of: pattern) != nil || text.wholeMatch(of: /请?(?:处理|解决|修复)(?:所有|全部)的?(?:评论|意见|讨论|评审意见|建议)/) != nil
    }

    private struct OpenThread: Codable, Sendable {
        var id: String
        var noteID: Int64
        var position: GitLabOrigin.DiffPosition?
    }

    private struct Found: Codable, Sendable {
        var threads: [OpenThread] = []
        var left = 0
        /// Begun by people whose word does not count.
        var foreign = 0
        /// Findings of the bot's that people waved off. Nil in journals of earlier versions.
        var wavedOff: Int?
    }

    func perform() async throws {
        try await run.journal.enter(.pending, as: "started", progress: 0)
        guard let origin = run.task.gitLab, let gitLab = run.parts.gitLab else { return }
        let desk = try await GitLabDesk.open(run: run, origin: origin, gitLab: gitLab)
        let found = try await run.steps.step("threads") { try await open(desk) }
        let wavedOff = found.wavedOff ?? 0
        guard !found.threads.isEmpty else {
            let reason =
                found.foreign > 0
                ? "The open threads are of people who may not command the bot."
                : wavedOff > 0 ? "The open threads are findings that somebody said are to be let be." : "There is no open thread."
            return try await desk.nothingToDo(reason)
        }
        for (number, thread) in found.threads.enumerated() {
            try await run.submit("thread.\(number + 1)", from: origin) { task, owned in
                task.intent = "Do what this review thread asks for."
                owned.trigger = .thread
                owned.discussionID = thread.id
                owned.noteID = thread.noteID
                owned.position = thread.position
            }
        }
        run.journal.learn { $0.summary = "\(found.threads.count) threads are worked through one by one." }
        try await desk.sayOnce(
            "closing", on: desk.target,
            .paragraphs([
                "\(Markdown.mention(origin.requester.username)), I work through \(Markdown.literal(Self.count(found.threads.count))) one by one and answer in each.",
                found.left == 0 ? "" : "\(Markdown.literal(Self.count(found.left))) more are left: ask again when these are done.",
                found.foreign == 0 ? "" : "\(Markdown.literal(Self.count(found.foreign))) of people who may not command the bot are left out.",
                wavedOff == 0 ? "" : "\(Markdown.literal(Self.count(wavedOff))) that somebody said is to be let be is left out." as Markdown,
            ]))
    }

    private func open(_ desk: GitLabDesk) async throws -> Found {
        let bot = try await desk.gitLab.bot()
        let people = PermittedPeople(gitLab: desk.gitLab, projectID: desk.origin.projectID, now: run.parts.now())
        var opinions = FindingOpinions(client: desk.client, target: desk.target, botID: bot.id, people: people)
        var found = Found()
        for thread in try await desk.client.discussions(on: desk.target) {
            guard let first = thread.notes.first, first.isResolvable, thread.notes.contains(where: { $0.isResolvable && !$0.isResolved }),
                thread.id != desk.origin.discussionID, let author = first.author, desk.isHidden || !first.isHidden
            else { continue }
            let isOwn = author.id == bot.id
            // What a stranger wrote on a public project is not carried out on one word of a member.
            var isPermitted = isOwn
            if !isPermitted { isPermitted = try await opinions.people.contains(author.id) }
            guard isPermitted else {
                found.foreign += 1
                continue
            }
            if isOwn, FindingMark(in: first.body) != nil {
                var isWavedOff = try await opinions.isWavedOff(thread)
                if !isWavedOff { isWavedOff = try await opinions.hasThumbDown(first) }
                guard !isWavedOff else {
                    found.wavedOff = (found.wavedOff ?? 0) + 1
                    continue
                }
            }
            guard found.threads.count < Self.most else {
                found.left += 1
                continue
            }
            let last = try await opinions.replies(in: thread).last ?? first
            found.threads.append(
                OpenThread(id: thread.id, noteID: last.id, position: first.position.map(GitLabOrigin.DiffPosition.init)))
        }
        return found
    }

    private static func count(_ number: Int) -> String { number == 1 ? "one open thread" : "\(number) open threads" }
}
