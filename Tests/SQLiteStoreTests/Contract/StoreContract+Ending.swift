import Domain
import Foundation
import TestSupport
import Testing

extension StoreContract {
    static let ending: [StoreContract] = [
        StoreContract("an ended task has its result, its last lines and no lease") { (store, clock) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            #expect(try await store.claimedID() == "t1")
            clock.advance(seconds: 5)
            try await store.finish(
                id, owner: Sample.owner, result: Sample.result(id, .completed), entries: [Sample.status("completed", 100)])
            let record = try #require(try await store.task(id))
            #expect(record.state == .ended && record.status == .completed && record.progress == 100)
            #expect(record.result == Sample.result(id, .completed) && record.endedAt == clock.now)
            #expect(try await store.entries(of: id, after: 0, kinds: [.status], limit: 9).map(\.name) == ["completed"])
            #expect(try await store.renew(id, owner: Sample.owner, for: .seconds(1)) == .lost)
            await #expect(throws: JournalFailure.self) {
                try await store.finish(id, owner: Sample.owner, result: Sample.result(id, .failed), entries: [])
            }
        },
        StoreContract("A13: what was spent is told by project and person, and only of the time asked for") { (store, clock) async throws in
            for (id, project, cost) in [("t1", Int64(1), 1.5), ("t2", 1, 0.25), ("t3", 2, 4.0)] {
                _ = try await store.submit(Sample.task(id, project: project))
                _ = try await store.claim(Sample.id(id), owner: Sample.owner, for: .seconds(60))
                var result = Sample.result(try Sample.id(id), .completed)
                result.usage = Usage(requests: 1, inputTokens: 1, cachedTokens: 0, outputTokens: 1, cost: cost)
                try await store.finish(Sample.id(id), owner: Sample.owner, result: result, entries: [])
            }
            _ = try await store.submit(Sample.local("t4"))
            _ = try await store.claim(Sample.id("t4"), owner: Sample.owner, for: .seconds(60))
            var result = Sample.result(try Sample.id("t4"), .failed)
            result.usage = Usage(requests: 1, inputTokens: 1, cachedTokens: 0, outputTokens: 1, cost: 0.5)
            try await store.finish(Sample.id("t4"), owner: Sample.owner, result: result, entries: [])
            let spent = try await store.spending(since: clock.now, besides: nil)
            let expected: Set<Spending> = [
                Spending(projectID: 1, personID: 5, cost: 1.75), Spending(projectID: 2, personID: 5, cost: 4),
                Spending(projectID: nil, personID: nil, cost: 0.5),
            ]
            #expect(Set(spent) == expected && spent.count == 3)
            clock.advance(seconds: 1)
            #expect(try await store.spending(since: clock.now, besides: nil) == [])
        },
        StoreContract("only the time that somebody works on a task counts as worked") { (store, clock) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            clock.advance(seconds: 100)
            #expect(try await store.claimedID() == "t1")
            clock.advance(seconds: 10)
            #expect(try await store.renew(id, owner: Sample.owner, for: .seconds(60)) == .held)
            clock.advance(seconds: 5)
            try await store.append([Sample.activity("hello")], to: id, owner: Sample.owner)
            clock.advance(seconds: 1)
            try await store.append([Sample.activity("from outside")], to: id, owner: nil)
            // It dies, and nobody is there for two hours.
            clock.advance(seconds: 7200)
            let again = try #require(try await store.claim(.work, owner: Sample.other, for: .seconds(60)))
            #expect(again.workedSeconds == 15)
            clock.advance(seconds: 4)
            try await store.postpone(id, owner: Sample.other, until: clock.now.addingTimeInterval(900), entries: [])
            clock.advance(seconds: 900)
            #expect(try await store.claim(.work, owner: Sample.owner, for: .seconds(60))?.workedSeconds == 19)
        },
        StoreContract("a postponed task comes back at its time, with its status") { (store, clock) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            #expect(try await store.claimedID() == "t1")
            let until = clock.now.addingTimeInterval(30)
            try await store.postpone(id, owner: Sample.owner, until: until, entries: [Sample.status("waiting", 20)])
            let waiting = try #require(try await store.task(id))
            #expect(waiting.state == .queued && waiting.status == .waiting && waiting.notBefore == until)
            #expect(try await store.counts().oldestQueuedAge == nil)
            clock.advance(seconds: 29.999)
            #expect(try await store.claimedID() == nil)
            clock.advance(seconds: 0.001)
            #expect(try await store.claimedID() == "t1")
        },
        StoreContract("a stop reaches the running task through its lease; the first to ask is named") { (store, _) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            #expect(try await store.claimedID() == "t1")
            #expect(try await store.requestStop(id, by: "ann", reason: "not needed"))
            #expect(try await store.requestStop(id, by: "bob", reason: "me too"))
            let state = try await store.renew(id, owner: Sample.owner, for: .seconds(9))
            #expect(state == .stopRequested(by: "ann", reason: "not needed"))
            #expect(try await store.task(id)?.state == .leased)
            let audits = try await store.entries(of: id, after: 0, kinds: [.audit], limit: 9)
            #expect(audits.map(\.name) == ["accepted", "stop", "stop"])
        },
        StoreContract("a waiting task is stopped at once and says who stopped it") { (store, clock) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            clock.advance(seconds: 3)
            #expect(try await store.requestStop(id, by: "ann", reason: "not needed"))
            let record = try #require(try await store.task(id))
            #expect(record.state == .ended && record.status == .cancelled && record.endedAt == clock.now)
            #expect(record.result?.error == "Stopped by ann: not needed" && record.result?.errorKind == .cancelled)
            #expect(record.result?.durationSeconds == 3)
            let last = try #require(try await store.entries(of: id, after: 0, kinds: [.status], limit: 9).last)
            let change = try JSONDecoder().decode(StatusChange.self, from: last.payload)
            #expect(change.status == "cancelled" && change.result == record.result)
            #expect(try await store.claimedID() == nil)
            #expect(try await store.requestStop(id, by: "ann", reason: "again") == false)
        },
        StoreContract("a stop asked for while the task runs holds when the task is put off") { (store, clock) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            #expect(try await store.claimedID() == "t1")
            #expect(try await store.requestStop(id, by: "ann", reason: "enough"))
            try await store.postpone(id, owner: Sample.owner, until: clock.now.addingTimeInterval(900), entries: [])
            #expect(try await store.task(id)?.status == .cancelled)
        },
        StoreContract("a forgotten task's id is free again, and a running task can't be forgotten") { (store, _) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.local("t1"))
            await #expect(throws: StoreFailure.self) { try await store.forget(id) }
            #expect(try await store.claimedID() == "t1")
            await #expect(throws: StoreFailure.self) { try await store.forget(id) }
            let last = try await store.append([Sample.step("one")], to: id, owner: Sample.owner)
            try await store.save(FollowerCursor(follower: "webhook", taskID: id, sequence: last))
            try await store.finish(id, owner: Sample.owner, result: Sample.result(id, .failed), entries: [])
            try await store.forget(id)
            #expect(try await store.task(id) == nil)
            #expect(try await store.outcome(ofStep: "one", task: id) == nil)
            guard case .accepted = try await store.submit(Sample.local("t1")) else {
                Issue.record("the id is still taken")
                return
            }
            // Sequences are never used again, so that a place in the old journal can't hide lines of the new one.
            let entries = try await store.entries(of: id, after: 0, kinds: nil, limit: 9)
            #expect(entries.count == 1 && entries.allSatisfy { $0.sequence > last })
            #expect(try await store.cursor(of: "webhook", task: id).sequence == 0)
            try await store.forget(Sample.id("nobody"))
        },
        StoreContract("pruning removes tasks that ended long ago, a few at a time, and nothing else") { (store, clock) async throws in
            for number in 1...5 {
                let id = try Sample.id("old\(number)")
                _ = try await store.submit(Sample.task("old\(number)", issue: Int64(number)))
                _ = try await store.requestStop(id, by: "ann", reason: "")
            }
            _ = try await store.submit(Sample.task("open", issue: 8))
            let border = clock.now.addingTimeInterval(1)
            clock.advance(seconds: 2)
            _ = try await store.submit(Sample.task("young", issue: 9))
            _ = try await store.requestStop(Sample.id("young"), by: "ann", reason: "")
            #expect(try await store.prune(endedBefore: border, limit: 3) == 3)
            #expect(try await store.prune(endedBefore: border, limit: 3) == 2)
            #expect(try await store.prune(endedBefore: border, limit: 3) == 0)
            #expect(try await store.tasks(TaskQuery()).tasks.map(\.task.id.rawValue) == ["young", "open"])
            #expect(try await store.entries(of: Sample.id("old1"), after: 0, kinds: nil, limit: 9).isEmpty)
        },
        StoreContract("what is asked of a task that is not there is told, not ignored") { (store, clock) async throws in
            let id = try Sample.id("nobody")
            await #expect(throws: StoreFailure.self) { try await store.append([], to: id, owner: nil) }
            await #expect(throws: StoreFailure.self) { try await store.requestStop(id, by: "ann", reason: "") }
            await #expect(throws: StoreFailure.self) {
                try await store.postpone(id, owner: Sample.owner, until: clock.now, entries: [])
            }
            #expect(try await store.renew(id, owner: Sample.owner, for: .seconds(1)) == .lost)
        },
    ]
}
