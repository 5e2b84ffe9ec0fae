package import Domain
import Foundation
import Logging

extension StatusWebhookOutbox {
    private enum Event: Sendable {
        case delivered(TaskID, Standing)
        case grown
        case timer(Date)
    }

    /// Delivers until cancelled, several tasks side by side. A failing store ends it; a failing receiver does not.
    package func run() async throws {
        let growth = GrowthSignal(store.growth())
        try await withThrowingTaskGroup(of: Event.self) { group in
            defer { group.cancelAll() }
            group.addTask { await growth.pump() }
            group.addTask { await growth.next() }
            var schedule = Schedule(leftSince: rules.now())
            while true {
                let time = rules.now()
                for id in try await tasksToDeliver(schedule, at: time) {
                    schedule.busy.insert(id)
                    group.addTask { .delivered(id, try await self.deliver(id)) }
                }
                // What was due by then is in hand, or comes when a place is free: no alarm rings for it.
                let due = try await store.nextDue(follower: Self.follower).flatMap { $0 > time ? $0 : nil }
                if let alarm = schedule.nextAlarm(due: due, poll: time.addingTimeInterval(rules.poll)) {
                    group.addTask { [rules] in
                        try await rules.sleep(max(0, alarm.timeIntervalSince(rules.now())))
                        return .timer(alarm)
                    }
                }
                switch try await group.next() {
                case .delivered(let id, let standing):
                    schedule.busy.remove(id)
                    if standing == .left { schedule.left.insert(id) }
                case .grown: group.addTask { await growth.next() }
                case .timer(let alarm): schedule.rang(alarm, at: rules.now())
                case nil: return
                }
                try Task.checkCancellation()
            }
        }
    }

    private func tasksToDeliver(_ schedule: Schedule, at time: Date) async throws -> [TaskID] {
        let free = rules.width - schedule.busy.count
        guard free > 0 else { return [] }
        let limit = free + schedule.busy.count + schedule.left.count
        let behind = try await store.tasksBehind(
            follower: Self.follower, kinds: Self.kinds, now: time, limit: limit)
        return Array(behind.filter { !schedule.busy.contains($0) && !schedule.left.contains($0) }.prefix(free))
    }

    /// Who is at work, who is left alone, and when to look again.
    private struct Schedule {
        var busy: Set<TaskID> = []
        /// Tasks that another process tells of. Asked about anew now and then, since that process may be gone.
        var left: Set<TaskID> = []
        var leftSince: Date
        private var alarms: Set<Date> = []

        init(leftSince: Date) { self.leftSince = leftSince }

        /// The time to wake up at, unless an alarm that comes no later is set already.
        mutating func nextAlarm(due: Date?, poll: Date) -> Date? {
            let alarm = min(due ?? poll, poll)
            if let set = alarms.min(), set <= alarm { return nil }
            alarms.insert(alarm)
            return alarm
        }

        mutating func rang(_ alarm: Date, at time: Date) {
            alarms.remove(alarm)
            if time.timeIntervalSince(leftSince) > 60 || left.count > 1_000 { (left, leftSince) = ([], time) }
        }
    }

    /// What is left of a task's messages after `drain`.
    package struct Pending: Sendable, Hashable {
        /// Messages that were neither delivered nor given up. They go out with the next process on this store.
        package var messages: Int
        package var isEmpty: Bool { messages == 0 }
    }

    /// Delivers what one task still has to tell, retries included, before the process ends; no longer than `deadline`.
    package func drain(task id: TaskID, deadline: Duration) async throws -> Pending {
        let delivery = { @Sendable in
            while case .due(let time) = try await self.deliver(id) {
                try await self.rules.sleep(max(0.001, time.timeIntervalSince(self.rules.now())))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await delivery() }
            group.addTask { [rules] in try await rules.sleep(deadline / .seconds(1)) }
            defer { group.cancelAll() }
            try await group.next()
        }
        let cursor = try await store.cursor(of: Self.follower, task: id)
        let open = try await store.entries(of: id, after: cursor.sequence, kinds: Self.kinds, limit: 1_000)
        return Pending(messages: open.count)
    }

    /// Turns a stream of many small growths into single wake-ups.
    private final class GrowthSignal: Sendable {
        private let growth: AsyncStream<TaskID>
        private let signal: AsyncStream<Void>
        private let raise: AsyncStream<Void>.Continuation

        init(_ growth: AsyncStream<TaskID>) {
            self.growth = growth
            (signal, raise) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        }

        /// Ends with the stream, that is with cancellation.
        func pump() async -> Event {
            for await _ in growth { raise.yield() }
            return .grown
        }

        func next() async -> Event {
            var reader = signal.makeAsyncIterator()
            _ = await reader.next()
            return .grown
        }
    }
}
