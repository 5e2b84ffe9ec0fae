import Domain
import Foundation
import SystemPackage
import Testing
import Workspaces

@testable import TestRuns

/// The reports that a test command leaves in the work tree.
@Suite("Files of reports", .timeLimit(.minutes(2)))
struct ReportFilesTests {
    /// Runs nothing, and says that it went well.
    private struct Idle: Sandbox {
        func run(_ command: SandboxedCommand, in tree: WorkTree) async throws -> CommandOutcome {
            CommandOutcome(ending: .exited(0), duration: .zero, output: CapturedOutput(text: "", totalBytes: 0, isTruncated: false))
        }
        func selfTest() async -> SandboxReport { SandboxReport(kind: "idle", checks: []) }
    }

    private func run(_ files: (URL) throws -> Void) async throws -> TestRun {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("ai-coder-reports-\(UInt64.random(in: .min ... .max))")
        let folder = place.appendingPathComponent("target/surefire-reports")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        try files(folder)
        let plan = TestPlan(
            tests: [.init("mvn test", runner: .maven, reports: ["**/target/surefire-reports/*.xml", "target/surefire-reports/*.xml"])], source: "pom.xml")
        return try await TestRunner(sandbox: Idle()).run(plan, in: WorkTree(root: FilePath(place.path), owner: nil), changed: [], tools: [])
    }

    private func report(_ name: String, padding: Int = 0) -> Data {
        Data("<testsuite><testcase name=\"\(name)\"/>\(String(repeating: " ", count: padding))</testsuite>".utf8)
    }

    @Test("A44: a report is read once, whatever links lead to it")
    func links() async throws {
        let run = try await run { folder in
            try report("one").write(to: folder.appendingPathComponent("a.xml"))
            try report("elsewhere").write(to: folder.appendingPathComponent("../other.xml"))
            for number in 0..<300 {
                try FileManager.default.createSymbolicLink(atPath: folder.appendingPathComponent("l\(number).xml").path, withDestinationPath: "../other.xml")
            }
        }
        #expect(run.outcomes == ["one": .passed])
    }

    @Test("A49: a syntax check loads no module of the project's own", .enabled(if: SystemProgram.find("python3") != nil, "needs python3"))
    func shadowing() async throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("ai-coder-shadow-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        for name in ["json.py", "ast.py"] { try Data("raise SystemExit('shadowed')\n".utf8).write(to: place.appendingPathComponent(name)) }
        try Data("{}".utf8).write(to: place.appendingPathComponent("data.json"))
        try Data("x = 1\n".utf8).write(to: place.appendingPathComponent("code.py"))
        let python = try #require(SystemProgram.find("python3"))
        for check in SyntaxCheck.all where check.tool == "python3" {
            let file = check.covers("data.json") ? "data.json" : "code.py"
            let result = try await ProcessRunner().run(
                ProcessRequest(executable: python, arguments: check.command.dropFirst() + [file], workingDirectory: FilePath(place.path)))
            #expect(result.succeeded, "\(check.name): \(String(decoding: result.standardError, as: UTF8.self))")
        }
    }

    @Test("A44: all reports together have a measure")
    func measure() async throws {
        let run = try await run { folder in
            for number in 0..<12 { try report("test \(number)", padding: 7 << 20).write(to: folder.appendingPathComponent("r\(number).xml")) }
            try report("large", padding: 9 << 20).write(to: folder.appendingPathComponent("large.xml"))
        }
        #expect((1...9).contains(run.outcomes.count), "\(run.outcomes)")
        #expect(run.outcomes["large"] == nil)
    }
}
