import Domain
import Rehearsal
import Testing

/// A project that needs something built before its tests, and before the model's own commands.
@Suite("A task from the command line with a set-up", .serialized)
struct OneShotSetUpTests {
    private static let files = [
        "README.md": "# Notes\n", "lock.txt": "1\n",
        ".ai-coder.yml": "setup: [\"echo built >>built.txt; echo 2 >lock.txt\"]\ntest: [\"sh test.sh\"]\n",
        "test.sh": """
        test $(wc -l <built.txt) = 1 || exit 1
        echo 'ok 1 - built once'
        [ ! -e NOTES.md ] || grep -q '^Right' NOTES.md && echo 'ok 2 - notes' && exit
        echo 'not ok 2 - notes'
        exit 1

        """,
    ]

    private static let script = ModelScript(conversations: [
        .init(
            "plan", tool: "submit_plan",
            turns: [.init(calls: [.init("submit_plan", ["summary": "Write the notes.", "files": ["NOTES.md"], "changes": [], "tests": []])])]),
        .init(
            "code", tool: "finish",
            turns: [
                .init(calls: [.init("run_command", ["command": "cat built.txt"])]),
                .init(calls: [.init("write_file", ["path": "NOTES.md", "content": "Wrong.\n"])]),
                .init(calls: [.init("finish", ["summary": "Write the notes\n\nAs was asked."])]),
                .init(calls: [.init("write_file", ["path": "NOTES.md", "content": "Right.\n"])]),
                .init(calls: [.init("finish", ["summary": "Write the notes\n\nAs was asked."])]),
            ]),
    ])

    @Test("it is run once for each tree, before the model's commands, and leaves nothing in the commit", .timeLimit(.minutes(2)))
    func once() async throws {
        try await OneShotScene.run(Self.script, files: Self.files) { scene in
            let (code, result, log) = try await scene.work()
            #expect(code == 0 && result.status == .completed, "\(result.error ?? "") \(log)")
            #expect(result.changes.map(\.path) == ["NOTES.md"], "\(result.changes)")
            #expect(result.testResults?.verdict == .passed && result.testResults?.oldFailures == [], "\(String(describing: result.testResults))")
            #expect(result.testResults?.commands.contains { $0.purpose == .setup && $0.exitCode == 0 } == true)
            #expect(scene.model.log.entries.contains { $0.conversation == "code" && $0.body.contains("tool_result") && $0.body.contains("built") })
            #expect(try await scene.git("show --format= --name-only ai/task_001") == "NOTES.md")
        }
    }
}
