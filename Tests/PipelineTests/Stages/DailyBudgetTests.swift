import Domain
import Foundation
import SQLiteStore
import TestSupport
import Testing

@testable import Pipeline

@Suite("The day's budget", .timeLimit(.minutes(1)))
struct DailyBudgetTests {
    private static func origin(person: Int64, project: Int64) -> GitLabOrigin {
        GitLabOrigin(
            projectID: project, projectPath: "group/p\(project)", subject: .issue(iid: 1), trigger: .comment,
            requester: .init(id: person, username: "u\(person)", name: "U"), noteID: 9, at: Date(timeIntervalSince1970: 1))
    }

    /// Tasks that have ended, by person, project and cost; then one more that has cost `here` so far. Nil when it may go on.
    private func refusal(
        _ ended: [(person: Int64, project: Int64, cost: Double)], person: Int64, project: Int64, here: Double = 0, limit: Double? = 10
    ) async throws -> String? {
        try await withTemporaryFolder { folder in
            let store = try SQLiteStore.open(path: "\(folder)/s.sqlite")
            let owner = LeaseOwner(host: "here", processID: 1, processStart: 1, name: "w")
            for (number, one) in ended.enumerated() {
                let id = try #require(TaskID(rawValue: "t\(number)"))
                _ = try await store.submit(
                    CodingTask(id: id, intent: "x", origin: .gitLab(Self.origin(person: one.person, project: one.project)), createdAt: Date()))
                _ = try await store.claim(id, owner: owner, for: .seconds(60))
                var result = TaskResult(taskID: id, status: .completed, durationSeconds: 1)
                result.usage = Usage(requests: 1, inputTokens: 1, cachedTokens: 0, outputTokens: 1, cost: one.cost)
                try await store.finish(id, owner: owner, result: result, entries: [])
            }
            do {
                try await DailyBudget(store: store, limit: limit, now: Date()).allow(
                    Usage(requests: 1, inputTokens: 1, cachedTokens: 0, outputTokens: 1, cost: here), for: Self.origin(person: person, project: project))
                return nil
            } catch let failure as TaskFailure {
                #expect(failure.kind == .budget)
                return failure.message
            }
        }
    }

    @Test("A13: who is alone may spend the whole day's money, and not more")
    func alone() async throws {
        #expect(try await refusal([(1, 1, 6)], person: 1, project: 1, here: 3.9) == nil)
        #expect(try await refusal([(1, 1, 6)], person: 1, project: 1, here: 4)?.contains("limit is $10.00") == true)
        #expect(try await refusal([(1, 1, 600)], person: 1, project: 1, limit: nil) == nil)
    }

    @Test("A13: among several a person gets no more than half")
    func persons() async throws {
        let ended: [(person: Int64, project: Int64, cost: Double)] = [(1, 1, 4), (2, 1, 0.5)]
        #expect(try await refusal(ended, person: 1, project: 1, here: 0.9) == nil)
        #expect(try await refusal(ended, person: 1, project: 1, here: 1)?.contains("@u1's tasks") == true)
        #expect(try await refusal(ended, person: 2, project: 1, here: 1) == nil)
    }

    @Test("A13: among several a project gets no more than half, whoever asks")
    func projects() async throws {
        let ended: [(person: Int64, project: Int64, cost: Double)] = [(1, 1, 2), (2, 1, 2), (3, 2, 0.1)]
        #expect(try await refusal(ended, person: 4, project: 1, here: 0.9) == nil)
        #expect(try await refusal(ended, person: 4, project: 1, here: 1)?.contains("group/p1") == true)
        #expect(try await refusal(ended, person: 4, project: 2, here: 1) == nil)
    }

    @Test("A13: what tasks that still run have used counts, what the asking one has used counts once")
    func running() async throws {
        try await withTemporaryFolder { folder in
            let store = try SQLiteStore.open(path: "\(folder)/s.sqlite")
            let owner = LeaseOwner(host: "here", processID: 1, processStart: 1, name: "w")
            for (number, cost) in [4.0, 3.0, 2.0].enumerated() {
                let id = try #require(TaskID(rawValue: "t\(number)"))
                var origin = Self.origin(person: 1, project: 1)
                origin.subject = .issue(iid: Int64(number) + 1)
                _ = try await store.submit(CodingTask(id: id, intent: "x", origin: .gitLab(origin), createdAt: Date()))
                _ = try await store.claim(id, owner: owner, for: .seconds(60))
                for part in [cost / 2, cost] {
                    let activity = Activity(
                        .said, title: "x", usage: Usage(requests: 1, inputTokens: 1, cachedTokens: 0, outputTokens: 1, cost: part))
                    let entry = try NewEntry(kind: .activity, name: "x", payload: JSONEncoder().encode(activity))
                    try await store.append([entry], to: id, owner: owner)
                }
                // One waits for a person.
                if number == 1 { try await store.postpone(id, owner: owner, until: Date().addingTimeInterval(9999), entries: []) }
            }
            let asking = DailyBudget(store: store, limit: 10, now: Date(), task: TaskID(rawValue: "t2"))
            func used(_ cost: Double?) -> Usage { Usage(requests: 1, inputTokens: 1, cachedTokens: 0, outputTokens: 1, cost: cost) }
            try await asking.allow(used(2.9), for: Self.origin(person: 1, project: 1))
            await #expect(throws: TaskFailure.self) { try await asking.allow(used(3), for: Self.origin(person: 1, project: 1)) }
            // Without a price nothing can be counted, and the limit would mean nothing.
            await #expect(throws: TaskFailure.self) { try await asking.allow(used(nil), for: nil) }
            try await asking.allow(Usage(), for: nil)
        }
    }
}
