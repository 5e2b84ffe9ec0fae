import Domain
import Foundation
import TestSupport
import Testing

extension StoreContract {
    static let queue: [StoreContract] = [
        StoreContract("a submitted task is there as it was given, with a first journal line") { (store, clock) async throws in
            let task = try Sample.task("t1")
            guard case .accepted(let record) = try await store.submit(task) else {
                Issue.record("not accepted")
                return
            }
            #expect(record.task == task)
            #expect(try await store.task(task.id)?.task == task)
            #expect(record.state == .queued && record.status == .pending && record.attempts == 0)
            #expect(record.createdAt == clock.now)
            let entries = try await store.entries(of: task.id, after: 0, kinds: nil, limit: 10)
            #expect(entries.map(\.kind) == [.audit] && entries.map(\.name) == ["accepted"])
            let audit = try JSONDecoder().decode(AuditRecord.self, from: try #require(entries.first).payload)
            #expect(audit == AuditRecord(actor: "ann", action: "change", decision: "accepted"))
        },
        StoreContract("an id that is taken gives the task that has it") { (store, _) async throws in
            let first = try Sample.task("t1", intent: "first")
            _ = try await store.submit(first)
            guard case .exists(let record) = try await store.submit(try Sample.task("t1", intent: "second")) else {
                Issue.record("accepted twice")
                return
            }
            #expect(record.task == first)
            #expect(try await store.entries(of: first.id, after: 0, kinds: nil, limit: 10).count == 1)
        },
        StoreContract("a task of the command line is claimed by its id alone, unless it is asked for again") { (store, _) async throws in
            var task = try Sample.local("t1")
            task.origin = .commandLine
            _ = try await store.submit(task)
            #expect(try await store.claimedID() == nil)
            #expect(try await store.counts().queued == 1)
            #expect(try await store.claim(task.id, owner: Sample.owner, for: .seconds(30))?.task == task)
            var again = task
            again.id = try Sample.id("t2")
            again.retryOf = task.id
            _ = try await store.submit(again)
            #expect(try await store.claimedID() == "t2")
        },
        StoreContract("an empty queue gives nothing") { (store, _) async throws in
            #expect(try await store.claimedID() == nil)
            #expect(try await store.task(Sample.id("t1")) == nil)
            #expect(try await store.counts() == QueueCounts(queued: 0, leased: 0, oldestQueuedAge: nil))
        },
        StoreContract("projects with fewer running tasks come first, then the oldest task") { (store, _) async throws in
            try await store.fill([
                Sample.task("a1", project: 1, issue: 1), Sample.task("a2", project: 1, issue: 2),
                Sample.task("a3", project: 1, issue: 3), Sample.task("b1", project: 2, issue: 1),
                Sample.task("b2", project: 2, issue: 2), Sample.task("c1", project: 3, issue: 1),
            ])
            var order: [String] = []
            while let id = try await store.claimedID() { order.append(id) }
            #expect(order == ["a1", "b1", "c1", "a2", "b2", "a3"])
        },
        StoreContract("A13: one person's flood keeps nobody else in the project waiting for more than a turn") { (store, clock) async throws in
            try await store.fill((1...20).map { try Sample.task("a\($0)", issue: Int64($0), person: 5) })
            try await store.fill([Sample.task("b1", issue: 31, person: 6), Sample.task("b2", issue: 32, person: 6), Sample.task("c1", issue: 33, person: 7)])
            var order: [String] = []
            for _ in 1...5 {
                clock.advance(seconds: 1)
                let id = try #require(try await store.claimedID())
                order.append(id)
                let done = try Sample.id(id)
                try await store.finish(done, owner: Sample.owner, result: Sample.result(done, .completed), entries: [])
            }
            #expect(order == ["a1", "b1", "c1", "a2", "b2"])
            #expect(try await store.claimedID() == "a3")
            try await store.fill([Sample.task("c2", issue: 34, person: 7)])
            #expect(try await store.claimedID() == "c2")
        },
        StoreContract("two tasks of one branch never run together, and the next one follows when the first ends") { (store, _) async throws in
            try await store.fill([
                Sample.task("t1", issue: 1), Sample.task("t2", issue: 1), Sample.task("t3", issue: 2),
            ])
            #expect(try await store.claimedID() == "t1")
            #expect(try await store.claimedID() == "t3")
            #expect(try await store.claimedID() == nil)
            let first = try Sample.id("t1")
            try await store.finish(first, owner: Sample.owner, result: Sample.result(first, .completed), entries: [])
            #expect(try await store.claimedID() == "t2")
        },
        StoreContract("a task named outright is not claimed while its branch is busy") { (store, _) async throws in
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 1)])
            #expect(try await store.claimedID() == "t1")
            #expect(try await store.claim(Sample.id("t2"), owner: Sample.other, for: .seconds(60)) == nil)
        },
        StoreContract("control tasks have a lane of their own and are not held up by the work of their thread") { (store, _) async throws in
            try await store.fill([
                Sample.task("work", issue: 1), Sample.task("status", issue: 1, kind: .status),
                Sample.task("join", issue: 1, kind: .join),
            ])
            #expect(try await store.claimedID(.work) == "work")
            #expect(try await store.claimedID(.work) == nil)
            #expect(try await store.claimedID(.control) == "status")
            // In the order they were said.
            #expect(try await store.claimedID(.control) == nil)
        },
        StoreContract("every kind of task is in the lane it belongs to") { (store, _) async throws in
            for kind in CodingTask.Kind.allCases {
                _ = try await store.submit(Sample.task("k-\(kind.rawValue)", issue: 1, kind: kind))
                let lane: TaskLane = kind.isControl ? .control : .work
                let record = try #require(try await store.claim(lane, owner: Sample.owner, for: .seconds(60)))
                #expect(record.task.kind == kind)
                try await store.finish(
                    record.task.id, owner: Sample.owner, result: Sample.result(record.task.id, .completed), entries: [])
            }
        },
        StoreContract("a claim counts an attempt and notes the first start") { (store, clock) async throws in
            _ = try await store.submit(Sample.task("t1"))
            let started = clock.now
            let first = try #require(try await store.claim(.work, owner: Sample.owner, for: .seconds(60)))
            #expect(first.attempts == 1 && first.state == .leased && first.startedAt == started)
            clock.advance(seconds: 60)
            let second = try #require(try await store.claim(.work, owner: Sample.other, for: .seconds(60)))
            #expect(second.attempts == 2 && second.startedAt == started)
        },
        StoreContract("a lease that has run out is claimed by another, and its holder learns it") { (store, clock) async throws in
            _ = try await store.submit(Sample.task("t1"))
            let id = try Sample.id("t1")
            #expect(try await store.claimedID() == "t1")
            clock.advance(seconds: 30)
            #expect(try await store.renew(id, owner: Sample.owner, for: .seconds(60)) == .held)
            clock.advance(seconds: 59)
            #expect(try await store.claimedID(owner: Sample.other) == nil)
            clock.advance(seconds: 1)
            #expect(try await store.claimedID(owner: Sample.other) == "t1")
            #expect(try await store.renew(id, owner: Sample.owner, for: .seconds(60)) == .lost)
            #expect(try await store.renew(id, owner: Sample.other, for: .seconds(60)) == .held)
            await #expect(throws: JournalFailure.self) {
                try await store.append([Sample.activity("late")], to: id, owner: Sample.owner)
            }
            await #expect(throws: JournalFailure.self) {
                try await store.finish(id, owner: Sample.owner, result: Sample.result(id, .completed), entries: [])
            }
            await #expect(throws: JournalFailure.self) {
                try await store.postpone(id, owner: Sample.owner, until: clock.now, entries: [])
            }
            #expect(try await store.task(id)?.state == .leased)
        },
        StoreContract("an expired lease does not block its branch") { (store, clock) async throws in
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 1)])
            #expect(try await store.claimedID() == "t1")
            clock.advance(seconds: 61)
            #expect(try await store.claim(Sample.id("t2"), owner: Sample.other, for: .seconds(60))?.task.id.rawValue == "t2")
            #expect(try await store.claimedID() == nil)
        },
        StoreContract("a named task is claimed once, also before its time, and not when it has ended") { (store, clock) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.local("t1"))
            #expect(try await store.claim(id, owner: Sample.owner, for: .seconds(60))?.attempts == 1)
            #expect(try await store.claim(id, owner: Sample.other, for: .seconds(60)) == nil)
            try await store.postpone(id, owner: Sample.owner, until: clock.now.addingTimeInterval(900), entries: [])
            #expect(try await store.claim(.work, owner: Sample.other, for: .seconds(60)) == nil)
            #expect(try await store.claim(id, owner: Sample.other, for: .seconds(60)) != nil)
            try await store.finish(id, owner: Sample.other, result: Sample.result(id, .failed), entries: [])
            #expect(try await store.claim(id, owner: Sample.owner, for: .seconds(60)) == nil)
            #expect(try await store.claim(Sample.id("nobody"), owner: Sample.owner, for: .seconds(60)) == nil)
        },
        StoreContract("leases of dead owners are given back, others stay") { (store, _) async throws in
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 2)])
            #expect(try await store.claimedID(owner: Sample.owner) == "t1")
            #expect(try await store.claimedID(owner: Sample.other) == "t2")
            #expect(try await store.releaseLeases { $0 == Sample.owner }.map(\.rawValue) == ["t1"])
            #expect(try await store.releaseLeases { $0 == Sample.owner }.isEmpty)
            #expect(try await store.renew(Sample.id("t2"), owner: Sample.other, for: .seconds(9)) == .held)
            #expect(try await store.claimedID(owner: Sample.other) == "t1")
        },
        StoreContract("many workers at once never get the same task") { (store, _) async throws in
            for number in 1...60 { _ = try await store.submit(Sample.task("t\(number)", issue: Int64(number))) }
            let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
                for worker in 1...6 {
                    group.addTask {
                        let owner = LeaseOwner(host: "h", processID: Int32(worker), processStart: 1, name: "w")
                        var mine: [String] = []
                        while let id = try await store.claimedID(owner: owner) { mine.append(id) }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 60 && Set(claimed).count == 60)
        },
        StoreContract("pages go from the newest to the oldest and hold each task once") { (store, _) async throws in
            for number in 1...7 { _ = try await store.submit(Sample.task("t\(number)", issue: Int64(number))) }
            _ = try await store.submit(Sample.task("control", kind: .help))
            var seen: [String] = []
            var before: TaskID?
            repeat {
                let page = try await store.tasks(TaskQuery(before: before, limit: 3))
                #expect(page.tasks.count <= 3)
                seen += page.tasks.map(\.task.id.rawValue)
                before = page.next
            } while before != nil
            #expect(seen == ["t7", "t6", "t5", "t4", "t3", "t2", "t1"])
            let all = try await store.tasks(TaskQuery(includesControl: true, limit: 100))
            #expect(all.tasks.first?.task.id.rawValue == "control" && all.tasks.count == 8 && all.next == nil)
            await #expect(throws: StoreFailure.self) { try await store.tasks(TaskQuery(before: Sample.id("gone"))) }
        },
        StoreContract("a list is narrowed by status and by project") { (store, _) async throws in
            try await store.fill([
                Sample.task("t1", project: 1), Sample.task("t2", project: 2), Sample.task("t3", project: 2, issue: 2),
            ])
            #expect(try await store.claimedID() == "t1")
            try await store.append([Sample.status("coding", 40)], to: Sample.id("t1"), owner: Sample.owner)
            let coding = try await store.tasks(TaskQuery(status: .coding))
            #expect(coding.tasks.map(\.task.id.rawValue) == ["t1"])
            let second = try await store.tasks(TaskQuery(projectPath: "group/p2"))
            #expect(second.tasks.map(\.task.id.rawValue) == ["t3", "t2"])
            #expect(try await store.tasks(TaskQuery(projectPath: "group' OR 1=1 --")).tasks.isEmpty)
        },
        StoreContract("a thread's open work is found, oldest first, and its newest task ended or not") { (store, _) async throws in
            try await store.fill([
                Sample.task("t1", issue: 1), Sample.task("t2", issue: 1), Sample.task("c", issue: 1, kind: .status),
                Sample.task("t3", issue: 2),
            ])
            let thread = try #require(try Sample.task("x", issue: 1).threadKey)
            #expect(try await store.openTasks(thread: thread).map(\.task.id.rawValue) == ["t1", "t2"])
            #expect(try await store.latestTask(thread: thread)?.task.id.rawValue == "t2")
            for id in [try Sample.id("t1"), try Sample.id("t2")] {
                _ = try await store.requestStop(id, by: "ann", reason: "")
            }
            #expect(try await store.openTasks(thread: thread).isEmpty)
            #expect(try await store.latestTask(thread: thread)?.task.id.rawValue == "t2")
            #expect(try await store.latestTask(thread: "gitlab:9:issue:9") == nil)
        },
        StoreContract("counts tell what waits, what runs and how long the oldest has waited") { (store, clock) async throws in
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 2)])
            clock.advance(seconds: 10)
            _ = try await store.submit(Sample.task("t3", issue: 3))
            #expect(try await store.counts() == QueueCounts(queued: 3, leased: 0, oldestQueuedAge: 10))
            #expect(try await store.claimedID() == "t1")
            #expect(try await store.counts() == QueueCounts(queued: 2, leased: 1, oldestQueuedAge: 10))
            clock.advance(seconds: 60)
            #expect(try await store.counts() == QueueCounts(queued: 3, leased: 0, oldestQueuedAge: 70))
        },
        StoreContract("who waits for work is woken by a new task, by an ended one and by one given back") { (store, clock) async throws in
            var wakes = store.wakeUps().makeAsyncIterator()
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            #expect(await wakes.next() != nil)
            #expect(try await store.claimedID() == "t1")
            try await store.postpone(id, owner: Sample.owner, until: clock.now, entries: [])
            #expect(await wakes.next() != nil)
            #expect(try await store.claimedID() == "t1")
            try await store.finish(id, owner: Sample.owner, result: Sample.result(id, .completed), entries: [])
            #expect(await wakes.next() != nil)
        },
    ]
}
