import Domain
import Foundation
import NIOCore
import SQLiteStore
import Secrets
import ServiceLifecycle
import Synchronization
import Testing

@testable import WebServer

@Suite("The API", .timeLimit(.minutes(2)))
struct APITests {
    static let owner = LeaseOwner(host: "h", processID: 1, processStart: 1, name: "w")

    static func json(_ extra: String = "") -> String {
        #"{"repo_url": "https://gitlab.example.com/acme/widgets.git", "intent": "add a page"\#(extra)}"#
    }

    @Test("a task is submitted once; the same again shows it, another under its id is a conflict")
    func submit() async throws {
        try await WebBench.run { web in
            let first = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "task_001""#))
            #expect(first.status == 202)
            #expect(first.header("location") == "/api/v1/tasks/task_001")
            #expect((first.string("task_id"), first.string("status"), first.string("source")) == ("task_001", "pending", "api"))
            let again = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "task_001""#))
            #expect((again.status, again.string("task_id")) == (200, "task_001"))
            let other = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "task_001", "branch": "x""#))
            #expect((other.status, other.string("code")) == (409, "task_id_taken"))
            let unnamed = try await web.admin("POST", "/api/v1/tasks", json: Self.json())
            #expect(unnamed.status == 202)
            #expect(try await web.store.tasks(TaskQuery()).tasks.count == 2)
        }
    }

