import Domain
import GitLabAPI
import Logging

/// What a review writes beside its findings: the summary, the end of mended threads, and a word to who asked again.
struct ReviewThreads {
    let place: ReviewPlace
    let subject: ReviewSubject

    private var client: GitLabClient { place.client }
    private var steps: DurableSteps { place.run.steps }

    /// Answers in the thread with the commit and resolves it. What an earlier run has done of this is found by its mark.
    func resolve(_ thread: ReviewMemory.Thread) async throws {
        try await steps.step("review.fixed.\(thread.discussionID)") {
            guard let discussion = try await client.discussion(id: thread.discussionID, on: place.target) else { return false }
            let bot = try await place.gitLab.bot()
            let marker = Markdown.marker("fixed", subject.head)
            if !discussion.notes.contains(where: { $0.author?.id == bot.id && $0.body.contains(marker.text) }) {
                let commit = Markdown.code(String(subject.head.prefix(10)))
                _ = try await client.reply(
                    to: thread.discussionID, on: place.target, OutgoingText("The code was changed, as of \(commit); this is settled.\n\n\(marker)"))
            }
            do {
                try await client.resolve(discussion: thread.discussionID, on: place.target)
            } catch let failure as GitLabFailure where failure.reason == .forbidden || failure.reason == .validation {
                place.run.logger.info("A thread can't be resolved", metadata: ["error": "\(failure)"])
            }
            return true
        }
    }

    /// Writes the one summary, in place of the one before; returns its id.
    func write(_ summary: ReviewSummaryNote) async throws -> Int64 {
        // The marks stand at its end: were it cut, the next round would know nothing of this one.
        let text = OutgoingText(try summary.markdown(), limit: OutgoingRules.hardLimit)
        return try await steps.step("review.summary") {
            if let id = subject.memory.summaryNoteID {
                do {
                    return try await client.updateNote(id: id, on: place.target, text).id
                } catch let failure as GitLabFailure where failure.reason == .notFound {
                    // Somebody deleted it.
                }
            }
            let bot = try await place.gitLab.bot()
            let marker = Markdown.marker(ReviewMemory.summaryMarker, "\(place.merge.iid)")
            let notes = try await client.notes(on: place.target, limit: 500, newestFirst: true)
            if let found = notes.first(where: { $0.author?.id == bot.id && $0.body.contains(marker.text) }) {
                return try await client.updateNote(id: found.id, on: place.target, text).id
            }
            return try await client.createNote(on: place.target, text).id
        }
    }

    /// Edits tell nobody anything: who asked once more in a comment gets an answer there.
    func tell(_ note: Int64, placed: Int, fixed: Int) async throws {
        guard subject.memory.summaryNoteID != nil, isAnsweredInWords, let desk = place.desk as? GitLabDesk, let origin = place.origin else { return }
        let summary = Markdown.link("the summary", to: "\(place.merge.webURL)#note_\(note)")
        let new: Markdown = placed == 0 ? "nothing new to say" : "\(placed) new \(placed == 1 ? "finding" : "findings")"
        let settled: Markdown = fixed == 0 ? "" : ", \(fixed) earlier \(fixed == 1 ? "one is" : "ones are") settled"
        try await desk.sayOnce(
            "closing", on: place.target, "\(Markdown.mention(origin.requester.username)), \(new)\(settled): see \(summary).")
    }

    func tellNothingNew() async throws {
        guard isAnsweredInWords, let desk = place.desk as? GitLabDesk, let origin = place.origin else { return }
        try await desk.sayOnce(
            "closing", on: place.target,
            "\(Markdown.mention(origin.requester.username)), nothing has changed since my last review, of \(Markdown.code(String(subject.head.prefix(10)))). Say what to look at for another look."
        )
    }

    private var isAnsweredInWords: Bool { place.origin?.noteID != nil }
}

extension ReviewSubject {
    /// This very commit was reviewed before, and nothing of it was left out.
    var isSeen: Bool { memory.reviewedHead == head && memory.unread.isEmpty }
}
