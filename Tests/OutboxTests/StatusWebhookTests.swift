import Crypto
import Domain
import Foundation
import SQLiteStore
import Secrets
import TestSupport
import Testing

@testable import Outbox

@Suite("Status webhooks", .timeLimit(.minutes(1)))
struct StatusWebhookTests {
    @Test("each status becomes one message of the agreed shape, in order")
    func shape() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let id = try await fixture.submit("task_001")
                var plan = StatusChange(status: "analyzing", progress: 20)
                plan.plan = Plan(summary: "s", files: ["a.py"], changes: ["c"], tests: ["t"])
                plan.repo = "https://gitlab.com/group/project.git"
                var coded = StatusChange(status: "coding", progress: 40)
                coded.iteration = 1
                coded.changes = [FileChange(.modified, "src/auth.py"), FileChange(.created, "b")]
                try await fixture.tell(id, StatusChange(status: "started", progress: 0))
                try await fixture.tell(id, plan)
                try await fixture.tell(id, coded)
                let outbox = try fixture.outbox(to: receiver)
                #expect(try await outbox.drain(task: id, deadline: .seconds(30)).isEmpty)
                let messages = receiver.messages
                #expect(try messages.map { try $0.status } == ["started", "analyzing", "coding"])
                for message in messages {
                    let json = try message.json
                    #expect(Set(json.keys) == ["task_id", "status", "timestamp", "data"])
                    #expect(json["task_id"] as? String == "task_001")
                    #expect(message.headers["content-type"] == "application/json")
                    #expect(message.headers["user-agent"] == "ai-coder")
                    let time = try #require(json["timestamp"] as? String)
                    #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
                }
                let entries = try await fixture.store.entries(of: id, after: 0, kinds: [.status], limit: 9)
                let told = try messages.map { try #require($0.json["timestamp"] as? String) }
                let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
                for (text, entry) in zip(told, entries) {
                    #expect(abs(try Date(text, strategy: style).timeIntervalSince(entry.at)) < 0.002)
                }
                #expect(try messages[0].data["progress"] as? Int == 0)
                let sentPlan = try #require(try messages[1].data["plan"] as? [String: Any])
                #expect(sentPlan["files"] as? [String] == ["a.py"])
                #expect(try messages[1].data["repo"] as? String == "https://gitlab.com/group/project.git")
                #expect(try messages[2].data["changes"] as? [String] == ["modified: src/auth.py", "created: b"])
                #expect(Set(messages.compactMap { $0.headers["webhook-id"] }).count == 3)
            }
        }
    }

    @Test("the last message tells the whole result")
    func result() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let id = try await fixture.submit("t1")
                var result = TaskResult(taskID: id, status: .completed, durationSeconds: 2.1)
                result.commitHash = "abc"
                result.branch = "ai/t1"
                result.changes = [FileChange(.deleted, "old")]
                var last = StatusChange(status: "completed", progress: 100)
                last.result = result
                try await fixture.tell(id, last)
                _ = try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30))
                let data = try #require(try receiver.messages.first?.data)
                #expect(data["commit_hash"] as? String == "abc" && data["changes"] as? [String] == ["deleted: old"])
                #expect((data["result"] as? [String: Any])?["branch"] as? String == "ai/t1")
                #expect(data["progress"] as? Int == 100 && data["status"] == nil)
            }
        }
    }

    @Test("both signatures are the ones a receiver computes, on every try")
    func signatures() async throws {
        try await OutboxFixture.run { fixture in
            let answer: WebhookReceiver.Answer = { _, all in all.count < 3 ? .status(500) : .ok }
            try await WebhookReceiver.run(answering: answer) { receiver in
                let id = try await fixture.submit("task.with.dots")
                try await fixture.tell(id, "started")
                #expect(try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30)).isEmpty)
                let messages = receiver.messages
                #expect(messages.count == 3)
                #expect(Set(messages.map { $0.headers["webhook-id"] }).count == 1)
                #expect(Set(messages.map(\.body)).count == 1)
                let key = try #require(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
                for message in messages {
                    let signedID = try #require(message.headers["webhook-id"])
                    #expect(!signedID.contains("."))
                    let time = try #require(message.headers["webhook-timestamp"])
                    #expect(abs(try #require(Double(time)) - Date().timeIntervalSince1970) < 60)
                    let signed = Data("\(signedID).\(time).".utf8) + message.body
                    let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key))
                    #expect(message.headers["webhook-signature"] == "v1," + Data(code).base64EncodedString())
                    let plain = HMAC<SHA256>.authenticationCode(
                        for: message.body, using: SymmetricKey(data: Data(OutboxFixture.secret.utf8)))
                    let hex = plain.map { ("0" + String($0, radix: 16)).suffix(2) }.joined()
                    #expect(message.headers["x-signature-256"] == "sha256=" + hex)
                }
            }
        }
    }

    @Test("without a secret nothing is signed, and the message still has its id")
    func unsigned() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "started")
                _ = try await fixture.outbox(to: receiver, secret: nil).drain(task: id, deadline: .seconds(30))
                let headers = try #require(receiver.messages.first).headers
                #expect(headers["webhook-id"] != nil && headers["webhook-timestamp"] != nil)
                #expect(headers["webhook-signature"] == nil && headers["x-signature-256"] == nil)
            }
        }
    }

    @Test("progress never falls in what is told, also across a restart")
    func progress() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let id = try await fixture.submit("t1")
                try await fixture.tell(id, "coding", progress: 60)
                _ = try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30))
                try await fixture.tell(id, "coding", progress: 40)
                try await fixture.tell(id, "testing", progress: 70)
                _ = try await fixture.outbox(to: receiver).drain(task: id, deadline: .seconds(30))
                #expect(try receiver.messages.map { try $0.data["progress"] as? Int } == [60, 60, 70])
            }
        }
    }

    @Test("A56: secrets are taken out of what is told")
    func redaction() async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let id = try await fixture.submit("t1")
                var failed = StatusChange(status: "failed", progress: 10)
                failed.error = "cloning with planted-secret-value failed"
                try await fixture.tell(id, failed)
                let outbox = try fixture.outbox(to: receiver, redactor: Redactor(secrets: [Secret("planted-secret-value")]))
                _ = try await outbox.drain(task: id, deadline: .seconds(30))
                let body = String(decoding: try #require(receiver.messages.first).body, as: UTF8.self)
                #expect(body.contains("cloning with *** failed") && !body.contains("planted"))
            }
        }
    }
}
