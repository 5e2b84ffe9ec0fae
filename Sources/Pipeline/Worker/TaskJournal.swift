package import Domain
import Foundation
import Synchronization

/// What is known of a running task so far, and the one place that writes its status into the journal.
package final class TaskJournal: Sendable {
    package let steps: DurableSteps
    package let task: CodingTask
    private let known: Mutex<Known>

    private struct Known {
        var result: TaskResult
        var progress: Int
        var iteration: Int?
        var message: String?
    }

    package init(task: CodingTask, steps: DurableSteps, progress: Int) {
        self.task = task
        self.steps = steps
        known = Mutex(Known(result: TaskResult(taskID: task.id, status: .pending), progress: progress))
    }

    /// The result as far as it is known.
    package var result: TaskResult { known.withLock { $0.result } }

    package func learn(_ update: (inout TaskResult) -> Void) { known.withLock { update(&$0.result) } }

    /// Writes a status down, unless an earlier run of the task did so at the same place.
    ///
    /// - Parameter progress: percent; it counts only when it is more than before.
    package func enter(
        _ status: TaskStatus, as word: String? = nil, progress: Int, iteration: Int? = nil, message: String? = nil
    ) async throws {
        let change = known.withLock { known in
            known.result.status = status
            known.progress = max(known.progress, progress)
            known.iteration = iteration ?? known.iteration
            known.message = message
            return Self.change(known, word: word ?? status.rawValue)
        }
        let entry = try NewEntry(kind: .status, name: change.status, payload: JSONEncoder().encode(change))
        try await steps.once("status.\(change.status)" + (iteration.map { ".\($0)" } ?? ""), with: entry)
    }

    /// The last status of the task, with the whole result.
    package func ending(_ result: TaskResult, as word: String) throws -> [NewEntry] {
        let change = known.withLock { known in
            known.result = result
            if result.status != .waiting { known.progress = result.status == .completed ? 100 : known.progress }
            var change = Self.change(known, word: word)
            change.error = result.error
            change.errorKind = result.errorKind
            change.result = result.status.isFinal ? result : nil
            change.message = result.error ?? result.summary
            return change
        }
        return try steps.takePending()
            + [NewEntry(kind: .status, name: change.status, payload: JSONEncoder().encode(change))]
    }

    private static func change(_ known: Known, word: String) -> StatusChange {
        var change = StatusChange(status: word, progress: known.progress)
        change.iteration = known.iteration
        change.repo = known.result.repository
        change.branch = known.result.branch
        change.plan = known.result.plan
        change.changes = known.result.changes.isEmpty ? nil : known.result.changes
        change.testResults = known.result.testResults
        change.usage = known.result.usage.requests == 0 ? nil : known.result.usage
        change.mergeRequest = known.result.mergeRequest
        change.message = known.message
        return change
    }
}
