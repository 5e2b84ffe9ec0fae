import Domain
import Foundation
import GitLabAPI
import Testing
import Workspaces

@testable import Pipeline

@Suite("What was found in a change")
struct FoundInChangeTests {
    private static func text(of findings: [CommitFinding], isHidden: Bool = false) async throws -> String {
        let box = TextBox()
        try await QuietGitLab.run { quiet in
            let task = try await quiet.task("t1", .change, by: quiet.dana)
            let steps = DurableSteps(journal: quiet.store, taskID: task.id, owner: QuietGitLab.owner, redactor: quiet.parts.redactor)
            let run = TaskRun(task: task, parts: quiet.parts, journal: TaskJournal(task: task, steps: steps, progress: 0), logger: quiet.parts.logger)
            let evidence = Evidence(
                plan: Plan(summary: "Write notes."), title: "Write notes", summary: "As was asked.",
                report: TestReport(verdict: .passed, summary: "All pass.", commands: []), changes: [],
                commit: try #require(CommitID(rawValue: String(repeating: "1", count: 40))), branch: "ai/1", warnings: CommitStage.warnings(of: findings),
                usage: Usage(), staysDraft: false)
            await box.keep(MergeRequestText(run: run, evidence: evidence, isHidden: isHidden).description.text)
        }
        return await box.text
    }

    private actor TextBox {
        var text = ""
        func keep(_ text: String) { self.text = text }
    }

    @Test("A39: whatever its kind, it stands at the top of the merge request", .timeLimit(.minutes(1)), arguments: [false, true])
    func everyKind(isHidden: Bool) async throws {
        let findings = CommitFinding.Kind.allCases.map { CommitFinding($0, path: "file-\($0.rawValue)", message: "The file-\($0.rawValue) is odd.") }
        let text = try await Self.text(of: findings, isHidden: isHidden).replacing("\\", with: "")
        #expect(text.hasPrefix("**Look at this first**"), "\(text)")
        let top = text.prefix(upTo: text.firstRange(of: "### What changed")?.lowerBound ?? text.startIndex)
        for finding in findings { #expect(top.contains("- \(finding.path)") || top.contains("- The \(finding.path)"), "\(finding.kind): \(top)") }
    }

    @Test("A39: many findings push no protected file out of what is told, and their number is told", .timeLimit(.minutes(1)))
    func many() async throws {
        let odd = (1...40).map { CommitFinding(.binary, path: "b\($0)", message: "b\($0) is not text.") }
        let lines = CommitStage.warnings(of: odd + [CommitFinding(.protectedPath, path: ".gitlab-ci.yml", message: "x")])
        #expect(lines.first?.hasPrefix(".gitlab-ci.yml is protected") == true)
        #expect(lines.last == "… and 21 more.")
        #expect(lines.count == 21)
    }
}
