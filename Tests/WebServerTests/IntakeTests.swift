import Crypto
import Domain
import Foundation
import GitLabAPI
import NIOCore
import SQLiteStore
import Secrets
import Testing

@testable import WebServer

@Suite("POST /webhooks/gitlab", .timeLimit(.minutes(2)))
struct IntakeTests {
    static func note(id: Int = 1, text: String = "/ai do it", author: Int = 57) -> String {
        """
        {"object_kind": "note", "event_type": "note", "user": {"id": \(author), "username": "dcole", "name": "Dana"},
         "project_id": 42, "project": {"id": 42, "path_with_namespace": "acme/widgets", "visibility_level": 0},
         "object_attributes": {"id": \(id), "note": \(encoded(text)), "noteable_type": "Issue", "author_id": \(author),
         "action": "create", "project_id": 42, "created_at": "2026-11-02 09:15:00 UTC", "updated_at": "2026-11-02 09:15:00 UTC",
         "discussion_id": "abc"}, "issue": {"id": 7, "iid": 318, "title": "t", "state": "opened"}}
        """
    }

    static func encoded(_ text: String) -> String {
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }

    @Test("an accepted delivery is written down with its task before the answer")
    func accepted() async throws {
        try await WebBench.run { web in
            let reply = try await web.deliver(Self.note(), id: "delivery-1")
            #expect(reply.status == 202)
            #expect(reply.string("result") == "accepted")
            #expect(reply.string("reason") == "command_do")
            #expect(reply.string("delivery_id") == "delivery-1")
            let id = try #require(reply.string("task_id").flatMap(TaskID.init(rawValue:)))
            #expect(try await web.store.task(id)?.task.intent == "it")
            #expect(try await web.store.delivery(id: "delivery-1")?.result == .accepted)
        }
    }

