import Domain
import Foundation
import HTTPTypes
import Hummingbird
package import Secrets

/// The secrets that came with a task from the API. They are kept in memory by whoever runs the task, and never stored.
package struct TaskSecrets: Sendable {
    package var gitLabAPIToken: Secret?
    package var webhookSecret: Secret?

    package init(gitLabAPIToken: Secret? = nil, webhookSecret: Secret? = nil) {
        self.gitLabAPIToken = gitLabAPIToken
        self.webhookSecret = webhookSecret
    }

    var isEmpty: Bool { gitLabAPIToken == nil && webhookSecret == nil }
}

/// `/api/v1/tasks` and `/api/v1/deliveries`, apart from live events.
struct TaskAPI: Sendable {
    let store: any Store
    let policy: TargetPolicy
    let keepSecrets: @Sendable (TaskID, TaskSecrets) async -> Void
    let carrySecrets: @Sendable (_ from: TaskID, _ to: TaskID) async -> Void
    let now: @Sendable () -> Date

    // MARK: Submitting

    func submit(_ request: Request, _ context: WebContext) async throws -> Response {
        guard WebhookIntake.isJSON(request) else {
            throw APIProblem(.unsupportedMediaType, "not_json", "Send the task as application/json.")
        }
        let body = try await request.body.collect(upTo: TaskRequest.maximumBytes)
        let wanted: TaskRequest
        do {
            wanted = try TaskRequest(json: Data(body.readableBytesView))
            try policy.check(wanted)
        } catch {
            throw APIProblem(.badRequest, error.code.rawValue, error.message)
        }
        let task = wanted.task(id: newID(), origin: .api, at: now())
        let secrets = TaskSecrets(gitLabAPIToken: wanted.gitLabAPIToken, webhookSecret: wanted.webhookSecret)
        // A worker may take the task at once, so the secrets are there first. For a known id they are not replaced.
        if !secrets.isEmpty, try await store.task(task.id) == nil { await keepSecrets(task.id, secrets) }
        switch try await store.submit(task) {
        case .accepted(let record):
            return location(of: record, .json(TaskView(record), status: .accepted))
        case .exists(let record):
            guard record.task.asks(theSameAs: task) else {
                throw APIProblem(.conflict, "task_id_taken", "Another task has this `task_id` already; choose another one.")
            }
            return location(of: record, .json(TaskView(record)))
        }
    }

    private func newID() -> TaskID {
        var random = SystemRandomNumberGenerator()
        return .random(now: Int64(now().timeIntervalSince1970 * 1000), using: &random)
    }

    private func location(of record: TaskRecord, _ response: Response) -> Response {
        var response = response
        response.headers[.location] = "/api/v1/tasks/\(record.task.id)"
        return response
    }

    // MARK: Looking

    private struct List: Encodable {
        let tasks: [TaskView]
        let next: String?
    }

