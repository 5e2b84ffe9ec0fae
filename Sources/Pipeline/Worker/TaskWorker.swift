package import Domain
import Foundation
import Logging
import Secrets

/// Runs one claimed task to its end: keeps the lease alive, minds the time limit and requests to stop, and writes the
/// ending down whatever happened.
package struct TaskWorker: Sendable {
    /// What a cancellation of the worker itself means for the task it has in hand.
    package enum OnCancel: Sendable {
        /// The one-shot command: the task ends as cancelled.
        case end
        /// The service stops: the task goes back and is taken up again at the next start.
        case giveBack
    }

    private let parts: PipelineParts
    private let owner: LeaseOwner
    private let onCancel: OnCancel

    package init(parts: PipelineParts, owner: LeaseOwner, onCancel: OnCancel) {
        self.parts = parts
        self.owner = owner
        self.onCancel = onCancel
    }

    private enum Interruption: Error {
        case stopRequested(by: String, reason: String)
        case leaseLost
        case timeLimit
    }

    /// Returns the result, or nil when the task goes on later or elsewhere.
    @discardableResult
    package func run(_ record: TaskRecord) async throws -> TaskResult? {
        let id = record.task.id
        let steps = DurableSteps(
            journal: parts.store, taskID: id, owner: owner, redactor: parts.redactor)
        let journal = TaskJournal(task: record.task, steps: steps, progress: record.progress)
        let logger = parts.logger(for: id)
        let startedAt = record.startedAt ?? parts.now()
        let ending: Ending
        do {
            try await steps.load()
            try await supervise(record) {
                try await Recipe.of(record.task, parts: parts, journal: journal, logger: logger)
            }
            ending = .finished
        } catch {
            ending = Self.ending(for: error, journal: journal, onCancel: onCancel, log: logger)
        }
        // The ending is written down although the task around us may be cancelled.
        let patience = onCancel == .giveBack ? Patience() : nil
        return try await Task { [parts, owner] in
            try await Self.close(
                id, ending, journal: journal, startedAt: startedAt, parts: parts, owner: owner,
                patience: patience, logger: logger)
        }.value
    }

    private func supervise(
        _ record: TaskRecord, work: @escaping @Sendable () async throws -> Void
    ) async throws {
        let left = Self.timeLeft(of: record, limit: parts.settings.taskTimeout)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask { [parts, owner] in
                try await Self.keepLease(of: record.task.id, parts: parts, owner: owner)
            }
            group.addTask {
                try await Task.sleep(for: left)
                throw Interruption.timeLimit
            }
            defer { group.cancelAll() }
            // The work is the only child that ends without an error.
            try await group.next()
        }
    }

    /// Neither the time that it waited, for a person's answer perhaps, nor the time that no service ran is held against it.
    static func timeLeft(of record: TaskRecord, limit: Duration) -> Duration {
        max(.zero, limit - .seconds(record.status == .waiting ? 0 : record.workedSeconds))
    }

    private static func keepLease(of id: TaskID, parts: PipelineParts, owner: LeaseOwner) async throws {
        let growth = parts.store.growth()
        try await withThrowingTaskGroup(of: Void.self) { group in
            @Sendable func look() async throws {
                switch try await parts.store.renew(id, owner: owner, for: parts.settings.lease) {
                case .held: return
                case .stopRequested(let by, let reason): throw Interruption.stopRequested(by: by, reason: reason)
                case .lost: throw Interruption.leaseLost
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: parts.settings.lease / 3)
                    try await look()
                }
            }
            group.addTask {
                // A request to stop is an entry in the journal; it is seen at once and not at the next heartbeat.
                var seen: Int64 = 0
                for await grown in growth where grown == id {
                    let said = try await parts.store.entries(of: id, after: seen, kinds: [.audit], limit: 100)
                    guard let last = said.last else { continue }
                    seen = last.sequence
                    try await look()
                }
                // The stream ends only with the store; the heartbeats go on without it.
                try await Task.sleep(for: .seconds(1 << 30))
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private enum Ending {
        case finished
        case failed(TaskFailure)
        case cancelled(String)
        /// Given back: for now (`nil`), or until a person has replied.
        case later(Date?, saying: String? = nil)
        case gone
    }

    private static func ending(
        for error: any Error, journal: TaskJournal, onCancel: OnCancel, log: Logger
    ) -> Ending {
        switch error {
        case Interruption.leaseLost, JournalFailure.leaseLost:
            log.warning("Lease lost; another worker goes on with the task")
            return .gone
        case Interruption.stopRequested(let by, let reason):
            return .cancelled(reason.isEmpty ? "Stopped by \(by)." : "Stopped by \(by): \(reason)")
        case Interruption.timeLimit:
            return .failed(
                TaskFailure(
                    .budget,
                    "The task did not end within its time limit. Raise TASK_TIMEOUT, or ask for a smaller step."))
        case let waiting as WaitsForReply:
            return .later(Date().addingTimeInterval(14 * 86400), saying: waiting.question)
        case is CancellationError:
            switch onCancel {
            case .end: return .cancelled("The task was stopped before it was finished.")
            case .giveBack: return .later(nil)
            }
        default:
            let failure = FailureTranslation.taskFailure(from: error)
            if let cause = failure.cause { log.error("Task failed", metadata: ["error": "\(cause)"]) }
            return .failed(failure)
        }
    }

    private static func close(
        _ id: TaskID, _ ending: Ending, journal: TaskJournal, startedAt: Date, parts: PipelineParts, owner: LeaseOwner,
        patience: Patience?, logger: Logger
    ) async throws -> TaskResult? {
        var result = journal.result
        result.durationSeconds = (parts.now().timeIntervalSince(startedAt) * 1000).rounded() / 1000
        let word: String
        switch ending {
        case .gone: return nil
        case .later(let until, let message):
            if until == nil {
                try await parts.store.postpone(
                    id, owner: owner, until: parts.now(), entries: journal.steps.takePending())
            } else if let until {
                result.status = .waiting
                result.summary = message ?? result.summary
                try await parts.store.postpone(
                    id, owner: owner, until: until, entries: journal.ending(result, as: "waiting"))
                // Who answers at once does so before the task has lain down.
                if try await journal.steps.hasUnheardInputs() { try await parts.store.hasten(id) }
            }
            return nil
        case .finished:
            result.status = .completed
            word = "completed"
        case .failed(let failure):
            if failure.isTransient, let patience,
                let date = patience.next(after: try await Patience.tries(in: parts.store, of: id), now: parts.now())
            {
                result.status = .waiting
                result.error = parts.redactor.redact(failure.message)
                try await parts.store.postpone(
                    id, owner: owner, until: date, entries: journal.ending(result, as: "waiting"))
                return nil
            }
            // Such as a subject that was closed meanwhile: told as stopped, by whichever way it is told.
            result.status = failure.kind == .cancelled ? .cancelled : .failed
            result.error = parts.redactor.redact(failure.message)
            result.errorKind = failure.kind
            word = result.status.rawValue
        case .cancelled(let reason):
            result.status = .cancelled
            result.error = reason
            result.errorKind = .cancelled
            word = "cancelled"
        }
        try await parts.store.finish(id, owner: owner, result: result, entries: journal.ending(result, as: word))
        parts.credentials.end(id)
        logger.info("Task ended", metadata: ["task.status": "\(word)"])
        return result
    }
}
