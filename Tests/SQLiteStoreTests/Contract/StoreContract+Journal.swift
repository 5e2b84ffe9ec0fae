import Domain
import Foundation
import TestSupport
import Testing

extension StoreContract {
    static let journal: [StoreContract] = [
        StoreContract("entries come back in order, whole, after a place and by kind") { (store, clock) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            clock.advance(seconds: 1)
            let entries = [try Sample.status("cloning", 5), try Sample.activity("hello"), try Sample.step("clone")]
            let last = try await store.append(entries, to: id, owner: nil)
            let all = try await store.entries(of: id, after: 0, kinds: nil, limit: 100)
            #expect(all.map(\.kind) == [.audit, .status, .activity, .step])
            #expect(all.map(\.sequence) == all.map(\.sequence).sorted() && all.last?.sequence == last)
            #expect(all.allSatisfy { $0.taskID == id } && all.last?.at == clock.now)
            #expect(all[1].payload == entries[0].payload && all[1].name == "cloning")
            let outcome = try JSONDecoder().decode(StepOutcome.self, from: all[3].payload)
            #expect(outcome == StepOutcome(value: Data("1".utf8)))
            let some = try await store.entries(of: id, after: all[0].sequence, kinds: [.status, .step], limit: 100)
            #expect(some.map(\.kind) == [.status, .step])
            #expect(try await store.entries(of: id, after: 0, kinds: nil, limit: 2).map(\.name) == ["accepted", "cloning"])
            #expect(try await store.entries(of: id, after: 0, kinds: [], limit: 2).isEmpty)
            #expect(try await store.append([], to: id, owner: nil) == last)
        },
        StoreContract("only the holder of the lease writes as the holder") { (store, _) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            await #expect(throws: JournalFailure.self) {
                try await store.append([Sample.activity("too early")], to: id, owner: Sample.owner)
            }
            #expect(try await store.claimedID() == "t1")
            await #expect(throws: JournalFailure.self) {
                try await store.append([Sample.activity("not mine")], to: id, owner: Sample.other)
            }
            try await store.append([Sample.activity("mine")], to: id, owner: Sample.owner)
            try await store.append([Sample.activity("from outside")], to: id, owner: nil)
            let titles = try await store.entries(of: id, after: 0, kinds: [.activity], limit: 9).map(\.name)
            #expect(titles == ["mine", "from outside"])
        },
        StoreContract("status lines move the task's status, and progress never falls") { (store, _) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            func after(_ word: String, _ progress: Int) async throws -> [String] {
                try await store.append([Sample.status(word, progress)], to: id, owner: nil)
                guard let record = try await store.task(id) else { return [] }
                return [record.status.rawValue, "\(record.progress)"]
            }
            #expect(try await after("started", 0) == ["pending", "0"])
            #expect(try await after("cloning", 5) == ["cloning", "5"])
            #expect(try await after("analyzing", 10) == ["analyzing", "10"])
            #expect(try await after("coding", 40) == ["coding", "40"])
            #expect(try await after("testing", 60) == ["testing", "60"])
            #expect(try await after("coding", 30) == ["coding", "60"])
            #expect(try await after("something new", 70) == ["coding", "70"])
            #expect(try await after("committing", 900) == ["committing", "100"])
            #expect(try await after("waiting", -5) == ["waiting", "100"])
        },
        StoreContract("a step has one outcome per task; recording it again is refused and changes nothing") { (store, _) async throws in
            let id = try Sample.id("t1")
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 2)])
            #expect(try await store.outcome(ofStep: "plan", task: id) == nil)
            try await store.append([Sample.step("plan", value: "first")], to: id, owner: nil)
            await #expect(throws: StoreFailure.self) {
                try await store.append([Sample.activity("lost"), Sample.step("plan", value: "second")], to: id, owner: nil)
            }
            #expect(try await store.outcome(ofStep: "plan", task: id)?.value == Data("first".utf8))
            #expect(try await store.entries(of: id, after: 0, kinds: [.activity], limit: 9).isEmpty)
            try await store.append([Sample.step("plan", value: "other")], to: Sample.id("t2"), owner: nil)
            #expect(try await store.outcome(ofStep: "plan", task: Sample.id("t2"))?.value == Data("other".utf8))
        },
        StoreContract("the newest recorded work tree is kept, and steps that change none leave it") { (store, _) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            #expect(try await store.latestTree(of: id) == nil)
            let first = Data([0, 1, 255]), second = Data(repeating: 7, count: 100_000)
            try await store.append([Sample.step("one", tree: first)], to: id, owner: nil)
            #expect(try await store.latestTree(of: id) == first)
            #expect(try await store.outcome(ofStep: "one", task: id)?.tree == first)
            try await store.append([Sample.step("two", tree: second), Sample.step("three")], to: id, owner: nil)
            #expect(try await store.latestTree(of: id) == second)
            #expect(try await store.outcome(ofStep: "two", task: id)?.tree == second)
            #expect(try await store.outcome(ofStep: "three", task: id) == StepOutcome(value: Data("1".utf8)))
            #expect(try await store.outcome(ofStep: "one", task: id)?.value == Data("1".utf8))
        },
        StoreContract("growth names each task that grew, also to a reader that comes late") { (store, _) async throws in
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 2)])
            let growth = store.growth()
            for _ in 1...50 { try await store.append([Sample.activity("again")], to: Sample.id("t1"), owner: nil) }
            try await store.append([Sample.activity("once")], to: Sample.id("t2"), owner: nil)
            var reader = growth.makeAsyncIterator()
            #expect(await reader.next()?.rawValue == "t1")
            #expect(await reader.next()?.rawValue == "t2")
            try await store.append([Sample.activity("later")], to: Sample.id("t1"), owner: nil)
            #expect(await reader.next()?.rawValue == "t1")
        },
        StoreContract("a reader of growth ends when its task is cancelled") { (store, _) async throws in
            let growth = store.growth()
            let reader = Task {
                var count = 0
                for await _ in growth { count += 1 }
                return count
            }
            reader.cancel()
            #expect(await reader.value == 0)
        },
        StoreContract("A62: any text and any bytes come back as they went in") { (store, _) async throws in
            let nasty = "a\u{0}b'); DROP TABLE task; --\u{202E}\r\n\u{1F600} %s \\ \" ?1 :x"
            var task = try Sample.local("t1", url: nasty)
            task.intent = nasty
            task.model = nasty
            _ = try await store.submit(task)
            #expect(try await store.task(task.id)?.task == task)
            let bytes = Data([0, 255, 0, 39])
            let entry = NewEntry(kind: .init(rawValue: nasty), name: nasty, payload: bytes)
            try await store.append([entry, Sample.step(nasty, value: nasty)], to: task.id, owner: nil)
            let read = try await store.entries(of: task.id, after: 0, kinds: [.init(rawValue: nasty)], limit: 9)
            #expect(read.map(\.name) == [nasty] && read.map(\.payload) == [bytes])
            #expect(try await store.outcome(ofStep: nasty, task: task.id)?.value == Data(nasty.utf8))
            #expect(try await store.outcome(ofStep: "a", task: task.id) == nil)
            let owner = LeaseOwner(host: nasty, processID: 1, processStart: .max, name: nasty)
            #expect(try await store.claimedID(owner: owner) == "t1")
            #expect(try await store.requestStop(task.id, by: nasty, reason: nasty))
            #expect(try await store.renew(task.id, owner: owner, for: .seconds(5)) == .stopRequested(by: nasty, reason: nasty))
            #expect(try await store.releaseLeases { $0 == owner }.map(\.rawValue) == ["t1"])
        },
    ]
}