    @Test("A63: the secrets of a task go to whoever runs it, and are nowhere else")
    func secrets() async throws {
        try await WebBench.run { web in
            let reply = try await web.admin(
                "POST", "/api/v1/tasks",
                json: Self.json(#", "task_id": "s1", "gitlab_api_token": "glpat-T0PSECRET", "webhook_secret": "hook-T0PSECRET""#))
            #expect(reply.status == 202)
            let id = try #require(TaskID(rawValue: "s1"))
            let kept = web.kept.all.withLock { $0[id] }
            #expect(kept?.gitLabAPIToken?.reveal() == "glpat-T0PSECRET")
            #expect(kept?.webhookSecret?.reveal() == "hook-T0PSECRET")
            let shown =
                try await web.admin("GET", "/api/v1/tasks/s1").text + web.admin("GET", "/tasks/s1").text
                + web.admin("GET", "/api/v1/tasks/s1/events").text
            #expect(!(reply.text + shown + web.logs.all).contains("T0PSECRET"))
        }
    }

    @Test(
        "A60: repositories and webhooks on the network are only those the operator named",
        arguments: [
            (#"{"repo_url": "/srv/git/x", "intent": "x"}"#, "not_allowed"), (#"{"repo_url": "file:///srv/x", "intent": "x"}"#, "not_allowed"),
            (#"{"repo_url": "https://evil.example/x/y", "intent": "x"}"#, "not_allowed"),
            (#"{"repo_url": "https://gitlab.example.com:8443/x/y", "intent": "x"}"#, "not_allowed"),
            (#"{"repo_url": "https://gitlab.example.com.evil.example/x/y", "intent": "x"}"#, "not_allowed"),
            (#"{"repo_url": "http://169.254.169.254/x/y", "intent": "x"}"#, "not_allowed"),
            (#"{"repo_url": "git@evil.example:x/y", "intent": "x"}"#, "not_allowed"),
            (APITests.json(#", "webhook_url": "https://evil.example/""#), "not_allowed"),
            (APITests.json(#", "webhook_url": "http://127.0.0.1/""#), "not_allowed"),
            (APITests.json(#", "webhook_url": "https://hook.example.com:444/""#), "not_allowed"),
            (APITests.json(#", "webhook_url": "http://hook.example.com/""#), "not_allowed"),
            (#"{"repo_url": "http://gitlab.example.com/x/y", "intent": "x"}"#, "not_allowed"),
            (APITests.json(#", "sandbox": "none""#), "unknown_key"), (APITests.json(#", "admin_token": "x""#), "secret_not_taken"),
            (#"{"intent": "x"}"#, "missing_key"), ("nonsense", "malformed"),
        ])
    func refused(_ json: String, code: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.admin("POST", "/api/v1/tasks", json: json)
            #expect((reply.status, reply.string("code")) == (400, code))
            #expect(try await web.store.tasks(TaskQuery()).tasks.isEmpty)
        }
    }

    @Test(
        "allowed hosts pass",
        arguments: [
            #"{"repo_url": "https://GitLab.Example.com/x/y", "intent": "x"}"#, #"{"repo_url": "https://gitlab.example.com:443/x/y", "intent": "x"}"#,
            #"{"repo_url": "git@gitlab.example.com:x/y.git", "intent": "x"}"#, #"{"repo_url": "ssh://git@gitlab.example.com:2222/x/y", "intent": "x"}"#,
            APITests.json(#", "webhook_url": "https://hook.example.com/in""#), APITests.json(#", "webhook_url": "https://Hook.example.com:443/in""#),
        ])
    func allowed(_ json: String) async throws {
        try await WebBench.run { web in
            let reply = try await web.admin("POST", "/api/v1/tasks", json: json)
            #expect(reply.status == 202)
        }
    }

    @Test("a server on a port of its own is allowed with that port, and with no other")
    func ports() async throws {
        try await WebBench.run {
            ($0.gitLabURL, $0.webhookURL) = ("http://gitlab.local:8929/gitlab", "http://127.0.0.1:9000/status")
        } _: { web in
            let repository = #"{"repo_url": "http://gitlab.local:8929/gitlab/x/y", "intent": "x", "webhook_url": "#
            let own = try await web.admin("POST", "/api/v1/tasks", json: repository + #""http://127.0.0.1:9000/mine"}"#)
            #expect(own.status == 202)
            for other in ["http://127.0.0.1/mine", "http://127.0.0.1:9001/mine", "https://127.0.0.1:9000/mine"] {
                #expect(try await web.admin("POST", "/api/v1/tasks", json: repository + "\"\(other)\"}").string("code") == "not_allowed")
            }
        }
    }

    @Test(
        "A60: another name or spelling of the address that the operator gave is another server",
        arguments: [
            "http://localhost:9000/x", "http://127.1:9000/x", "http://2130706433:9000/x", "http://0x7f000001:9000/x", "http://0177.0.0.1:9000/x",
            "http://[::1]:9000/x", "http://[::ffff:127.0.0.1]:9000/x", "http://127.0.0.1.:9000/x", "http://127.0.0.1.evil.example:9000/x",
            "http://127.0.0.1:9000@evil.example/x", "http://evil.example:9000#@127.0.0.1:9000/x", "http://evil.example/?127.0.0.1:9000",
            "http://evil.example\\\\@127.0.0.1:9000/x", "http://127.0.0.1:9000\\\\@evil.example/x", "//127.0.0.1:9000/x", "127.0.0.1:9000/x",
        ])
    func otherSpellings(_ url: String) async throws {
        try await WebBench.run {
            $0.webhookURL = "http://127.0.0.1:9000/status"
        } _: { web in
            let reply = try await web.admin("POST", "/api/v1/tasks", json: Self.json(", \"webhook_url\": \"\(url)\""))
            #expect(reply.status == 400, "\(reply.text)")
            #expect(try await web.store.tasks(TaskQuery()).tasks.isEmpty)
        }
    }

    @Test("a page that begins at a task which is gone is refused, on the API and the dashboard")
    func unknownPage() async throws {
        try await WebBench.run { web in
            let reply = try await web.admin("GET", "/api/v1/tasks?before=nothing")
            #expect((reply.status, reply.string("code")) == (400, "invalid_value"))
            let page = try await web.admin("GET", "/?before=nothing")
            #expect(page.status == 400 && page.body.contains("<html"))
        }
    }

    @Test("a database that is away for a moment is told as that, to programs and to people", arguments: [StoreFailure.Code.locked, .full, .overloaded])
    func busy(_ code: StoreFailure.Code) async throws {
        try await WebBench.run(intake: { TroubledStore(store: $0, failure: StoreFailure(code, "Not now.")) }) { web in
            for (method, path) in [("GET", "/api/v1/tasks"), ("GET", "/api/v1/tasks/t1"), ("POST", "/api/v1/tasks"), ("GET", "/"), ("GET", "/tasks/t1")] {
                let reply = try await web.admin(method, path, json: method == "POST" ? Self.json() : nil)
                #expect((reply.status, reply.header("retry-after")) == (503, "5"), "\(method) \(path)")
                #expect(path.hasPrefix("/api") ? reply.string("code") == "busy" : reply.body.contains("<html"))
            }
        }
    }

    @Test("doing it again takes the task's own secrets along")
    func retryWithSecrets() async throws {
        try await WebBench.run { web in
            _ = try await web.admin(
                "POST", "/api/v1/tasks", json: Self.json(#", "task_id": "t1", "gitlab_api_token": "glpat-T0PSECRET-of-the-task""#))
            _ = try await web.admin("POST", "/api/v1/tasks/t1/stop")
            let again = try await web.admin("POST", "/api/v1/tasks/t1/retry")
            let id = try #require(again.string("task_id").flatMap(TaskID.init(rawValue:)))
            #expect(web.kept.all.withLock { $0[id]?.gitLabAPIToken } != nil)
            #expect(!(again.text + web.logs.all).contains("T0PSECRET"))
        }
    }

    @Test("the list has filters and pages")
    func list() async throws {
        try await WebBench.run { web in
            for index in 0..<5 { _ = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "t\#(index)""#)) }
            _ = try await web.deliver(IntakeTests.note())
            let first = try await web.admin("GET", "/api/v1/tasks?limit=4")
            let tasks = try #require(first.json["tasks"] as? [[String: Any]])
            #expect(tasks.count == 4)
            let next = try #require(first.string("next"))
            let second = try await web.admin("GET", "/api/v1/tasks?limit=4&before=\(next)")
            #expect((second.json["tasks"] as? [Any])?.count == 2)
            #expect(second.json["next"] == nil)
            let project = try await web.admin("GET", "/api/v1/tasks?project=acme/widgets")
            #expect((project.json["tasks"] as? [[String: Any]])?.first?["source"] as? String == "gitlab")
            let completed = try await web.admin("GET", "/api/v1/tasks?status=completed")
            #expect((completed.json["tasks"] as? [Any])?.isEmpty == true)
            for query in ["status=odd", "limit=0", "limit=1000", "limit=x", "before=../x"] {
                #expect(try await web.admin("GET", "/api/v1/tasks?\(query)").status == 400)
            }
            #expect(try await web.admin("GET", "/api/v1/tasks/nothing").string("code") == "no_such_task")
        }
    }

    @Test("a waiting task is stopped, an ended one is done again as a new one")
    func steering() async throws {
        try await WebBench.run { web in
            _ = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "t1""#))
            #expect(try await web.admin("POST", "/api/v1/tasks/t1/retry").string("code") == "task_has_not_ended")
            let stopped = try await web.admin("POST", "/api/v1/tasks/t1/stop")
            #expect((stopped.status, stopped.string("status")) == (202, "cancelled"))
            #expect(try await web.admin("POST", "/api/v1/tasks/t1/stop").string("code") == "task_has_ended")
            let again = try await web.admin("POST", "/api/v1/tasks/t1/retry")
            #expect((again.status, again.string("retry_of"), again.string("status")) == (202, "t1", "pending"))
            #expect(again.string("task_id") != "t1")
        }
    }

    @Test("what the command line did on a path of this machine is not done again from the network")
    func localPath() async throws {
        try await WebBench.run { web in
            let tries = [("t1", "/home/dana/project", 409), ("t2", "file:///home/dana/project", 409), ("t3", "https://gitlab.example.com/a/b.git", 202)]
            for (id, url, status) in tries {
                let task = CodingTask(
                    id: try #require(TaskID(rawValue: id)), repositoryURL: url, intent: "x", origin: .commandLine, createdAt: Date())
                _ = try await web.store.submit(task)
                _ = try await web.store.requestStop(task.id, by: "dana", reason: "")
                let reply = try await web.admin("POST", "/api/v1/tasks/\(id)/retry")
                #expect(reply.status == status, "\(url)")
            }
        }
    }

    @Test("deliveries are listed with what became of them")
    func deliveries() async throws {
        try await WebBench.run { web in
            _ = try await web.deliver(IntakeTests.note(), id: "d1")
            _ = try await web.deliver(IntakeTests.note(id: 2, text: "talk"), id: "d2")
            _ = try await web.deliver("{}", event: "Odd Hook", id: "d3")
            let reply = try await web.admin("GET", "/api/v1/deliveries?limit=2")
            let rows = try #require(reply.json["deliveries"] as? [[String: Any]])
            #expect(rows.map { $0["delivery_id"] as? String } == ["d3", "d2"])
            #expect(rows.map { $0["result"] as? String } == ["ignored", "accepted"])
            let next = try #require(reply.json["next"] as? Int)
            let older = try await web.admin("GET", "/api/v1/deliveries?before=\(next)")
            #expect((older.json["deliveries"] as? [[String: Any]])?.first?["reason"] as? String == "command_do")
        }
    }

    // MARK: Events

    static func entry(_ title: String) throws -> NewEntry {
        NewEntry(kind: .activity, name: title, payload: try JSONEncoder().encode(Activity(.said, title: title)))
    }

    static func status(_ status: String) throws -> NewEntry {
        NewEntry(kind: .status, name: status, payload: try JSONEncoder().encode(StatusChange(status: status, progress: 10)))
    }

    @Test("events come as pages, without the pipeline's own steps")
    func events() async throws {
        try await WebBench.run { web in
            _ = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "t1""#))
            let id = try #require(TaskID(rawValue: "t1"))
            try await web.store.append(
                [
                    Self.entry("one"), NewEntry(kind: .step, name: "secret step", payload: try JSONEncoder().encode(StepOutcome(value: Data("1".utf8)))),
                    Self.entry("two"),
                ], to: id, owner: nil)
            let reply = try await web.admin("GET", "/api/v1/tasks/t1/events")
            let events = try #require(reply.json["events"] as? [[String: Any]])
            #expect(!reply.text.contains("secret step"))
            let titles = events.compactMap { ($0["data"] as? [String: Any])?["title"] as? String }
            #expect(titles == ["one", "two"])
            let last = try #require(events.last?["sequence"] as? Int)
            let rest = try await web.admin("GET", "/api/v1/tasks/t1/events?after=\(last)")
            #expect((rest.json["events"] as? [Any])?.isEmpty == true)
        }
    }

    @Test("live events follow the journal from Last-Event-ID and end with the task")
    func live() async throws {
        try await WebBench.run { web in
            _ = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "t1""#))
            let id = try #require(TaskID(rawValue: "t1"))
            let first = try await web.store.append([Self.entry("before")], to: id, owner: nil)
            let text = try await web.connect { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(
                        string: "GET /api/v1/tasks/t1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
                            + "Last-Event-ID: \(first)\r\nAuthorization: Bearer \(WebBench.adminToken)\r\n\r\n"))
                var text = ""
                var hasWritten = false, hasEnded = false
                for try await buffer in inbound {
                    text += String(buffer: buffer)
                    if !hasWritten, text.contains("retry:") {
                        hasWritten = true
                        try await web.store.append([Self.entry("line\nbreak")], to: id, owner: nil)
                    } else if !hasEnded, text.contains("break") {
                        hasEnded = true
                        _ = try await web.store.requestStop(id, by: "x", reason: "y")
                    }
                    if text.contains("event: end") { break }
                }
                return text
            }
            #expect(text.contains("text/event-stream"))
            #expect(!text.contains("before"))
            #expect(text.contains(#"line\nbreak"#))
            #expect(text.contains("event: status"))
            let last = try #require(try await web.store.entries(of: id, after: 0, kinds: nil, limit: 100).last?.sequence)
            let over = try await web.admin(
                "GET", "/api/v1/tasks/t1/events", headers: [("Accept", "text/event-stream"), ("Last-Event-ID", "\(last)")])
            #expect(over.status == 204)
        }
    }

    @Test("A10: event streams have a number of their own, and end when the service does")
    func streams() async throws {
        try await WebBench.run {
            $0.limits.eventStreams = 2
        } _: { web in
            _ = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "t1""#))
            let request =
                "GET /api/v1/tasks/t1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nAuthorization: Bearer \(WebBench.adminToken)\r\n\r\n"
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (opened, source) = AsyncStream<Void>.makeStream()
                for _ in 0..<2 {
                    group.addTask {
                        try await web.connect { inbound, outbound in
                            try await outbound.write(ByteBuffer(string: request))
                            for try await buffer in inbound where String(buffer: buffer).contains("retry:") { source.yield() }
                        }
                    }
                }
                var iterator = opened.makeAsyncIterator()
                for _ in 0..<2 { await iterator.next() }
                let third = try await web.admin("GET", "/api/v1/tasks/t1/events", headers: [("Accept", "text/event-stream")])
                #expect((third.status, third.string("code")) == (503, "too_many_streams"))
                #expect(try await web.send("GET", "/healthz").status == 200)
                await web.group.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }

    @Test("a stream that its reader leaves makes room for another")
    func leavingStream() async throws {
        try await WebBench.run {
            $0.limits.eventStreams = 1
        } _: { web in
            _ = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "t1""#))
            let request =
                "GET /api/v1/tasks/t1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nAuthorization: Bearer \(WebBench.adminToken)\r\n\r\n"
            for _ in 0..<3 {
                var isOpen = false
                while !isOpen {
                    isOpen = try await web.connect { inbound, outbound in
                        try await outbound.write(ByteBuffer(string: request))
                        for try await buffer in inbound {
                            if String(buffer: buffer).contains(" 503 ") { return false }
                            return true
                        }
                        return false
                    }
                    await Task.yield()
                }
                #expect(isOpen)
            }
        }
    }

    // MARK: Health, metrics, description

    @Test("health needs no token; readiness tells each part")
    func health() async throws {
        try await WebBench.run(readiness: {
            ReadinessReport([.init("sandbox", isReady: false, message: "bubblewrap is not installed.")])
        }) { web in
            #expect(try await web.send("GET", "/healthz").body == "ok\n")
            let reply = try await web.send("GET", "/readyz")
            #expect(reply.status == 503)
            #expect(reply.json["ready"] as? Bool == false)
            #expect(reply.body.contains("bubblewrap is not installed."))
        }
        try await WebBench.run { web in
            let reply = try await web.send("GET", "/readyz")
            #expect(reply.status == 200)
        }
    }

    @Test("metrics count deliveries and tasks, under labels that hold no id")
    func metrics() async throws {
        try await WebBench.run { web in
            _ = try await web.deliver(IntakeTests.note(), id: "d1")
            _ = try await web.deliver(IntakeTests.note(), id: "d1")
            _ = try await web.deliver(IntakeTests.note(id: 2), token: "x")
            let reply = try await web.admin("GET", "/metrics")
            #expect(reply.body.contains(#"ai_coder_deliveries_total{result="accepted",reason="command_do"} 1"#))
            #expect(reply.body.contains(#"ai_coder_deliveries_total{result="duplicate",reason="already_received"} 1"#))
            #expect(reply.body.contains(#"ai_coder_deliveries_total{result="rejected",reason="wrong_token"} 1"#))
            #expect(reply.body.contains("ai_coder_queue_depth 1"))
            #expect(!reply.body.contains("d1"))
        }
    }

    @Test("the metrics follow tasks to their end")
    func taskMetrics() async throws {
        try await WebBench.run { web in
            _ = try await web.admin("POST", "/api/v1/tasks", json: Self.json(#", "task_id": "t1""#))
            let id = try #require(TaskID(rawValue: "t1"))
            try await web.store.append([Self.status("cloning"), Self.status("coding")], to: id, owner: nil)
            _ = try await web.admin("POST", "/api/v1/tasks/t1/stop")
            var text = ""
            while !text.contains("ai_coder_tasks_total") { text = try await web.admin("GET", "/metrics").body }
            #expect(text.contains(#"ai_coder_tasks_total{status="cancelled"} 1"#))
            #expect(text.contains(#"ai_coder_stage_duration_seconds_count{stage="cloning"} 1"#))
            #expect(text.contains(#"ai_coder_stage_duration_seconds_bucket{stage="cloning",le="+Inf"} 1"#))
        }
    }
}
