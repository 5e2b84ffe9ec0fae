import Domain
import Foundation
import LanguageModels
import TestSupport
import Testing

@testable import Agent

/// What is sent first in each stage, word for word. A change of a prompt is meant to show here; set
/// `UPDATE_SNAPSHOTS=1` to take the new text over.
@Suite("Prompts")
struct SnapshotTests {
    private func expect(_ text: String, is name: String) throws {
        #expect(try text == Snapshots().kept(name, for: text), "the snapshot \(name).txt differs")
    }

    @Test("a stage's instructions and tools stay as they are", arguments: ["analyze", "code", "answer", "reply", "review"])
    func stages(_ name: String) throws {
        let stage = try #require(Stage.all.first { $0.name == name })
        let tools = stage.tools.map { tool in
            let parameters = tool.parameters.map { "  \($0.name)\($0.isRequired ? "" : "?"): \($0.expectation) — \($0.description)" }
            return "\(tool.name): \(tool.description)\n\(parameters.joined(separator: "\n"))"
        }
        try expect("\(stage.prompt)\n\n=== tools ===\n\(tools.joined(separator: "\n"))", is: name)
        #expect(!stage.prompt.contains("{{"))
    }

    @Test("names and required arguments of the tools are the contract's")
    func contract() {
        let expected = [
            "read_file": ["path"], "list_files": [], "search": ["pattern"], "repository_map": [],
            "edit_file": ["path", "search", "replace"], "write_file": ["path", "content"], "delete_file": ["path"],
            "move_file": ["from", "to"], "run_command": ["command"], "submit_plan": ["summary", "files", "changes", "tests"],
            "ask_user": ["question"], "finish": ["summary"], "submit_review": ["summary", "findings"], "answer": ["text"],
        ]
        let tools = Dictionary(Stage.all.flatMap(\.tools).map { ($0.name, $0.parameters.filter(\.isRequired).map(\.name)) }) { first, _ in first }
        #expect(tools == expected)
        let reading: Set<String> = ["read_file", "list_files", "search", "repository_map"]
        for stage in Stage.all {
            #expect(Set(stage.tools.map(\.name)).isSuperset(of: reading))
            #expect(stage.treeIsWritable == (stage.name == "code"))
        }
        #expect(!Stage.analyze.tools.contains { $0.name == "run_command" })
    }

    @Test("the first message of a stage stays as it is")
    func opening() throws {
        let context = AgentContext(
            intent: "Make greet polite.", language: "German", repository: "group/project", branch: "main",
            sections: [.init(source: "issue #12, description by @ann", text: "It says hi.\n<!-- hidden -->")],
            instructions: [.init(path: "AGENTS.md", text: "Use tabs.\n")], testCommands: ["pytest -q"],
            protectedPaths: [".gitlab-ci.yml"])
        try expect(
            Opening.text(context, overview: "2 files: 2 .py\n", plan: .sample, files: UntrustedText.fenced("1\tx = 1\n", source: "greet.py"), limit: 96 << 10),
            is: "opening")
    }

    @Test("the texts of repairs and summaries stay as they are")
    func later() throws {
        let report = TestReport(
            verdict: .failed, summary: "1 of 3 tests fails anew.",
            commands: [
                .init(line: "pytest -q", purpose: .test, exitCode: 1, durationSeconds: 2, outputTail: "E assert 1 == 2\n"),
                .init(line: "ruff .", purpose: .lint, exitCode: 0, durationSeconds: 1),
            ], newFailures: ["test_a"], oldFailures: ["test_b"], flaky: ["test_c"])
        try expect(RepairText.text(report, iteration: 2, limit: 8 << 10), is: "repair")
        try expect(RepairText.text(problem: "The commit holds a conflict marker in a.py.", limit: 8 << 10), is: "problem")
        var history = History(stage: .code, opening: "o", settings: AgentSettings())
        history.tell("A further comment on the request, by ann:\n\nBe quick.")
        history.append(.text("I look at it."))
        history.note(call: "edit_file a.py", CallOutcome(content: "Edited a.py: line 1 replaced by 1 line.", changedPaths: ["a.py"]))
        try expect(HistorySummary(of: history, changes: nil, limit: 24 << 10).text, is: "compaction")
    }
}
