import Domain
import Foundation
import Rehearsal
import Testing

/// A task on projects of four kinds, with their real toolchains in the real sandbox. The first try of each has a fault that a
/// test finds, and the second one repairs it.
@Suite("One task from the command line, in four languages", .serialized)
struct OneShotLanguagesTests {
    struct Project: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Programs without which it can't be tried here.
        var needs: [String]
        var files: [String: String]
        /// The file that is changed, and the text in it that a try replaces.
        var path: String
        var search: String
        var wrong: String
        var right: String
        /// A test that the first try writes, and that fails for it.
        var test: (path: String, text: String)
        /// How a command of the test report begins.
        var command: String
    }

    static let python = Project(
        testDescription: "Python with pytest", needs: ["python3", "pytest"],
        files: [
            "calc.py": "def add(a, b):\n    return a + b\n",
            "tests/test_add.py": "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = [\".\"]\n",
        ],
        path: "calc.py", search: "    return a + b\n",
        wrong: "    return a + b\n\n\ndef sub(a, b):\n    return a + b\n", right: "    return a + b\n\n\ndef sub(a, b):\n    return a - b\n",
        test: ("tests/test_sub.py", "from calc import sub\n\n\ndef test_sub():\n    assert sub(3, 2) == 1\n"), command: "pytest")

    static let node = Project(
        testDescription: "Node", needs: ["node", "npm"],
        files: [
            "package.json": #"{"name": "calc", "version": "1.0.0", "private": true, "scripts": {"test": "node --test"}}"# + "\n",
            "calc.js": "exports.add = (a, b) => a + b;\n",
            "add.test.js":
                "const test = require('node:test');\nconst assert = require('node:assert');\ntest('adds', () => assert.equal(require('./calc').add(1, 2), 3));\n",
        ],
        path: "calc.js", search: "exports.add = (a, b) => a + b;\n",
        wrong: "exports.add = (a, b) => a + b;\nexports.sub = (a, b) => a + b;\n",
        right: "exports.add = (a, b) => a + b;\nexports.sub = (a, b) => a - b;\n",
        test: (
            "sub.test.js",
            "const test = require('node:test');\nconst assert = require('node:assert');\ntest('subtracts', () => assert.equal(require('./calc').sub(3, 2), 1));\n"
        ), command: "npm")

    static let c = Project(
        testDescription: "C with make", needs: ["make", "cc"],
        files: [
            "calc.h": "int add(int a, int b);\nint sub(int a, int b);\n", "calc.c": "int add(int a, int b) { return a + b; }\n",
            "check_add.c": "#include \"calc.h\"\nint main(void) { return add(1, 2) == 3 ? 0 : 1; }\n",
            "Makefile": "CHECKS = $(basename $(wildcard check_*.c))\ntest: $(CHECKS)\n\t@for c in $(CHECKS); do ./$$c || { echo $$c failed; exit 1; }; done\n"
                + "check_%: check_%.c calc.c\n\t$(CC) -o $@ $^\n",
            ".gitignore": "check_add\ncheck_sub\n",
        ],
        path: "calc.c", search: "{ return a + b; }\n",
        wrong: "{ return a + b; }\nint sub(int a, int b) { return a + b; }\n", right: "{ return a + b; }\nint sub(int a, int b) { return a - b; }\n",
        test: ("check_sub.c", "#include \"calc.h\"\nint main(void) { return sub(3, 2) == 1 ? 0 : 1; }\n"), command: "make")

    static let swift = Project(
        testDescription: "a Swift package", needs: ["swift"],
        files: [
            "Package.swift": """
            // swift-tools-version:5.9
            import PackageDescription
            let package = Package(name: "calc", targets: [.executableTarget(name: "check", path: "Sources")])

            """,
            "Sources/main.swift": "func add(_ a: Int, _ b: Int) -> Int { a + b }\nprecondition(add(1, 2) == 3)\n",
            ".ai-coder.yml": "test: [\"swift build --disable-sandbox && .build/debug/check\"]\n", ".gitignore": ".build/\n",
        ],
        path: "Sources/main.swift", search: "{ a + b }\n",
        wrong: "{ a + b }\nfunc sub(_ a: Int, _ b: Int) -> Int { a + b }\n", right: "{ a + b }\nfunc sub(_ a: Int, _ b: Int) -> Int { a - b }\n",
        test: ("Sources/more.swift", "func checkMore() { precondition(sub(3, 2) == 1) }\n"), command: "swift build")

    private static func script(_ project: Project) -> ModelScript {
        let start: [ModelScript.Call] = [
            .init(
                "edit_file", ["path": .string(project.path), "search": .string(project.search), "replace": .string(project.wrong)]),
            .init("write_file", ["path": .string(project.test.path), "content": .string(project.test.text)]),
        ]
        let also: [ModelScript.Call] =
            project.test.path == "Sources/more.swift"
            ? [.init("edit_file", ["path": "Sources/main.swift", "search": "== 3)\n", "replace": "== 3)\ncheckMore()\n"])] : []
        let finish = ModelScript.Turn(calls: [.init("finish", ["summary": "Add subtraction\n\nAs was asked, with a test."])])
        return ModelScript(conversations: [
            .init(
                "plan", tool: "submit_plan",
                turns: [
                    .init(calls: [.init("read_file", ["path": .string(project.path)])]),
                    .init(calls: [
                        .init(
                            "submit_plan",
                            [
                                "summary": "Add subtraction.", "files": [.string(project.path)], "changes": ["A new function."],
                                "tests": ["It subtracts."],
                            ])
                    ]),
                ]),
            .init(
                "code", tool: "finish",
                turns: [
                    .init(calls: start + also), finish,
                    .init(calls: [
                        .init(
                            "edit_file",
                            ["path": .string(project.path), "search": .string(project.wrong), "replace": .string(project.right)])
                    ]),
                    finish,
                ]),
        ])
    }

    private static func isHere(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    @Test(
        "a failing test is repaired on the way, and the result says what was done", .timeLimit(.minutes(4)),
        arguments: [python, node, c, swift])
    func repaired(_ project: Project) async throws {
        if let missing = project.needs.first(where: { !Self.isHere($0) }) { try Test.cancel("\(missing) is not installed") }
        try await OneShotScene.run(Self.script(project), files: project.files) { scene in
            let (code, result, log) = try await scene.work()
            #expect(code == 0 && result.status == .completed, "\(result.error ?? "") \(log.suffix(3000))")
            #expect(result.branch == "ai/task_001")
            #expect(Set(result.changes.map(\.description)).isSuperset(of: ["modified: \(project.path)", "created: \(project.test.path)"]))
            #expect(result.changes.count == 2, "\(result.changes)")
            #expect(result.plan?.summary == "Add subtraction." && result.plan?.files == [project.path])
            #expect(result.usage.requests == 6)

            let hash = try await scene.git("rev-parse refs/heads/ai/task_001")
            #expect(result.commitHash == hash && result.pushResult?.commitHash == hash && result.pushResult?.remoteBranch == "ai/task_001")
            #expect(try await scene.git("rev-list --count main..ai/task_001") == "1")
            #expect(try await scene.git("show ai/task_001:\(project.path)").contains(project.right.dropLast(1)))
            let message = try await scene.git("log -1 --format=%B ai/task_001")
            #expect(message.hasPrefix("Add subtraction\n\n") && message.contains("Task-Id: task_001"), "\(message)")

            let report = try #require(result.testResults)
            #expect(report.verdict == .passed, "\(report)")
            let commands = report.commands.map(\.line)
            #expect(commands.contains { $0.contains(project.command) }, "\(commands)")
            #expect(report.commands.allSatisfy { $0.exitCode == 0 }, "\(report)")
            #expect(
                scene.receiver.statuses(of: "task_001") == [
                    "started", "cloning", "analyzing", "coding", "testing", "coding", "testing", "committing", "completed",
                ])
            #expect(scene.leftFiles().isEmpty && scene.processes().isEmpty, "\(scene.leftFiles()) \(scene.processes())")
        }
    }
}
