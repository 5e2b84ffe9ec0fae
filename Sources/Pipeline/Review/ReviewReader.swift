import Agent
import Domain
import GitLabAPI
import LanguageModels
import Logging
import TestRuns
import Workspaces

/// Shows a change to the model part by part, each within what its context holds, until all is read or the budget ends.
struct ReviewReader {
    let run: TaskRun
    let place: ReviewPlace
    let subject: ReviewSubject
    let change: ChangeUnderReview
    let workshop: Workshop
    let agent: Agent

    /// A change that needs more is beyond what anybody reads with care; what is left out is named.
    private static let mostParts = 24

    func read(_ assignment: Assignment) async throws -> ReviewReading {
        var reading = ReviewReading()
        reading.skipped = change.skipped
        let limit = agent.openingLimit
        let around = sections(assignment, limit: limit)
        let taken = around.reduce(0) { $0 + $1.text.utf8.count }
        // Some of it becomes longer when invisible characters are shown.
        let parts = ReviewPart.cut(change.files, limit: max(limit * 2 / 5, (limit - taken) * 17 / 20))
        var failed: TaskFailure?
        for (index, part) in parts.enumerated() {
            guard index < Self.mostParts else {
                reading.leave(parts[index...].flatMap(\.paths), "the change is larger than what is read at once")
                break
            }
            do {
                try await run.note(.notice, "Reading part \(index + 1) of \(parts.count): \(part.paths.count) files")
                let context = context(assignment, around, part, number: index + 1, of: parts.count)
                reading.take(try await agent.review(context, scope: part.scope, in: workshop.checkout.tree, iteration: index + 1))
            } catch let failure as TaskFailure where Self.isOfOnePart(failure) {
                // The other parts may be read all the same.
                failed = failure
                run.logger.warning("A part of a review was not read", metadata: ["part": "\(index + 1)", "error": "\(failure)"])
                reading.leave(part.paths, "the model did not come to an end with it")
            } catch let failure as TaskFailure where failure.kind == .budget && !reading.summaries.isEmpty {
                // What was found so far is worth more than nothing.
                reading.leave(parts[index...].flatMap(\.paths), "the budget was used up")
                break
            }
        }
        if let failed, reading.summaries.isEmpty { throw failed }
        let unread = Set(reading.unread.map(\.path))
        let read = change.files.filter { !unread.contains($0.path) }
        reading.readFiles = read.count
        reading.readLines = read.reduce(0) { $0 + $1.text.changedLines }
        if parts.isEmpty {
            reading.summaries = [
                subject.memory.reviewedHead == nil ? "There is nothing to read in this change." : "Nothing in the change itself is new since the last review."
            ]
        }
        return reading
    }

    /// What one part's text led to: the model declined it, did not end, or it did not fit. Whatever would meet every part, such as a
    /// budget that is used up or a model that is not there, is none of these.
    static func isOfOnePart(_ failure: TaskFailure) -> Bool {
        guard !failure.isTransient else { return false }
        switch failure.kind {
        case .code: return true
        case .budget: return failure.cause is TurnsUsedUp
        case .configuration: return (failure.cause as? ModelFailure).map { $0.reason == .contextExhausted } ?? true
        case .network, .authentication, .system, .cancelled: return false
        }
    }

    /// What each part is shown beside the diff: bounded to less than a third of a message.
    private func sections(_ assignment: Assignment, limit: Int) -> [AgentContext.Section] {
        var sections = assignment.sections.map { AgentContext.Section(source: $0.source, text: String($0.text.prefix(limit / 12))) }
        let list = change.files.map { "\($0.path)\($0.note.isEmpty ? "" : " (\($0.note))")" } + change.skipped.map { "\($0.path) (not shown: \($0.reason))" }
        sections.append(.init(source: "all files of the change", text: String(list.joined(separator: "\n").prefix(limit / 12))))
        let earlier = change.earlier(subject.memory, limit: limit / 12)
        if !earlier.isEmpty {
            sections.append(
                .init(
                    source:
                        "findings of earlier reviews; none of them is to be made again. Those that are open and whose code has changed count as mended unless you name them in still_open",
                    text: String(earlier.joined(separator: "\n").prefix(limit / 12))))
        }
        return sections
    }

    private func context(
        _ assignment: Assignment, _ around: [AgentContext.Section], _ part: ReviewPart, number: Int, of count: Int
    ) -> AgentContext {
        var intent = assignment.intent
        if let before = subject.memory.reviewedHead, change.isPartial {
            let rest = subject.memory.unread.isEmpty ? "" : " or was not read then"
            intent += "\n\nCommit \(before.prefix(10)) was reviewed before; only what changed since\(rest) is shown, and only that is to be reviewed."
        }
        if count > 1 {
            intent += "\n\nThe change is read in \(count) parts; this is part \(number). Review this part; the work tree has all of it."
        }
        let source =
            count == 1
            ? "the change: line in the old file, line in the new file, sign, text"
            : "the change, part \(number) of \(count): line in the old file, line in the new file, sign, text"
        var instructions = workshop.instructions
        if let own = workshop.rules.review.instructions { instructions.append(.init(path: ".ai-coder.yml, review.instructions", text: own)) }
        instructions += workshop.reviewInstructions.flatMap { ReviewInstructions(yaml: $0).matching(part.paths) } ?? []
        return AgentContext(
            intent: intent, repository: assignment.repositoryName, branch: place.merge.sourceBranch,
            sections: around + [.init(source: source, text: part.text)], instructions: instructions)
    }
}
