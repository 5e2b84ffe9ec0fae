import Agent
import Domain
import GitLabAPI
import LanguageModels
import Secrets
import TestRuns
import Workspaces

/// `review`: reads a merge request's change in parts, places the findings on its diff, and sums up in one note.
/// Never approves, merges or closes.
struct ReviewRecipe {
    let run: TaskRun

    func perform() async throws {
        try await run.journal.enter(.pending, as: "started", progress: 0)
        let place = try await ReviewPlace.open(run)
        let model = try run.parts.model(run.task.model)
        let sandbox = try await run.parts.sandbox()
        let subject = try await run.steps.step("review.opened") { try await place.subject() }
        let assignment = place.assignment(for: subject)
        run.journal.learn { $0.repository = assignment.repositoryURL }
        if subject.isSeen, run.task.intent.allSatisfy(\.isWhitespace), place.publishes {
            return try await nothingNew(place, subject)
        }
        try await run.journal.enter(.cloning, progress: 5)
        try await TaskPlace(run: run).use { directory in
            let workshop = try await CloneStage(run: run, desk: place.desk, sandbox: sandbox).open(assignment, in: directory)
            guard !isUnasked || workshop.rules.review.onPush else {
                return run.journal.learn { $0.summary = "The project does not wish reviews of pushes: review.on_push is not set." }
            }
            try await run.journal.enter(.analyzing, progress: 15)
            let change = try await ChangeUnderReview.open(subject, place: place, workshop: workshop)
            let agent = workshop.agent(model: model, for: run)
            let reading = try await ReviewReader(run: run, place: place, subject: subject, change: change, workshop: workshop, agent: agent)
                .read(assignment)
            let marked = try await run.steps.step("review.marked") {
                try await change.mark(reading.findings, workshop: workshop, run: run, memory: subject.memory)
            }
            let fixed = try await run.steps.step("review.settled") { try await change.mended(subject.memory, marked, reading: reading) }
            try await conclude(place, subject, change, reading, marked.findings, fixed)
        }
    }

    /// Brought about by a push, not by anybody's wish.
    private var isUnasked: Bool { run.task.gitLab?.trigger == .push }

    private func conclude(
        _ place: ReviewPlace, _ subject: ReviewSubject, _ change: ChangeUnderReview, _ reading: ReviewReading,
        _ findings: [MarkedFinding], _ mended: ChangeUnderReview.Mended
    ) async throws {
        let publisher = ReviewPublisher(place: place, subject: subject, ladder: change.ladder(subject.refs))
        func summary(_ placed: [PlacedFinding]) -> ReviewSummaryNote {
            ReviewSummaryNote(
                place: place, subject: subject, reading: reading, placed: placed, carried: mended.carried, fixed: mended.threads.map(\.title),
                openBefore: mended.openBefore, isPartial: change.isPartial, usage: run.journal.result.usage)
        }
        guard place.publishes else {
            let planned = publisher.plan(findings)
            let text = ReviewPrint(summary: reading.summaries, placed: planned, reading: reading).text
            return run.journal.learn { $0.summary = run.parts.redactor.redact(text) }
        }
        let placed = try await publisher.publish(findings)
        let threads = ReviewThreads(place: place, subject: subject)
        for thread in mended.threads { try await threads.resolve(thread) }
        let note = try await threads.write(summary(placed))
        let text = ReviewPrint(summary: reading.summaries, placed: placed, reading: reading).text
        run.journal.learn {
            $0.summary = run.parts.redactor.redact(text)
            $0.mergeRequest = .init(iid: place.merge.iid, webURL: place.merge.webURL, isDraft: place.merge.isMarkedDraft)
        }
        try await threads.tell(note, placed: placed.count, fixed: mended.threads.count)
    }

    private func nothingNew(_ place: ReviewPlace, _ subject: ReviewSubject) async throws {
        let text = "Nothing has changed since the last review, of \(subject.head.prefix(10))."
        run.journal.learn { $0.summary = text }
        try await ReviewThreads(place: place, subject: subject).tellNothingNew()
    }
}
