import Domain
import Foundation
import SQLiteStore
import Testing

/// Tasks as a team would have them, to look at.
enum SampleTasks {
    static func fill(_ store: SQLiteStore) async throws {
        try await done(store)
        try await running(store)
        try await failed(store)
        let waiting = try task(
            "demo-waiting", "登录页面在移动端错位，请修复按钮的对齐方式，并补充回归测试", .issue(iid: 320), project: "前端组/商城", by: "李雷")
        _ = try await store.submit(waiting)
        let review = try task("demo-review", "", .mergeRequest(iid: 77), kind: .review, project: "acme/api", by: "j.fernandez")
        _ = try await store.submit(review)
    }

    private static func task(
        _ name: String, _ intent: String, _ subject: GitLabOrigin.Subject, kind: CodingTask.Kind = .change, project: String, by: String
    ) throws -> CodingTask {
        CodingTask(
            id: try #require(TaskID(rawValue: name)), kind: kind, intent: intent,
            origin: .gitLab(
                GitLabOrigin(
                    projectID: Int64(project.utf8.count), projectPath: project, subject: subject, trigger: .comment,
                    requester: .init(id: 57, username: by, name: by), at: Date())), createdAt: Date())
    }

    private static func status(_ status: String, _ progress: Int, _ change: (inout StatusChange) -> Void = { _ in }) throws -> NewEntry {
        var value = StatusChange(status: status, progress: progress)
        change(&value)
        return NewEntry(kind: .status, name: status, payload: try JSONEncoder().encode(value))
    }

    private static func activity(_ kind: Activity.Kind, _ title: String, _ detail: String? = nil) throws -> NewEntry {
        NewEntry(kind: .activity, name: title, payload: try JSONEncoder().encode(Activity(kind, title: title, detail: detail)))
    }

    private static func said(_ author: String, _ text: String) throws -> NewEntry {
        NewEntry(kind: .input, name: "comment", payload: try JSONEncoder().encode(TaskInput(kind: .comment, text: text, author: author)))
    }

    static let plan = Plan(
        summary: "Add a login page with sessions that expire after twelve hours.",
        files: ["src/auth/session.py", "src/auth/views.py", "templates/login.html", "tests/test_auth.py"],
        changes: ["Add a form and a view for /login", "Reject tokens that have expired", "Keep the old cookie name, so that nobody is signed out"],
        tests: ["pytest tests/test_auth.py", "A session that expired yesterday leads to the form"])

    static let tests = TestReport(
        verdict: .passed, summary: "pytest ran on the change and on the base commit: nothing that worked before fails now.",
        commands: [
            .init(line: "pip install -e .[test]", purpose: .setup, exitCode: 0, durationSeconds: 8.4),
            .init(
                line: "pytest -q", purpose: .test, exitCode: 1, durationSeconds: 21.7, counts: .init(passed: 214, failed: 1, skipped: 3),
                outputTail:
                    "tests/test_export.py F                    [ 41%]\n...\nFAILED tests/test_export.py::test_umlauts - UnicodeEncodeError\n1 failed, 214 passed, 3 skipped in 21.31s"
            ),
            .init(line: "ruff check .", purpose: .lint, exitCode: 0, durationSeconds: 0.3),
        ], counts: .init(passed: 214, failed: 1, skipped: 3), newFailures: [], oldFailures: ["tests/test_export.py::test_umlauts"],
        repaired: ["tests/test_auth.py::test_session_expiry"], flaky: ["tests/test_mail.py::test_retry_after_timeout"])

    static let usage = Usage(requests: 23, inputTokens: 412_840, cachedTokens: 371_200, outputTokens: 12_840, cost: 0.42)

