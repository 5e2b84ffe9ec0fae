import Domain
import Foundation
import GitLabAPI

/// Words of a person in a thread that the bot began with a finding, or under the summary of a review.
struct FindingReply {
    let run: TaskRun
    let origin: GitLabOrigin
    let gitLab: GitLabAccess

    /// Whether the words are about a review: then a task is made that answers them, unless they only wave it off or speak to
    /// somebody else.
    func take() async throws -> Bool {
        guard case .mergeRequest(let iid) = origin.subject, let id = origin.discussionID, !origin.isConfidential,
            let thread = try await gitLab.client.discussion(id: id, on: .mergeRequest(projectID: origin.projectID, iid: iid))
        else { return false }
        let bot = try await gitLab.bot()
        guard let first = thread.notes.first, first.author?.id == bot.id,
            FindingMark(in: first.body) != nil || first.body.contains(Markdown.marker(ReviewMemory.summaryMarker, "\(iid)").text)
        else { return false }
        let words = run.task.intent
        guard !Self.speaksToOthers(words, bot: bot.username), words.contains("?") || words.contains("？") || !Rejection.isMeant(by: words) else {
            return true
        }
        try await run.submit("reply", from: origin) { task, owned in
            task.kind = .answer
            owned.trigger = .reply
        }
        return true
    }

    private static func speaksToOthers(_ words: String, bot: String) -> Bool {
        let names = words.matches(of: /(?:^|[^A-Za-z0-9_.\/-])@([A-Za-z0-9_][A-Za-z0-9_.-]*)/).map { $0.1.lowercased() }
        return !names.isEmpty && !names.contains(bot.lowercased())
    }
}
