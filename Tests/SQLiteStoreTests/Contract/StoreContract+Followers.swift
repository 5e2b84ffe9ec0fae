import Domain
import Foundation
import TestSupport
import Testing

extension StoreContract {
    static let followers: [StoreContract] = [
        StoreContract("a follower stands behind until it has dealt with the last entry of its kinds") { (store, clock) async throws in
            let id = try Sample.id("t1")
            _ = try await store.submit(Sample.task("t1"))
            func behind() async throws -> [String] {
                try await store.tasksBehind(follower: "webhook", kinds: [.status], now: clock.now, limit: 10).map(\.rawValue)
            }
            #expect(try await behind() == [])
            let first = try await store.append([Sample.status("started", 0)], to: id, owner: nil)
            let second = try await store.append([Sample.status("cloning", 5), Sample.activity("x")], to: id, owner: nil) - 1
            #expect(try await behind() == ["t1"])
            try await store.save(FollowerCursor(follower: "webhook", taskID: id, sequence: first))
            #expect(try await behind() == ["t1"])
            try await store.save(FollowerCursor(follower: "webhook", taskID: id, sequence: second))
            #expect(try await behind() == [])
            try await store.append([Sample.activity("not for it")], to: id, owner: nil)
            #expect(try await behind() == [])
            try await store.append([Sample.status("coding", 40)], to: id, owner: nil)
            #expect(try await behind() == ["t1"])
        },
        StoreContract("a place is kept whole, one for each follower and task") { (store, clock) async throws in
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 2)])
            let id = try Sample.id("t1")
            #expect(try await store.cursor(of: "note", task: id) == FollowerCursor(follower: "note", taskID: id))
            var cursor = FollowerCursor(
                follower: "note", taskID: id, sequence: 7, attempts: 3, notBefore: clock.now, state: Data([1, 0, 2]))
            try await store.save(cursor)
            #expect(try await store.cursor(of: "note", task: id) == cursor)
            cursor = FollowerCursor(follower: "note", taskID: id, sequence: 8)
            try await store.save(cursor)
            #expect(try await store.cursor(of: "note", task: id) == cursor)
            #expect(try await store.cursor(of: "webhook", task: id).sequence == 0)
            #expect(try await store.cursor(of: "note", task: Sample.id("t2")).sequence == 0)
            try await store.save(FollowerCursor(follower: "note", taskID: Sample.id("nobody"), sequence: 1))
        },
        StoreContract("a follower that waits is left alone until its time") { (store, clock) async throws in
            let id = try Sample.id("t1")
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 2)])
            func behind() async throws -> [String] {
                try await store.tasksBehind(follower: "webhook", kinds: [.status], now: clock.now, limit: 10).map(\.rawValue)
            }
            #expect(try await store.nextDue(follower: "webhook") == nil)
            try await store.append([Sample.status("started", 0)], to: id, owner: nil)
            try await store.append([Sample.status("started", 0)], to: Sample.id("t2"), owner: nil)
            #expect(try await behind() == ["t1", "t2"])
            let due = clock.now.addingTimeInterval(10)
            try await store.save(FollowerCursor(follower: "webhook", taskID: id, attempts: 1, notBefore: due))
            #expect(try await behind() == ["t2"])
            #expect(try await store.nextDue(follower: "webhook") == due)
            // Growing does not bring the time forward.
            try await store.append([Sample.status("cloning", 5)], to: id, owner: nil)
            #expect(try await behind() == ["t2"])
            clock.advance(seconds: 10)
            #expect(try await behind() == ["t1", "t2"])
            let last = try await store.append([], to: id, owner: nil)
            try await store.save(FollowerCursor(follower: "webhook", taskID: id, sequence: last, notBefore: due))
            #expect(try await store.nextDue(follower: "webhook") == nil)
        },
        StoreContract("who has waited longest comes first, and no more than asked for") { (store, clock) async throws in
            for number in 1...5 { _ = try await store.submit(Sample.task("t\(number)", issue: Int64(number))) }
            for number in [3, 1, 5, 2, 4] {
                try await store.append([Sample.status("started", 0)], to: Sample.id("t\(number)"), owner: nil)
            }
            let behind = try await store.tasksBehind(follower: "w", kinds: [.status], now: clock.now, limit: 3)
            #expect(behind.map(\.rawValue) == ["t3", "t1", "t5"])
        },
        StoreContract("a new follower, and one that reads more kinds, sees what was there before it") { (store, clock) async throws in
            let id = try Sample.id("t1")
            try await store.fill([Sample.task("t1", issue: 1), Sample.task("t2", issue: 2)])
            let status = try await store.append([Sample.status("started", 0)], to: id, owner: nil)
            try await store.append([Sample.activity("hello")], to: Sample.id("t2"), owner: nil)
            func behind(_ kinds: Set<JournalEntry.Kind>) async throws -> [String] {
                try await store.tasksBehind(follower: "note", kinds: kinds, now: clock.now, limit: 10).map(\.rawValue)
            }
            #expect(try await behind([.status]) == ["t1"])
            try await store.save(FollowerCursor(follower: "note", taskID: id, sequence: status))
            #expect(try await behind([.status]) == [])
            #expect(try await behind([.status, .activity]) == ["t2"])
            #expect(try await behind([.status]) == [])
        },
    ]
}
