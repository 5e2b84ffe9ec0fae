import Domain
import Foundation
import TestSupport
import Testing

extension StoreContract {
    static let intake: [StoreContract] = [
        StoreContract("a delivery and its task are written down together") { (store, _) async throws in
            let task = try Sample.task("t1")
            let outcome = try await store.accept(Sample.delivery("d1", meaning: "m1", task: task))
            #expect(outcome == .accepted(task.id, reason: "command"))
            #expect(try await store.task(task.id)?.task == task)
            let audit = try #require(try await store.entries(of: task.id, after: 0, kinds: nil, limit: 9).first)
            #expect(try JSONDecoder().decode(AuditRecord.self, from: audit.payload).detail == "command")
            let record = try #require(try await store.delivery(id: "d1"))
            #expect(record.result == .accepted && record.taskID == task.id && record.reason == "command")
            #expect(record.event == "Note Hook" && record.projectPath == "group/p1")
            #expect(record.receivedAt == Date(timeIntervalSince1970: 1_700_000_000))
        },
        StoreContract("A12: the same delivery again changes nothing, and says which task it led to") { (store, _) async throws in
            let task = try Sample.task("t1")
            _ = try await store.accept(Sample.delivery("d1", meaning: "m1", task: task))
            let again = try await store.accept(Sample.delivery("d1", meaning: "m1", task: Sample.task("t2")))
            #expect(again == .duplicate(of: "d1", task.id))
            #expect(try await store.task(Sample.id("t2")) == nil)
            _ = try await store.accept(Sample.delivery("d2", reason: "no_command"))
            #expect(try await store.accept(Sample.delivery("d2", task: Sample.task("t3"))) == .duplicate(of: "d2", nil))
            #expect(try await store.task(Sample.id("t3")) == nil)
            #expect(try await store.deliveries(before: nil, limit: 9).map(\.id) == ["d2", "d1"])
        },
        StoreContract("A12: another delivery of the same event makes no second task and can be explained") { (store, _) async throws in
            let task = try Sample.task("t1")
            _ = try await store.accept(Sample.delivery("group-hook", meaning: "m", task: task))
            let second = try await store.accept(Sample.delivery("project-hook", meaning: "m", task: Sample.task("t2")))
            #expect(second == .duplicate(of: "group-hook", task.id))
            #expect(try await store.task(Sample.id("t2")) == nil)
            let record = try #require(try await store.delivery(id: "project-hook"))
            #expect(record.result == .duplicate && record.taskID == task.id && record.reason == "same_event")
            let third = try await store.accept(Sample.delivery("project-hook", meaning: "m", task: Sample.task("t3")))
            #expect(third == .duplicate(of: "project-hook", task.id))
        },
        StoreContract("deliveries without a meaning are told apart by their id alone") { (store, _) async throws in
            #expect(try await store.accept(Sample.delivery("d1", reason: "own_note")) == .ignored(reason: "own_note"))
            #expect(try await store.accept(Sample.delivery("d2", reason: "own_note")) == .ignored(reason: "own_note"))
            #expect(try await store.delivery(id: "d1")?.result == .ignored)
        },
        StoreContract("a task that joins another is made only while its thread has open work") { (store, _) async throws in
            func join(_ number: Int) async throws -> IntakeOutcome {
                let task = try Sample.task("join\(number)", issue: 1, kind: .join)
                return try await store.accept(Sample.delivery("d\(number)", task: task, needs: .openTask))
            }
            #expect(try await join(1) == .ignored(reason: "no_running_task"))
            #expect(try await store.task(Sample.id("join1")) == nil)
            _ = try await store.submit(Sample.task("other", issue: 2))
            _ = try await store.submit(Sample.task("control", issue: 1, kind: .status))
            #expect(try await join(2) == .ignored(reason: "no_running_task"))
            _ = try await store.submit(Sample.task("work", issue: 1))
            #expect(try await join(3) == .accepted(Sample.id("join3"), reason: "command"))
            _ = try await store.requestStop(Sample.id("work"), by: "ann", reason: "")
            #expect(try await join(4) == .ignored(reason: "no_running_task"))
            #expect(try await store.delivery(id: "d4")?.reason == "no_running_task")
        },
        StoreContract("a task about a review is made only in a thread that has or had one") { (store, _) async throws in
            func accept(_ number: Int, needs: NewDelivery.Need) async throws -> IntakeOutcome {
                let task = try Sample.task("about\(number)", issue: 1, kind: .join)
                return try await store.accept(Sample.delivery("d\(number)", task: task, needs: needs))
            }
            _ = try await store.submit(Sample.task("elsewhere", issue: 2, kind: .review))
            // Words that look like a stored review are words.
            _ = try await store.submit(Sample.task("work", issue: 1, kind: .change, intent: "\",\"kind\":\"review"))
            #expect(try await accept(1, needs: .review) == .ignored(reason: "no_running_task"))
            #expect(try await accept(2, needs: .openTaskOrReview) == .accepted(Sample.id("about2"), reason: "command"))
            _ = try await store.requestStop(Sample.id("work"), by: "ann", reason: "")
            #expect(try await accept(3, needs: .openTaskOrReview) == .ignored(reason: "no_running_task"))
            _ = try await store.submit(Sample.task("review", issue: 1, kind: .review))
            _ = try await store.requestStop(Sample.id("review"), by: "ann", reason: "")
            #expect(try await accept(4, needs: .review) == .accepted(Sample.id("about4"), reason: "command"))
            #expect(try await accept(5, needs: .openTaskOrReview) == .accepted(Sample.id("about5"), reason: "command"))
            #expect(try await accept(6, needs: .openTask) == .ignored(reason: "no_running_task"))
        },
        StoreContract("a task id that is taken makes no second task") { (store, _) async throws in
            _ = try await store.submit(Sample.task("t1", intent: "first"))
            let id = try Sample.id("t1")
            let outcome = try await store.accept(Sample.delivery("d1", task: Sample.task("t1", intent: "second")))
            #expect(outcome == .duplicate(of: "d1", id))
            #expect(try await store.task(id)?.task.intent == "first")
        },
        StoreContract("A12: ten copies of a delivery at once make one task") { (store, _) async throws in
            let outcomes = try await withThrowingTaskGroup(of: IntakeOutcome.self) { group in
                for number in 1...10 {
                    group.addTask {
                        try await store.accept(Sample.delivery("same", meaning: "m", task: Sample.task("t\(number)")))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let accepted = outcomes.compactMap { if case .accepted(let id, _) = $0 { id } else { nil } }
            #expect(accepted.count == 1)
            #expect(outcomes.filter { $0 == .duplicate(of: "same", accepted.first) }.count == 9)
            #expect(try await store.tasks(TaskQuery()).tasks.map(\.task.id) == accepted)
        },
        StoreContract("a thousand deliveries at once: each has its own outcome, none is lost") { (store, _) async throws in
            let outcomes = try await withThrowingTaskGroup(of: (Int, IntakeOutcome).self) { group in
                for number in 1...1_000 {
                    group.addTask {
                        let task = number.isMultiple(of: 4) ? nil : try Sample.task("t\(number)", issue: Int64(number))
                        let delivery = Sample.delivery("d\(number)", meaning: "m\(number)", task: task, reason: "r\(number)")
                        return (number, try await store.accept(delivery))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (number, outcome) in outcomes {
                let expected: IntakeOutcome =
                    number.isMultiple(of: 4)
                    ? .ignored(reason: "r\(number)") : .accepted(try Sample.id("t\(number)"), reason: "r\(number)")
                #expect(outcome == expected)
            }
            #expect(try await store.counts().queued == 750)
            #expect(try await store.deliveries(before: nil, limit: 1_000).count == 1_000)
        },
        StoreContract("A13: a flood by one person ends at a bound, which others and answers at once do not feel") { (store, _) async throws in
            let flood = 2_001
            let outcomes = try await withThrowingTaskGroup(of: IntakeOutcome.self) { group in
                for number in 1...flood {
                    group.addTask { try await store.accept(Sample.delivery("d\(number)", task: Sample.task("t\(number)", issue: Int64(number)))) }
                }
                return try await group.reduce(into: [IntakeOutcome]()) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == .ignored(reason: "too_many_tasks") }.count == 1)
            let other = try await store.accept(Sample.delivery("other", task: Sample.task("other", issue: 9_001, person: 6)))
            let stop = try await store.accept(Sample.delivery("stop", task: Sample.task("stop", issue: 9_002, kind: .stop)))
            for outcome in [other, stop] {
                if case .accepted = outcome { continue }
                Issue.record("\(outcome)")
            }
            let turns = [try await store.claimedID(), try await store.claimedID()]
            #expect(turns.contains("other"))
        },
        StoreContract("deliveries are listed newest first, page by page, and pruned by age") { (store, _) async throws in
            for number in 1...5 { _ = try await store.accept(Sample.delivery("d\(number)")) }
            let first = try await store.deliveries(before: nil, limit: 2)
            #expect(first.map(\.id) == ["d5", "d4"])
            let second = try await store.deliveries(before: first.last?.sequence, limit: 9)
            #expect(second.map(\.id) == ["d3", "d2", "d1"])
            let received = Date(timeIntervalSince1970: 1_700_000_000)
            #expect(try await store.pruneDeliveries(before: received, limit: 9) == 0)
            #expect(try await store.pruneDeliveries(before: received.addingTimeInterval(1), limit: 3) == 3)
            #expect(try await store.deliveries(before: nil, limit: 9).map(\.id) == ["d5", "d4"])
            #expect(try await store.delivery(id: "d1") == nil)
        },
        StoreContract("A62: a delivery's texts come back as they went in") { (store, _) async throws in
            let nasty = "x\u{0}'; DELETE FROM delivery; --"
            var delivery = Sample.delivery(nasty, meaning: nasty, reason: nasty)
            delivery.event = nasty
            delivery.projectPath = nasty
            #expect(try await store.accept(delivery) == .ignored(reason: nasty))
            let record = try #require(try await store.delivery(id: nasty))
            #expect(record.id == nasty && record.event == nasty && record.projectPath == nasty && record.reason == nasty)
            #expect(try await store.accept(Sample.delivery("x", meaning: "x", reason: "own_note")) == .ignored(reason: "own_note"))
        },
        StoreContract("an accepted delivery wakes the workers and is growth") { (store, _) async throws in
            var wakes = store.wakeUps().makeAsyncIterator()
            var growth = store.growth().makeAsyncIterator()
            _ = try await store.accept(Sample.delivery("d1", task: Sample.task("t1")))
            #expect(await wakes.next() != nil)
            #expect(await growth.next()?.rawValue == "t1")
        },
    ]
}