    private static func done(_ store: SQLiteStore) async throws {
        let task = try task(
            "demo-done",
            "Add a login page\n\nPeople should sign in before they see the orders. 登录页面 should work on phones, too.\n- keep the old cookie name\n- sessions end after 12 hours",
            .issue(iid: 318), project: "acme/tools/widgets", by: "dcole")
        _ = try await store.submit(task)
        let owner = LeaseOwner(host: "h", processID: 1, processStart: 1, name: "w")
        _ = try await store.claim(task.id, owner: owner, for: .seconds(600))
        try await store.append(
            [
                status("started", 0), status("cloning", 5), activity(.notice, "Cloned main at 1c9e2d0"), status("analyzing", 10),
                activity(
                    .tool, "repository_map", "src/auth/session.py\n  class Session\n    def is_valid(self) -> bool\nsrc/auth/views.py\n  def orders(request)"),
                activity(.tool, "read_file src/auth/session.py", "1-80 of 212 lines"),
                activity(.said, "Sessions never expire today: `is_valid` only looks at the signature. I will add an end to each."),
                status("coding", 30) { ($0.plan, $0.iteration) = (plan, 1) },
                activity(
                    .tool, "edit_file src/auth/session.py",
                    "-        return self.signature_matches()\n+        return self.signature_matches() and now() < self.ends_at"),
                said("m.okafor", "Please don't touch the admin's sessions."), status("testing", 60) { $0.iteration = 1 },
                activity(.test, "pytest -q: 1 new failure", "FAILED tests/test_auth.py::test_session_expiry"),
                activity(.warning, "1 new failure remains; the change is repaired."), status("coding", 65) { $0.iteration = 2 },
                activity(.tool, "run_command pytest -q tests/test_auth.py", "6 passed in 0.41s"), status("testing", 80) { $0.iteration = 2 },
                status("committing", 92) { $0.testResults = tests },
            ], to: task.id, owner: owner)
        var result = TaskResult(taskID: task.id, status: .completed, usage: usage, durationSeconds: 194)
        (result.commitHash, result.branch) = ("4f2a9c1b7d3e5a60718293a4b5c6d7e8f9012345", "ai/318-login-page")
        result.changes = [
            .init(.modified, "src/auth/session.py"), .init(.modified, "src/auth/views.py"), .init(.created, "templates/login.html"),
            .init(.created, "tests/test_auth.py"), .init(.deleted, "templates/old_login.html"),
        ]
        (result.plan, result.testResults) = (plan, tests)
        result.mergeRequest = .init(iid: 81, webURL: "https://gitlab.example.com/acme/tools/widgets/-/merge_requests/81", isDraft: false)
        result.summary = "Add a login page\n\nSessions end after twelve hours; the cookie keeps its name."
        try await store.finish(
            task.id, owner: owner, result: result, entries: [status("completed", 100) { $0.result = result }])
    }

    private static func running(_ store: SQLiteStore) async throws {
        let task = try task(
            "demo-running", "Make the export stream its rows instead of holding them all in memory", .mergeRequest(iid: 92), project: "acme/reports",
            by: "t.nguyen")
        _ = try await store.submit(task)
        let owner = LeaseOwner(host: "h", processID: 1, processStart: 1, name: "w2")
        _ = try await store.claim(task.id, owner: owner, for: .seconds(600))
        try await store.append(
            [
                status("started", 0), status("cloning", 5), status("analyzing", 12),
                activity(.tool, "search \"fetchall\"", "src/export/rows.py:41\nsrc/export/rows.py:88"),
                status("coding", 40) {
                    ($0.iteration, $0.plan, $0.usage) = (1, plan, Usage(requests: 6, inputTokens: 58_000, cachedTokens: 44_100, outputTokens: 2_310))
                },
                activity(.said, "The cursor can be iterated directly; the writer only needs one row at a time."),
            ], to: task.id, owner: owner)
    }

    private static func failed(_ store: SQLiteStore) async throws {
        let task = try task(
            "demo-failed", "Upgrade the payment library to version 9 and fix what breaks", .issue(iid: 12), project: "acme/shop", by: "s.ivanova")
        _ = try await store.submit(task)
        let owner = LeaseOwner(host: "h", processID: 1, processStart: 1, name: "w3")
        _ = try await store.claim(task.id, owner: owner, for: .seconds(600))
        var result = TaskResult(taskID: task.id, status: .failed, usage: usage, durationSeconds: 1_310)
        result.error =
            "2 new test failures remain after 3 rounds. The merge request !14 stays a draft with all that was done; look at the failures below and answer there."
        result.errorKind = .code
        result.mergeRequest = .init(iid: 14, webURL: "https://gitlab.example.com/acme/shop/-/merge_requests/14", isDraft: true)
        var report = tests
        (report.verdict, report.newFailures) = (.failed, ["PaymentTests.testRefund", "PaymentTests.testThreeDSecure"])
        result.testResults = report
        try await store.append(
            [status("started", 0), status("cloning", 5), status("analyzing", 12), status("coding", 40), status("testing", 70)], to: task.id, owner: owner)
        try await store.finish(task.id, owner: owner, result: result, entries: [status("failed", 100) { $0.result = result }])
    }
}
