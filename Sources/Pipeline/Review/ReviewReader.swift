import Agent
import Domain
import GitLabAPI
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
        for (index, part) in parts.enumerated() {
            guard index < Self.mostParts else {
                leave(parts[index...], "the change is larger than what is read at once", &reading)
                break
            }
            do {
                try await run.note(.notice, "Reading part \(index + 1) of \(parts.count): \(part.paths.count) files")
                let context = context(assignment, around, part, number: index + 1, of: parts.count)
                reading.take(try await agent.review(context, scope: part.scope, in: workshop.checkout.tree, iteration: index + 1))
            } catch let failure as TaskFailure where failure.kind == .budget && index > 0 {
                // What was found so far is worth more than nothing.
                leave(parts[index...], "the budget was used up", &reading)
                break
            }
        }
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

    private func leave(_ parts: ArraySlice<ReviewPart>, _ reason: String, _ reading: inout ReviewReading) {
        var named: Set<String> = []
        for path in parts.flatMap(\.paths) where named.insert(path).inserted { reading.unread.append(.init(path: path, reason: reason)) }
    }

    /// What each part is shown beside the diff: bounded to less than a third of a message.
    private func sections(_ assignment: Assignment, limit: Int) -> [AgentContext.Section] {
        var sections = assignment.sections.map { AgentContext.Section(source: $0.source, text: String($0.text.prefix(limit / 12))) }
        let list = change.files.map { "\($0.path)\($0.note.isEmpty ? "" : " (\($0.note))")" } + change.skipped.map { "\($0.path) (not shown: \($0.reason))" }
        sections.append(.init(source: "all files of the change", text: String(list.joined(separator: "\n").prefix(limit / 12))))
        let earlier = change.earlier(subject.memory)
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
            intent += "\n\nCommit \(before.prefix(10)) was reviewed before; only what changed since is shown, and only that is to be reviewed."
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
