import Domain
import Foundation
import SQLiteStore
import TestSupport
import Testing

@testable import Pipeline

@Suite("A task's time", .timeLimit(.minutes(1)))
struct TimeLimitTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private static func record(_ status: TaskStatus, worked: Double) throws -> TaskRecord {
        let task = CodingTask(id: try #require(TaskID(rawValue: "t1")), intent: "x", origin: .commandLine, createdAt: start)
        return TaskRecord(task: task, state: .leased, status: status, createdAt: start, startedAt: start, workedSeconds: worked)
    }

    @Test("a task that was begun long ago has the time left that nobody has worked on it")
    func downtime() throws {
        #expect(TaskWorker.timeLeft(of: try Self.record(.coding, worked: 600), limit: .seconds(3600)) == .seconds(3000))
        #expect(TaskWorker.timeLeft(of: try Self.record(.coding, worked: 9000), limit: .seconds(3600)) == .zero)
        #expect(TaskWorker.timeLeft(of: try Self.record(.waiting, worked: 9000), limit: .seconds(3600)) == .seconds(3600))
    }

    @Test("in a trouble that stays the pauses grow up to a quarter of an hour, and after six hours it is over")
    func pauses() throws {
        var (tries, now) = ([Date](), Self.start)
        var pauses: [TimeInterval] = []
        while let next = Patience().next(after: tries, now: now) {
            pauses.append(next.timeIntervalSince(now))
            tries.append(now)
            now = next
        }
        #expect(pauses.prefix(5) == [5, 5, 10, 20, 40])
        #expect(pauses == pauses.sorted() && pauses.last == 900)
        #expect((21_600.0...22_500).contains(now.timeIntervalSince(Self.start)))
    }

    @Test("hours in which no service ran are not waited hours")
    func serviceDown() throws {
        let tries = [Self.start, Self.start.addingTimeInterval(5)]
        #expect(Patience().next(after: tries, now: Self.start.addingTimeInterval(86_400)) != nil)
        #expect(Patience().next(after: [], now: Self.start) == Self.start.addingTimeInterval(5))
    }

    @Test("a trouble begins when the last one has passed, and waiting for a person is none")
    func trouble() async throws {
        try await withTemporaryFolder { folder in
            let clock = HandClock(Self.start)
            let store = try SQLiteStore.open(path: "\(folder)/s.sqlite", now: { clock.now })
            let task = try Self.record(.coding, worked: 0).task
            _ = try await store.submit(task)
            func tell(_ status: String, error: String? = nil) async throws {
                clock.advance(seconds: 60)
                var change = StatusChange(status: status, progress: 5)
                change.error = error
                try await store.append(
                    [NewEntry(kind: .status, name: status, payload: JSONEncoder().encode(change))], to: task.id, owner: nil)
            }
            try await tell("waiting", error: "GitLab is away.")
            try await tell("coding")
            try await tell("waiting", error: "The model is away.")
            try await tell("waiting", error: "The model is away.")
            let seconds = try await Patience.tries(in: store, of: task.id).map { $0.timeIntervalSince(Self.start) }
            #expect(seconds == [180, 240])
            try await tell("waiting")
            #expect(try await Patience.tries(in: store, of: task.id).isEmpty)
        }
    }
}
