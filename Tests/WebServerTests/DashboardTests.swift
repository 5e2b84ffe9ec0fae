import Domain
import Foundation
import SQLiteStore
import Testing

@testable import WebServer

@Suite("The dashboard", .timeLimit(.minutes(2)))
struct DashboardTests {
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</pre><svg onload=alert(1)>",
        "\u{0600}<script>alert(1)</script>", "<\u{301}script>", "\"\u{301} onfocus=alert(1) autofocus x=\"", "a\u{200D}<script>alert(1)</script>",
        "{{{formToken}}}{{#tasks}}", "javascript:alert(1)", "</title><script>alert(1)</script>", "<!--", "]]><script>", "&lt;script&gt;",
        "\u{0}<script>", "`onload=alert(1)`", "\u{FEFF}<script>alert(1)</script>",
    ]

    @Test("A57: nothing that is stored becomes markup", arguments: hostile)
    func stored(_ text: String) async throws {
        try await WebBench.run { web in
            let id = try #require(TaskID(rawValue: "t1"))
            let origin = GitLabOrigin(
                projectID: 1, projectPath: text, subject: .mergeRequest(iid: 3), trigger: .comment,
                requester: .init(id: 1, username: text, name: text), at: Date())
            var task = CodingTask(id: id, intent: text, origin: .gitLab(origin), createdAt: Date())
            (task.model, task.repositoryURL) = (text, text)
            _ = try await web.store.submit(task)
            var report = TestReport(verdict: .failed, summary: text)
            report.commands = [.init(line: text, purpose: .test, exitCode: 1, durationSeconds: 1, outputTail: text)]
            (report.newFailures, report.oldFailures, report.repaired, report.flaky) = ([text], [text], [text], [text])
            var result = TaskResult(taskID: id, status: .failed)
            (result.summary, result.error, result.branch, result.commitHash) = (text, text, text, text)
            result.mergeRequest = .init(iid: 1, webURL: text, isDraft: true)
            result.plan = Plan(summary: text, files: [text], changes: [text], tests: [text])
            result.changes = [FileChange(.modified, text)]
            result.testResults = report
            var change = StatusChange(status: "failed", progress: 100)
            (change.message, change.error, change.branch, change.result) = (text, text, text, result)
            let encoder = JSONEncoder()
            let entries = [
                NewEntry(kind: .activity, name: text, payload: try encoder.encode(Activity(.tool, title: text, detail: "\(text)\n\(text)"))),
                NewEntry(kind: .input, name: text, payload: try encoder.encode(TaskInput(kind: .comment, text: text, author: text))),
                NewEntry(kind: .audit, name: text, payload: try encoder.encode(AuditRecord(actor: text, action: text, decision: text, detail: text))),
                NewEntry(kind: .status, name: "failed", payload: try encoder.encode(change)),
                NewEntry(kind: .init(rawValue: "odd"), name: text, payload: Data(text.utf8)),
            ]
            _ = try await web.store.claim(id, owner: APITests.owner, for: .seconds(60))
            try await web.store.finish(id, owner: APITests.owner, result: result, entries: entries)

            for path in ["/", "/tasks/t1", "/?project=\(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"] {
                let html = try await web.admin("GET", path).body
                #expect(html.contains("</html>"), "the page is whole")
                try expectOnlyOurMarkup(in: html)
            }
            let stream = try await web.admin("GET", "/api/v1/tasks/t1/events", headers: [("Accept", "text/event-stream")])
            #expect(stream.header("content-type")?.hasPrefix("text/event-stream") == true)
            #expect(try await web.admin("GET", "/api/v1/tasks/t1").header("content-type")?.hasPrefix("application/json") == true)
        }
    }

    /// Reads the page's tags byte by byte, as a browser would, and knows every element and attribute that the templates have.
    private func expectOnlyOurMarkup(in html: String) throws {
        let elements: Set<String> = [
            "html", "head", "meta", "title", "link", "script", "body", "a", "header", "span", "form", "input", "button", "main", "footer",
            "div", "h1", "h2", "p", "strong", "label", "select", "option", "ul", "li", "ol", "b", "time", "progress", "section", "small",
            "dl", "dt", "dd", "code", "details", "summary", "pre", "table", "thead", "tbody", "tr", "th", "td", "br", "noscript", "!doctype",
        ]
        let attributes: Set<String> = [
            "html", "lang", "charset", "name", "content", "rel", "href", "src", "defer", "class", "id", "aria-hidden", "method", "action",
            "type", "value", "max", "datetime", "title", "dir", "data-stage", "data-events", "data-after", "role", "selected", "checked", "open",
            "placeholder", "autocomplete", "spellcheck", "aria-live",
        ]
        let tag = /<\/?([A-Za-z!][A-Za-z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/.matchingSemantics(.unicodeScalar)
        for match in html.matches(of: tag) {
            #expect(elements.contains(match.output.1.lowercased()), "<\(match.output.1)>")
            let rest = match.output.2.replacing(/"[^"]*"/.matchingSemantics(.unicodeScalar), with: "")
            for name in rest.split(whereSeparator: { " \n=/".contains($0) }) {
                #expect(attributes.contains(name.lowercased()), "\(name) in \(match.output.0)")
            }
            #expect(!match.output.2.lowercased().contains("href=\"javascript:"))
        }
        let scalars = html.unicodeScalars
        let opened = scalars.count { $0 == "<" }
        #expect(opened == html.matches(of: tag).count, "every < belongs to a tag")
        #expect(html.matches(of: /<script/.matchingSemantics(.unicodeScalar)).count == 1)
    }

    @Test(
        "a merge request's link is http or none",
        arguments: [
            ("https://gitlab.example.com/a/-/merge_requests/1", true), ("javascript:alert(1)", false), ("data:text/html,x", false),
            ("//evil.example", false), (" https://x", false), ("ftp://x/y", false),
        ])
    func links(_ url: String, isLink: Bool) {
        #expect((Wording.link(url) != nil) == isLink)
    }

    @Test("a task's page tells stages, plan, tests, usage and the transcript without a script")
    func wholeStory() async throws {
        try await WebBench.run { web in
            try await SampleTasks.fill(web.store)
            let page = try await web.admin("GET", "/tasks/demo-done").body
            for text in [
                "cloning", "Reject tokens that have expired", "test_session_expiry", "New failures", "about $0.42", "!81", "4f2a9c1b7d3e",
                "modified", "src/auth/session.py", "pytest -q", "登录页面", "12,840",
            ] {
                #expect(page.contains(text), "\(text)")
            }
            // Each command has its own counts and no other's.
            #expect(page.components(separatedBy: "214 passed, 1 failed, 3 skipped").count == 3)
            #expect(!page.contains("<summary>New failures</summary>"))
            let list = try await web.admin("GET", "/").body
            #expect(list.contains("acme/tools/widgets") && list.contains("completed") && list.contains("Add a login page"))
            #expect(try await web.admin("GET", "/tasks/none").status == 404)
        }
    }

    @Test(
        "numbers and times in words",
        arguments: [
            (0.2, "200 ms"), (12, "12 s"), (61, "1 min 1 s"), (3_725, "1 h 2 min"), (-5, "0 ms"),
        ] as [(Double, String)])
    func durations(_ seconds: Double, text: String) {
        #expect(Wording.duration(seconds) == text)
    }
}
