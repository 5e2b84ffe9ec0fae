import Domain
import Foundation
import TestSupport
import Testing

/// What every store must do, whatever it is made of: a list of checks, to be run as the arguments of one test per store.
///
/// Each check gets an empty store that reads the time from `clock`.
struct StoreContract: Sendable, CustomTestStringConvertible {
    let name: String
    let check: @Sendable (_ store: any Store, _ clock: HandClock) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (_ store: any Store, _ clock: HandClock) async throws -> Void) {
        self.name = name
        self.check = check
    }

    var testDescription: String { name }

    static let all = queue + ending + journal + followers + intake
}

/// Tasks, owners and deliveries as the checks need them.
enum Sample {
    static let owner = LeaseOwner(host: "here", processID: 17, processStart: 4711, name: "worker-1")
    static let other = LeaseOwner(host: "here", processID: 18, processStart: 4712, name: "worker-2")

    static func id(_ text: String) throws -> TaskID {
        guard let id = TaskID(rawValue: text) else { throw StoreFailure(.unexpected, "\(text) is no task id") }
        return id
    }

    static func task(
        _ id: String, project: Int64 = 1, issue: Int64 = 1, kind: CodingTask.Kind = .change, intent: String = "do it", person: Int64 = 5
    ) throws -> CodingTask {
        let origin = GitLabOrigin(
            projectID: project, projectPath: "group/p\(project)", subject: .issue(iid: issue), trigger: .comment,
            requester: .init(id: person, username: "ann", name: "Ann"), noteID: 9, at: Date(timeIntervalSince1970: 1_699_999_999))
        return CodingTask(
            id: try Sample.id(id), kind: kind, intent: intent, origin: .gitLab(origin),
            createdAt: Date(timeIntervalSince1970: 1_700_000_000))
    }

    static func local(_ id: String, url: String? = "/srv/repo") throws -> CodingTask {
        CodingTask(
            id: try Sample.id(id), repositoryURL: url, intent: "do it", origin: .api,
            createdAt: Date(timeIntervalSince1970: 1_700_000_000))
    }

    static func delivery(
        _ id: String, meaning: String? = nil, task: CodingTask? = nil, needs: NewDelivery.Need? = nil,
        reason: String = "command"
    ) -> NewDelivery {
        NewDelivery(
            id: id, meaning: meaning, receivedAt: Date(timeIntervalSince1970: 1_700_000_000), event: "Note Hook",
            projectID: 1, projectPath: "group/p1", task: task, needs: needs, reason: reason,
            reasonWithoutThread: "no_running_task")
    }

    static func status(_ word: String, _ progress: Int) throws -> NewEntry {
        NewEntry(
            kind: .status, name: word,
            payload: try JSONEncoder().encode(StatusChange(status: word, progress: progress)))
    }

    static func activity(_ title: String) throws -> NewEntry {
        NewEntry(kind: .activity, name: title, payload: try JSONEncoder().encode(Activity(.said, title: title)))
    }

    static func step(_ name: String, value: String = "1", tree: Data? = nil) throws -> NewEntry {
        NewEntry(
            kind: .step, name: name, payload: try JSONEncoder().encode(StepOutcome(value: Data(value.utf8), tree: tree)))
    }

    static func result(_ id: TaskID, _ status: TaskStatus) -> TaskResult {
        var result = TaskResult(taskID: id, status: status, durationSeconds: 1.5)
        result.branch = "ai/1-login"
        return result
    }
}

extension TaskQueue {
    /// Submits tasks in this order.
    func fill(_ tasks: [CodingTask]) async throws {
        for task in tasks { _ = try await submit(task) }
    }

    func claimedID(_ lane: TaskLane = .work, owner: LeaseOwner = Sample.owner) async throws -> String? {
        try await claim(lane, owner: owner, for: .seconds(60))?.task.id.rawValue
    }
}
