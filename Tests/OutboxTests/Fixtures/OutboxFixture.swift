import Domain
import Foundation
import Logging
import SQLiteStore
import Secrets
import TestSupport
import Transport

@testable import Outbox

/// A store on disk, the real transport, and an outbox that tells one receiver.
struct OutboxFixture: Sendable {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    let path: String
    let store: SQLiteStore
    let transport: NetworkTransport

    static func run<Result: Sendable>(_ body: (OutboxFixture) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            let path = folder + "/store.sqlite"
            let transport = try NetworkTransport(logger: silent)
            let fixture = OutboxFixture(path: path, store: try SQLiteStore.open(path: path), transport: transport)
            do {
                let result = try await body(fixture)
                await transport.shutdown()
                return result
            } catch {
                await transport.shutdown()
                throw error
            }
        }
    }

    /// The same file, opened by a process that has just started.
    func restarted() throws -> OutboxFixture {
        try store.close()
        return OutboxFixture(path: path, store: try SQLiteStore.open(path: path), transport: transport)
    }

    static let silent = Logger(label: "outbox", factory: { _ in SwiftLogNoOpLogHandler() })

    static var quick: DeliveryRules {
        var rules = DeliveryRules()
        rules.base = 0.005
        rules.poll = 0.05
        return rules
    }

    func outbox(
        rules: DeliveryRules = OutboxFixture.quick, redactor: Redactor = Redactor(),
        route: @escaping @Sendable (CodingTask) async -> WebhookRoute
    ) -> StatusWebhookOutbox {
        StatusWebhookOutbox(
            store: store, transport: transport, redactor: redactor, rules: rules, logger: Self.silent, route: route)
    }

    func outbox(
        to receiver: WebhookReceiver, secret: String? = OutboxFixture.secret, rules: DeliveryRules = OutboxFixture.quick,
        redactor: Redactor = Redactor()
    ) throws -> StatusWebhookOutbox {
        let target = try WebhookTarget(url: receiver.url, secrets: secret.map { [Secret($0)] } ?? [])
        return outbox(rules: rules, redactor: redactor) { _ in .send(target) }
    }

    @discardableResult
    func submit(_ name: String, kind: CodingTask.Kind = .change) async throws -> TaskID {
        let id = try taskID(name)
        let task = CodingTask(id: id, kind: kind, repositoryURL: "/srv/\(name)", intent: "do it", origin: .api, createdAt: Date())
        _ = try await store.submit(task)
        return id
    }

    func taskID(_ name: String) throws -> TaskID {
        guard let id = TaskID(rawValue: name) else { throw StoreFailure(.unexpected, "no task id") }
        return id
    }

    func tell(_ id: TaskID, _ words: String..., progress: Int = 10) async throws {
        for word in words { try await tell(id, StatusChange(status: word, progress: progress)) }
    }

    func tell(_ id: TaskID, _ change: StatusChange) async throws {
        let payload = try JSONEncoder().encode(change)
        try await store.append([NewEntry(kind: .status, name: change.status, payload: payload)], to: id, owner: nil)
    }

    /// Runs the outbox beside `body` and ends it with it.
    func running<Result: Sendable>(
        _ outbox: StatusWebhookOutbox, _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await outbox.run()
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
