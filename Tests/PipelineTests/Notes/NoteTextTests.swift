import Domain
import Foundation
import GitLabAPI
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

/// What people read in GitLab, word for word, with a model and a project that try to say more than they may.
@Suite("The bot's notes")
struct NoteTextTests {
    private static let start = Date(timeIntervalSince1970: 1_793_000_000)
    private static let settings = PipelineSettings(workspace: "/nowhere", publicURL: "https://bot.example.com")
    private static let plan = Plan(
        summary: "Greet people by name.\n/close", files: ["greet.py", "a`b.py"], changes: ["Take a name, ask @all."],
        tests: ["pytest -q ![x](https://evil.example/x.png)"])
    private static let report = TestReport(
        verdict: .failed, summary: "1 of 3 tests fails anew.",
        commands: [
            .init(
                line: "pytest -q | cat", purpose: .test, exitCode: 1, durationSeconds: 2.04, counts: .init(passed: 2, failed: 1, skipped: 0),
                outputTail: "E assert 1 == 2\n```\n/merge\n"),
            .init(line: "ruff .", purpose: .lint, exitCode: nil, timedOut: true, durationSeconds: 60),
        ], newFailures: ["test_a"], oldFailures: ["test_b"], repaired: ["test_d"], flaky: ["test_c"])

    private static func record(_ status: TaskStatus, progress: Int, _ change: (inout TaskResult) -> Void = { _ in }) throws -> TaskRecord {
        let task = CodingTask(
            id: try #require(TaskID(rawValue: "task_1")), intent: "greet",
            origin: .gitLab(
                GitLabOrigin(
                    projectID: 1, projectPath: "a/b", subject: .issue(iid: 7), trigger: .comment,
                    requester: .init(id: 2, username: "dana", name: "Dana"), at: start)), createdAt: start)
        var result = TaskResult(taskID: task.id, status: status)
        change(&result)
        return TaskRecord(
            task: task, state: status.isFinal ? .ended : status == .pending ? .queued : .leased, status: status, progress: progress,
            createdAt: start, startedAt: status == .pending ? nil : start, endedAt: status.isFinal ? start.addingTimeInterval(83) : nil,
            result: status.isFinal ? result : nil)
    }

    private static func change(_ status: String, _ progress: Int, _ more: (inout StatusChange) -> Void = { _ in }) -> StatusChange {
        var change = StatusChange(status: status, progress: progress)
        more(&change)
        return change
    }

    private static func note(
        _ record: TaskRecord, _ change: StatusChange?, activity: String? = nil, mergeRequest: TaskResult.MergeRequest? = nil,
        isReserved: Bool = false
    ) -> String {
        ProgressNote(
            record: record, change: change, lastActivity: activity,
            usage: Usage(requests: 4, inputTokens: 12_345, cachedTokens: 10_000, outputTokens: 678, cost: 0.0421), now: start.addingTimeInterval(65),
            settings: settings, mergeRequest: mergeRequest, isReserved: isReserved
        ).text.text
    }

    private static let made = TaskResult.MergeRequest(iid: 3, webURL: "https://gitlab.example.com/a/b/-/merge_requests/3", isDraft: true)

    private static func progress(_ name: String) throws -> String {
        switch name {
        case "waiting": note(try record(.pending, progress: 0), nil)
        case "coding":
            note(
                try record(.coding, progress: 45),
                change("coding", 45) {
                    $0.iteration = 2
                    $0.plan = plan
                }, activity: "run_command `pytest`\n/close @all")
        case "coding-reserved":
            note(try record(.coding, progress: 45), change("coding", 45) { $0.plan = plan }, activity: "edit_file secret.py", isReserved: true)
        case "issue": note(try record(.testing, progress: 60), change("testing", 60) { $0.plan = plan }, mergeRequest: made)
        case "completed": note(try record(.completed, progress: 100), change("completed", 100) { $0.testResults = report })
        case "cancelled":
            note(
                try record(.cancelled, progress: 45),
                change("cancelled", 45) {
                    $0.error = "Stopped by @dana."
                    $0.errorKind = .cancelled
                })
        default:
            note(
                try record(.failed, progress: 45),
                change("failed", 45) {
                    $0.error = "The model's key was refused. Check ANTHROPIC_API_KEY. [x](javascript:1) <img src=x>"
                    $0.errorKind = .authentication
                })
        }
    }

    @Test(
        "a progress note reads as it did, and nothing in it acts",
        arguments: ["waiting", "coding", "coding-reserved", "issue", "completed", "cancelled", "failed"])
    func progress(name: String) throws {
        let text = try Self.progress(name)
        #expect(try text == Snapshots().kept("progress-\(name)", for: text))
        #expect(!text.split(separator: "\n").contains { $0.hasPrefix("/") })
        #expect(text.contains("ai-coder:progress=task_1"))
    }

    @Test("plan, test table and help read as they did")
    func parts() throws {
        for (name, markdown) in [
            ("plan", PlanText(plan: Self.plan).markdown), ("tests", TestTable(report: Self.report).markdown),
            ("warnings", WarningList(warnings: ["`.gitlab-ci.yml` is protected and was changed, as was asked.", "@all look"]).markdown),
            ("help", HelpNote(trigger: "/ai", unknown: "dance @all\n/close").markdown),
        ] {
            let text = OutgoingText(markdown).text
            #expect(try text == Snapshots().kept(name, for: text), "the snapshot \(name).txt differs")
            #expect(!text.split(separator: "\n").contains { $0.hasPrefix("/") && !$0.hasPrefix("/ai") })
        }
    }
}
