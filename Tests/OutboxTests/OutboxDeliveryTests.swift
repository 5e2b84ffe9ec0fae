import Domain
import Foundation
import SQLiteStore
import Secrets
import TestSupport
import Testing

@testable import Outbox

@Suite("Delivering status", .timeLimit(.minutes(1)))
struct OutboxDeliveryTests {
    @Test("a message is tried five times, then the next one is sent and the task's transcript says so")
    func giveUp() async throws {
        try await OutboxFixture.run { fixture in
            let answer: WebhookReceiver.Answer = { message, _ in (try? message.status) == "started" ? .status(500) : .ok }
            try await WebhookReceiver.run(answering: answer) { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "started", "cloning")
                #expect(try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30)).isEmpty)
                let told = try receiver.messages.map { try $0.status }
                #expect(told == Array(repeating: "started", count: 5) + ["cloning"])
                let notes = try await fixture.store.entries(of: id, after: 0, kinds: [.activity], limit: 9)
                #expect(notes.count == 1 && notes.first?.name.contains("started") == true)
                #expect(try await fixture.store.task(id)?.state == .queued)
            }
        }
    }

    @Test("a receiver that is gone for good is not asked twice about the same message")
    func gone() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run(answering: { _, _ in .status(410) }) { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "started", "cloning")
                #expect(try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30)).isEmpty)
                #expect(try receiver.messages.map { try $0.status } == ["started", "cloning"])
            }
        }
    }

    @Test("Retry-After is waited for")
    func retryAfter() async throws {
        try await OutboxFixture.run { fixture in
            let answer: WebhookReceiver.Answer = { _, all in all.count == 1 ? .status(429, ["Retry-After": "1"]) : .ok }
            try await WebhookReceiver.run(answering: answer) { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "started")
                #expect(try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30)).isEmpty)
                let times = receiver.messages.map(\.at)
                #expect(times.count == 2)
                #expect(times[1] - times[0] >= .milliseconds(990))
            }
        }
    }

    @Test("A60: a redirect is not followed", arguments: [301, 302, 303, 307, 308])
    func redirect(_ code: Int) async throws {
        try await OutboxFixture.run { fixture in
            let answer: WebhookReceiver.Answer = { _, _ in .status(code, ["Location": "/elsewhere"]) }
            try await WebhookReceiver.run(answering: answer) { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "started")
                #expect(try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30)).isEmpty)
                #expect(receiver.messages.map(\.path) == Array(repeating: "/hook", count: 5))
            }
        }
    }

    @Test("a receiver that never answers costs its time limit, and the message is tried again")
    func silence() async throws {
        try await OutboxFixture.run { fixture in
            let answer: WebhookReceiver.Answer = { _, all in all.count == 1 ? .never : .ok }
            try await WebhookReceiver.run(answering: answer) { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "started")
                var rules = OutboxFixture.quick
                rules.timeout = .milliseconds(200)
                #expect(try await fixture.outbox(to: receiver, rules: rules).drain(task: id, deadline: .seconds(30)).isEmpty)
                #expect(receiver.messages.count == 2)
            }
        }
    }

    @Test("many tasks at once: each task's messages are in order and come once, and a stuck receiver holds up no other")
    func order() async throws {
        try await OutboxFixture.run { fixture in
            let answer: WebhookReceiver.Answer = { message, all in
                if (try? message.task) == "t1" { return .never }
                // Every third message fails on its first try.
                return all.count.isMultiple(of: 3) ? .status(503) : .ok
            }
            try await WebhookReceiver.run(answering: answer) { receiver in
                let words = ["started", "cloning", "analyzing", "coding", "testing", "committing", "completed"]
                let outbox = try fixture.outbox(to: receiver)
                let ids = try await (1...20).asyncMap { try await fixture.submit("t\($0)") }
                try await fixture.running(outbox) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for id in ids {
                            group.addTask { for word in words { try await fixture.tell(id, word) } }
                        }
                        try await group.waitForAll()
                    }
                    for id in ids.dropFirst() {
                        #expect(try await outbox.drain(task: id, deadline: .seconds(30)).isEmpty)
                    }
                }
                for id in ids.dropFirst() {
                    var told: [String] = []
                    for message in receiver.messages where try message.task == id.rawValue {
                        // Tries of the same message stand next to each other.
                        if try told.last != message.status { told.append(try message.status) }
                    }
                    #expect(told == words, "\(id)")
                }
            }
        }
    }

    @Test("after a restart it goes on where it stopped, with the tries counted on")
    func restart() async throws {
        try await OutboxFixture.run { fixture in
            let answer: WebhookReceiver.Answer = { message, all in
                (try? message.status) == "cloning" && all.count < 4 ? .status(500) : .ok
            }
            try await WebhookReceiver.run(answering: answer) { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "started", "cloning", "analyzing")
                let first = try fixture.outbox(to: receiver)
                #expect(try await first.deliver(id) != .upToDate)
                #expect(try receiver.messages.map { try $0.status } == ["started", "cloning"])
                #expect(try await fixture.store.cursor(of: "webhook", task: id).attempts == 1)
                let next = try fixture.restarted()
                let second = try next.outbox(to: receiver)
                #expect(try await next.running(second) { try await receiver.wait(for: 5) }.count == 5)
                #expect(try receiver.messages.map { try $0.status } == ["started", "cloning", "cloning", "cloning", "analyzing"])
                #expect(Set(receiver.messages[1...3].map { $0.headers["webhook-id"] }).count == 1)
            }
        }
    }

    @Test("what is told while the outbox runs goes out without waiting for the next look")
    func growth() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                var rules = OutboxFixture.quick
                rules.poll = 3600
                let outbox = try fixture.outbox(to: receiver, rules: rules)
                try await fixture.running(outbox) {
                    let id = try await fixture.submit("t1")
                    try await fixture.tell(id, "started")
                    #expect(try await receiver.wait(for: 1).count == 1)
                    try await fixture.tell(id, "cloning")
                    #expect(try await receiver.wait(for: 2).count == 2)
                }
            }
        }
    }

    @Test("what another process has written is found by looking")
    func polling() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let outbox = try fixture.outbox(to: receiver)
                let elsewhere = OutboxFixture(
                    path: fixture.path, store: try .open(path: fixture.path), transport: fixture.transport)
                try await fixture.running(outbox) {
                    let id = try await elsewhere.submit("t1")
                    try await elsewhere.tell(id, "started")
                    #expect(try await receiver.wait(for: 1).count == 1)
                }
            }
        }
    }

    @Test("draining while the outbox runs sends nothing twice")
    func drainBeside() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let outbox = try fixture.outbox(to: receiver)
                try await fixture.running(outbox) {
                    let id = try await fixture.submit("t1")
                    for number in 1...20 { try await fixture.tell(id, "coding", progress: number) }
                    #expect(try await outbox.drain(task: id, deadline: .seconds(30)).isEmpty)
                }
                let ids = receiver.messages.compactMap { $0.headers["webhook-id"] }
                #expect(ids.count == 20 && Set(ids).count == 20)
            }
        }
    }

    @Test("draining ends at its deadline and tells what is left")
    func deadline() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run(answering: { _, _ in .never }) { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "started", "cloning", "failed")
                let start = ContinuousClock.now
                let pending = try await fixture.outbox(to: receiver).drain(task: id, deadline: .milliseconds(300))
                #expect(pending.messages == 3)
                #expect(ContinuousClock.now - start < .seconds(8))
                // Being cut short is no failed try.
                #expect(try await fixture.store.cursor(of: "webhook", task: id).attempts == 0)
            }
        }
    }

    @Test("where nobody is to be told, messages count as dealt with; those of another process stay", arguments: [true, false])
    func routes(_ isSkipped: Bool) async throws {
        try await OutboxFixture.run { fixture in
            let id = try await fixture.submit("t1")
            try await fixture.tell(id, "started", "cloning")
            let outbox = fixture.outbox { _ in isSkipped ? .skip : .leave }
            let pending = try await outbox.drain(task: id, deadline: .seconds(30))
            #expect(pending.messages == (isSkipped ? 0 : 2))
        }
    }

    @Test("control tasks are not told of")
    func control() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let id = try await fixture.submit("t1", kind: .help)
                try await fixture.tell(id, "started", "completed")
                #expect(try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30)).isEmpty)
                #expect(receiver.messages.isEmpty)
            }
        }
    }

    @Test("a refused connection is a failed try, not an end")
    func refused() async throws {
        try await OutboxFixture.run { fixture in
            let id = try await fixture.submit("t1")
            try await fixture.tell(id, "started")
            // Port 1 on loopback: nobody listens there.
            let target = try WebhookTarget(url: "http://127.0.0.1:1/hook")
            var rules = OutboxFixture.quick
            rules.timeout = .milliseconds(200)
            let outbox = fixture.outbox(rules: rules) { _ in .send(target) }
            #expect(try await outbox.deliver(id) != .upToDate)
            #expect(try await fixture.store.cursor(of: "webhook", task: id).attempts == 1)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