    @Test("A03: retries, the same note by another hook and ten copies at once make one task")
    func duplicates() async throws {
        try await WebBench.run { web in
            let replies = try await withThrowingTaskGroup(of: WebReply.self) { group in
                for index in 0..<10 {
                    group.addTask { try await web.deliver(Self.note(), id: index < 5 ? "same" : "other-\(index)") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.count { $0.status == 202 } == 1)
            #expect(replies.count { $0.status == 200 && $0.string("result") == "duplicate" } == 9)
            #expect(Set(replies.map { $0.string("task_id") }).count == 1)
            #expect(try await web.store.tasks(TaskQuery()).tasks.count == 1)
        }
    }

    @Test(
        "A01: exactly one right token in exactly one header is needed",
        arguments: [
            ([], "missing_token"), ([("X-Gitlab-Token", "")], "missing_token"), ([("X-Gitlab-Token", "wrong")], "wrong_token"),
            ([("X-Gitlab-Token", WebBench.token), ("X-Gitlab-Token", WebBench.token)], "repeated_header"),
            ([("X-Gitlab-Token", "\(WebBench.token), \(WebBench.token)")], "wrong_token"),
            ([("X-Gitlab-Token", "Bearer \(WebBench.token)")], "wrong_token"),
            ([("Authorization", "Bearer \(WebBench.token)")], "missing_token"), ([("X-Gitlab-Tokens", WebBench.token)], "missing_token"),
            ([("Cookie", "X-Gitlab-Token=\(WebBench.token)")], "missing_token"),
            ([("X-Gitlab-Token", WebBench.token.uppercased())], "wrong_token"),
        ] as [([(String, String)], String)])
    func tokens(_ headers: [(String, String)], reason: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.deliver(Self.note(), token: nil, headers: headers)
            #expect(reply.status == 401)
            #expect((reply.string("result"), reply.string("reason")) == ("rejected", reason))
            let query = try await web.send(
                "POST", "/webhooks/gitlab?token=\(WebBench.token)&X-Gitlab-Token=\(WebBench.token)",
                headers: [("Content-Type", "application/json")], body: Self.note())
            #expect(query.status == 401)
            #expect(try await web.store.tasks(TaskQuery()).tasks.isEmpty)
            #expect(try await web.store.deliveries(before: nil, limit: 10).isEmpty)
        }
    }

    @Test("A02: a stranger is refused before the body comes")
    func refusedEarly() async throws {
        try await WebBench.run { web in
            let reply = try await web.raw(
                """
                POST /webhooks/gitlab HTTP/1.1\r\nHost: h\r\nX-Gitlab-Token: wrong\r\nContent-Type: application/json\r\n\
                Content-Length: 1000000\r\n\r\n
                """)
            #expect(reply.status == 401)
            #expect(reply.header("connection") == "close")
        }
    }

    @Test(
        "A04: with a signing token the signature alone decides",
        arguments: [
            ("good", 202), ("altered", 401), ("old", 401), ("future", 401), ("unsigned", 401), ("version", 401), ("two", 202),
        ])
    func signatures(_ kind: String, status: Int) async throws {
        let key = Data((0..<32).map { UInt8($0) })
        let secret = "whsec_\(key.base64EncodedString())"
        try await WebBench.run(credentials: [.init(.signingToken, Secret(secret))]) { web in
            let body = Self.note()
            let offset: TimeInterval = kind == "old" ? -400 : kind == "future" ? 400 : 0
            let time = Int(Date().timeIntervalSince1970 + offset)
            let mac = HMAC<SHA256>.authenticationCode(for: Data("d1.\(time).\(body)".utf8), using: SymmetricKey(data: key))
            let good = "v1,\(Data(mac).base64EncodedString())"
            let signature = kind == "version" ? "v9\(good.dropFirst(2))" : kind == "two" ? "v1,AAAA \(good)" : good
            var headers = [("webhook-timestamp", "\(time)")]
            if kind != "unsigned" { headers.append(("webhook-signature", signature)) }
            let sent = kind == "altered" ? Self.note(text: "/ai do harm") : body
            let reply = try await web.deliver(sent, id: "d1", headers: headers)
            #expect(reply.status == status)
        }
    }

    @Test(
        "the wrong type, unreadable and deep bodies are refused by their own codes",
        arguments: [
            ("text/plain", "{}", 415, "not_json"), ("application/x-www-form-urlencoded", "a=b", 415, "not_json"),
            ("application/json", "{", 400, "not_json"), ("application/json", "[]", 400, "not_json"), ("application/json", "", 400, "not_json"),
            ("application/json", String(repeating: "{\"a\":", count: 100) + "1" + String(repeating: "}", count: 100), 400, "too_deep"),
            ("application/json; charset=utf-8", #"{"object_kind":"a","object_kind":"b"}"#, 400, "doubled_key"),
        ])
    func malformed(_ type: String, _ body: String, status: Int, reason: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.send(
                "POST", "/webhooks/gitlab", headers: [("Content-Type", type), ("X-Gitlab-Token", WebBench.token)], body: body)
            #expect((reply.status, reply.string("result"), reply.string("reason")) == (status, "rejected", reason))
        }
    }

    @Test("A07: compressed bodies are not unpacked")
    func compressed() async throws {
        try await WebBench.run { web in
            let reply = try await web.deliver(Self.note(), headers: [("Content-Encoding", "gzip")])
            #expect(reply.status == 415)
        }
    }

    @Test("A07: more than the limit is 413, told by its length or found while reading")
    func tooLarge() async throws {
        try await WebBench.run {
            $0.limits.deliveryBytes = 100_000
        } _: { web in
            let big = Self.note(text: String(repeating: "x", count: 200_000))
            let told = try await web.deliver(big)
            #expect((told.status, told.string("reason")) == (413, "too_large"))
            // What is told is answered before a byte of it comes.
            let announced = try await web.raw(
                """
                POST /webhooks/gitlab HTTP/1.1\r\nHost: h\r\nX-Gitlab-Token: \(WebBench.token)\r\nContent-Type: application/json\r\n\
                Content-Length: 100001\r\n\r\n
                """)
            #expect(announced.status == 413)
            let chunk = String(repeating: "y", count: 4096)
            let chunks = String(repeating: "1000\r\n\(chunk)\r\n", count: 40) + "0\r\n\r\n"
            let found = try await web.raw(
                """
                POST /webhooks/gitlab HTTP/1.1\r\nHost: h\r\nX-Gitlab-Token: \(WebBench.token)\r\nContent-Type: application/json\r\n\
                Transfer-Encoding: chunked\r\n\r\n\(chunks)
                """)
            #expect(found.status == 413)
            #expect(try await web.deliver(Self.note()).status == 202)
        }
    }

    @Test("A07: large bodies of senders who are not known yet have little room, and small ones come through all the same")
    func unprovenBodies() async throws {
        let key = Data((0..<32).map { UInt8($0) })
        let secret = Secret("whsec_\(key.base64EncodedString())")
        try await WebBench.run({ $0.limits.unprovenBytes = 1 << 20 }, credentials: [.init(.signingToken, secret)]) { web in
            let time = Int(Date().timeIntervalSince1970)
            let head = [("webhook-timestamp", "\(time)"), ("webhook-signature", "v1,AAAA")]
            let large = String(repeating: "x", count: 700 << 10)
            let lines = (head + [("Content-Type", "application/json"), ("webhook-id", "d0")]).map { "\($0.0): \($0.1)\r\n" }.joined()
            try await web.connect { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(string: "POST /webhooks/gitlab HTTP/1.1\r\nHost: h\r\n\(lines)Content-Length: \(large.utf8.count + 1)\r\n\r\n\(large)"))
                // What that one has sent is held; how far it was read shows only in what others get.
                while try await web.deliver(large, token: nil, headers: head).status != 503 {}
                let refused = try await web.deliver(large, token: nil, headers: head)
                #expect((refused.status, refused.string("reason"), refused.header("retry-after")) == (503, "no_room", "30"))
                #expect(try await web.deliver("{}", token: nil, headers: head).status == 401)
                let mac = HMAC<SHA256>.authenticationCode(for: Data("d1.\(time).\(Self.note())".utf8), using: SymmetricKey(data: key))
                let signed = [head[0], ("webhook-signature", "v1,\(Data(mac).base64EncodedString())")]
                #expect(try await web.deliver(Self.note(), id: "d1", token: nil, headers: signed).status == 202)
                try await outbound.write(ByteBuffer(string: "x"))
                var answer = ""
                for try await piece in inbound {
                    answer += String(buffer: piece)
                    if answer.contains("wrong_signature") { break }
                }
                #expect(answer.hasPrefix("HTTP/1.1 401"))
            }
            #expect(try await web.deliver(large, token: nil, headers: head).status == 401)
        }
    }