    func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let page = try await page(try Self.query(request))
        return .json(List(tasks: page.tasks.map(TaskView.init), next: page.next?.rawValue))
    }

    /// A page of tasks, for the API and the dashboard.
    func page(_ query: TaskQuery) async throws -> TaskPage {
        do {
            return try await store.tasks(query)
        } catch let failure as StoreFailure where failure.code == .notFound {
            throw APIProblem(.badRequest, "invalid_value", "`before` names a task that is no longer there. Begin with the first page again.")
        }
    }

    /// The filters of a list, for the API and the dashboard.
    static func query(_ request: Request) throws -> TaskQuery {
        let parameters = request.uri.queryParameters
        var query = TaskQuery(limit: 50)
        if let text = parameters["status"], !text.isEmpty {
            guard let status = TaskStatus(rawValue: String(text)) else {
                let known = TaskStatus.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIProblem(.badRequest, "invalid_value", "`status` must be one of \(known).")
            }
            query.status = status
        }
        if let text = parameters["project"], !text.isEmpty { query.projectPath = String(text.prefix(1000)) }
        if let text = parameters["before"], !text.isEmpty {
            guard let id = TaskID(rawValue: String(text)) else {
                throw APIProblem(.badRequest, "invalid_value", "`before` must be the `next` of the page before.")
            }
            query.before = id
        }
        query.limit = try limit(request)
        query.includesControl = parameters["control"].map { $0 == "true" } ?? false
        return query
    }

    static func limit(_ request: Request) throws -> Int {
        guard let text = request.uri.queryParameters["limit"] else { return 50 }
        guard let limit = Int(text), (1...100).contains(limit) else {
            throw APIProblem(.badRequest, "invalid_value", "`limit` must be a whole number from 1 to 100.")
        }
        return limit
    }

    func show(_ request: Request, _ context: WebContext) async throws -> Response {
        .json(TaskView(try await record(context)))
    }

    /// The task that the path names.
    func record(_ context: WebContext) async throws -> TaskRecord {
        guard let id = TaskID(rawValue: context.parameters.get("id") ?? ""), let record = try await store.task(id) else {
            throw APIProblem.noSuchTask
        }
        return record
    }

    // MARK: Steering

    func stop(_ request: Request, _ context: WebContext) async throws -> Response {
        let record = try await stop(context)
        return .json(TaskView(record), status: .accepted)
    }

    /// Asks the task of the path to stop.
    func stop(_ context: WebContext) async throws -> TaskRecord {
        let record = try await record(context)
        guard try await store.requestStop(record.task.id, by: "operator", reason: "Stopped by the operator.") else {
            throw APIProblem(.conflict, "task_has_ended", "The task has ended already.")
        }
        return try await store.task(record.task.id) ?? record
    }

    func retry(_ request: Request, _ context: WebContext) async throws -> Response {
        let record = try await retry(context)
        return location(of: record, .json(TaskView(record), status: .accepted))
    }

    /// Makes a new task of the ended one.
    func retry(_ context: WebContext) async throws -> TaskRecord {
        let record = try await record(context)
        guard record.state == .ended else {
            throw APIProblem(.conflict, "task_has_not_ended", "The task has not ended; stop it first.")
        }
        guard !record.task.kind.isControl else {
            throw APIProblem(.conflict, "not_retryable", "This is an answer to a command, not work that could be done again.")
        }
        if case .commandLine = record.task.origin, (try? RepositoryAddress(record.task.repositoryURL ?? ""))?.isLocal == true {
            throw APIProblem(.conflict, "not_retryable", "It worked on a path of this machine, which only the command line may name; run it there.")
        }
        var task = record.task
        task.id = newID()
        task.createdAt = now()
        task.retryOf = record.task.id
        await carrySecrets(record.task.id, task.id)
        switch try await store.submit(task) {
        case .accepted(let record), .exists(let record): return record
        }
    }

    // MARK: Deliveries

    private struct DeliveryView: Encodable {
        let sequence: Int64
        let delivery_id: String
        let received_at: Date
        let event: String
        let project: String?
        let result: String
        let reason: String
        let task_id: String?
    }

    private struct Deliveries: Encodable {
        let deliveries: [DeliveryView]
        let next: Int64?
    }

    func deliveries(_ request: Request, _ context: WebContext) async throws -> Response {
        let before = try request.uri.queryParameters["before"].map { text -> Int64 in
            guard let sequence = Int64(text), sequence > 0 else {
                throw APIProblem(.badRequest, "invalid_value", "`before` must be the `next` of the page before.")
            }
            return sequence
        }
        let limit = try Self.limit(request)
        let records = try await store.deliveries(before: before, limit: limit)
        return .json(
            Deliveries(
                deliveries: records.map { record in
                    DeliveryView(
                        sequence: record.sequence, delivery_id: record.id, received_at: record.receivedAt, event: record.event,
                        project: record.projectPath, result: record.result.rawValue, reason: record.reason,
                        task_id: record.taskID?.rawValue)
                }, next: records.count == limit ? records.last?.sequence : nil))
    }
}

extension CodingTask {
    /// Whether it is the same request, whenever it was made.
    fileprivate func asks(theSameAs other: CodingTask) -> Bool {
        var copy = other
        copy.createdAt = createdAt
        return self == copy
    }
}
