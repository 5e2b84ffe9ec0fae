package import Domain
import Foundation
package import Logging
package import Secrets
package import Transport

/// Tells the outside about tasks' status: each status entry of a journal becomes one signed message.
///
/// It follows the journals from durable places of its own, so it goes on where it stopped after a restart, and no task waits for it.
/// A task's messages go out one after another; one that is given up makes way for the next. After a crash a message may be sent again,
/// with the same id.
package final class StatusWebhookOutbox: Sendable {
    /// Under which name its places are kept.
    package static let follower = "webhook"
    static let kinds: Set<JournalEntry.Kind> = [.status]

    let store: any TaskQueue & Journal & FollowerCursors
    let rules: DeliveryRules
    let logger: Logger
    private let transport: any HTTPTransport
    private let redactor: Redactor
    private let route: @Sendable (CodingTask) async -> WebhookRoute
    private let lanes = TaskLanes()

    /// - Parameter route: where a task's status goes; asked anew for each batch of messages.
    package init(
        store: any TaskQueue & Journal & FollowerCursors, transport: any HTTPTransport, redactor: Redactor = Redactor(),
        rules: DeliveryRules = DeliveryRules(), logger: Logger, route: @escaping @Sendable (CodingTask) async -> WebhookRoute
    ) {
        self.store = store
        self.transport = transport
        self.redactor = redactor
        self.rules = rules
        self.logger = logger
        self.route = route
    }

    /// What became of a task's messages.
    enum Standing: Sendable, Equatable {
        /// All are dealt with.
        case upToDate
        /// The next one is to be tried at this time.
        case due(Date)
        /// They are not this process's to send.
        case left
    }

    /// Sends what is due for one task until there is nothing more or a try has failed.
    func deliver(_ id: TaskID) async throws -> Standing {
        try await lanes.inLane(of: id) { try await deliverInLane(id) } ?? .due(rules.now())
    }

    private func deliverInLane(_ id: TaskID) async throws -> Standing {
        while true {
            try Task.checkCancellation()
            guard let task = try await store.task(id)?.task else { return .upToDate }
            var cursor = try await store.cursor(of: Self.follower, task: id)
            if let due = cursor.notBefore, due > rules.now() { return .due(due) }
            let entries = try await store.entries(of: id, after: cursor.sequence, kinds: Self.kinds, limit: 20)
            guard let last = entries.last else { return .upToDate }
            // Control tasks are questions about a task, not work of their own.
            switch task.kind.isControl ? .skip : await route(task) {
            case .leave: return .left
            case .skip:
                (cursor.sequence, cursor.attempts, cursor.notBefore) = (last.sequence, 0, nil)
                try await store.save(cursor)
            case .send(let target):
                for entry in entries {
                    if let due = try await send(entry, to: target, cursor: &cursor) { return .due(due) }
                }
            }
        }
    }

    /// Tries one message and keeps what came of it. Returns when to try again; nil when the message is dealt with.
    private func send(_ entry: JournalEntry, to target: WebhookTarget, cursor: inout FollowerCursor) async throws -> Date? {
        let progress = cursor.state.flatMap { try? JSONDecoder().decode(Told.self, from: $0) }?.progress ?? 0
        let message = try StatusMessage(entry, progressSoFar: progress, redactor: redactor)
        let answer = try await exchange(message, with: target)
        var metadata: Logger.Metadata = [
            "task.id": "\(entry.taskID)", "task.status": "\(message.status)", "webhook.host": "\(target.host)",
            "webhook.try": "\(cursor.attempts + 1)", "webhook.answer": "\(answer.text)",
        ]
        let verdict = rules.verdict(status: answer.status, headers: answer.headers, failures: cursor.attempts)
        if case .again(let wait) = verdict {
            let due = rules.now().addingTimeInterval(wait)
            cursor.attempts += 1
            cursor.notBefore = due
            try await store.save(cursor)
            metadata["webhook.wait"] = "\(wait)"
            logger.debug("Status webhook failed, to be tried again", metadata: metadata)
            return due
        }
        (cursor.sequence, cursor.attempts, cursor.notBefore) = (entry.sequence, 0, nil)
        cursor.state = try JSONEncoder().encode(Told(progress: message.progress))
        try await store.save(cursor)
        if verdict == .givenUp {
            logger.warning("Status webhook given up", metadata: metadata)
            try await note("Status \"\(message.status)\" could not be told to \(target.host)", answer.text, in: entry.taskID)
        } else {
            logger.debug("Status webhook delivered", metadata: metadata)
        }
        return nil
    }

    private struct Told: Codable {
        var progress: Int
    }

    private struct Answer: Sendable {
        var status: Int?
        var headers: HeaderFields
        var text: String
    }

    private func exchange(_ message: StatusMessage, with target: WebhookTarget) async throws -> Answer {
        let request = message.request(to: target, at: rules.now(), timeout: rules.timeout)
        do {
            return try await transport.withResponse(to: request) { response in
                // Read only so that the connection can be used again; what a receiver answers beyond its status is its own affair.
                _ = try? await response.collect(upTo: 16 << 10)
                return Answer(status: response.status, headers: response.headers, text: "HTTP \(response.status)")
            }
        } catch {
            // Being cancelled is no fault of the receiver.
            try Task.checkCancellation()
            return Answer(status: nil, headers: [:], text: "\(error)")
        }
    }

    /// A line in the task's transcript; a task that is gone meanwhile has none.
    private func note(_ title: String, _ detail: String, in id: TaskID) async throws {
        let activity = Activity(.warning, title: title, detail: redactor.redact(detail))
        let entry = NewEntry(kind: .activity, name: title, payload: try JSONEncoder().encode(activity))
        do {
            try await store.append([entry], to: id, owner: nil)
        } catch let failure as StoreFailure where failure.code == .notFound {
            return
        }
    }
}