    @Test(
        "A11: whatever an authentic delivery says, it gets 2xx",
        arguments: [
            #"{"object_kind": "brand_new_thing"}"#, "{}", #"{"object_kind": null}"#, #"{"object_kind": 5, "user": []}"#,
            #"{"object_kind": "note"}"#, #"{"object_kind": "note", "object_attributes": {"id": 1, "note": null}}"#,
            #"{"object_kind": "issue", "object_attributes": {"iid": "x"}}"#, #"{"event_name": "project_create"}"#,
        ])
    func authentic(_ body: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.deliver(body)
            #expect((reply.status, reply.string("result")) == (200, "ignored"))
        }
    }

    @Test("A11: six escaped megabytes of description are fine")
    func longDescription() async throws {
        try await WebBench.run { web in
            let reply = try await web.deliver(Self.note(text: "/ai do " + String(repeating: "\u{1}\"\\\u{10FFFF}é", count: 300_000)))
            #expect(reply.status == 202)
        }
    }

    @Test("A08: NUL, lone surrogates and odd text survive the way to the store")
    func oddText() async throws {
        try await WebBench.run { web in
            for (index, text) in [#""/ai do a\u0000b""#, #""/ai do \ud800 x""#, #""/ai do \u202e\u2066x""#].enumerated() {
                let body = Self.note(id: 100 + index).replacing(Self.encoded("/ai do it"), with: text)
                let reply = try await web.deliver(body)
                #expect([200, 202, 400].contains(reply.status))
            }
            for task in try await web.store.tasks(TaskQuery()).tasks { #expect(!task.task.intent.contains("\0")) }
        }
    }

    @Test("A12: what can't be written down is answered 503 with a time to come again")
    func cannotWrite() async throws {
        try await WebBench.run { web in
            try web.store.close()
            let reply = try await web.deliver(Self.note())
            #expect((reply.status, reply.string("reason")) == (503, "cannot_write"))
            #expect(reply.header("retry-after") == "5")
        }
    }

    @Test("nothing that a stranger sends comes back, and no secret is in the log")
    func noReflection() async throws {
        try await WebBench.run { web in
            let marker = "MARKER<script>alert(1)</script>"
            for path in ["/\(marker)", "/webhooks/gitlab?\(marker)", "/api/v1/tasks/\(marker)", "/tasks/MARKER"] {
                let reply = try await web.send(
                    "POST", path, headers: [("X-Gitlab-Event", marker), ("webhook-id", "MARKER"), ("Content-Type", marker)], body: marker)
                #expect(!reply.text.contains("MARKER"), "\(path): \(reply.text)")
            }
            _ = try await web.deliver(Self.note())
            #expect(!web.logs.all.contains(WebBench.token))
        }
    }

    @Test("comments on a thread with an open task join it; control commands go beside the work")
    func joining() async throws {
        try await WebBench.run { web in
            #expect(try await web.deliver(Self.note(id: 1, text: "talk")).string("reason") == "no_command")
            #expect(try await web.deliver(Self.note(id: 2)).status == 202)
            let joined = try await web.deliver(Self.note(id: 3, text: "and keep it small"))
            #expect((joined.status, joined.string("reason")) == (202, "joined"))
            let status = try await web.deliver(Self.note(id: 4, text: "/ai status"))
            #expect((status.status, status.string("reason")) == (202, "command_status"))
            #expect(try await web.store.tasks(TaskQuery()).tasks.count == 1)
        }
    }

    @Test("A12, A13: a thousand deliveries at once are all written down")
    func thousand() async throws {
        try await WebBench.run { web in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<20 {
                    group.addTask {
                        var good = 0
                        for index in 0..<50 where try await web.deliver(Self.note(id: worker * 1000 + index)).status == 202 { good += 1 }
                        return good
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(statuses == 1000)
            #expect(try await web.store.counts().queued == 1000)
        }
    }
}
