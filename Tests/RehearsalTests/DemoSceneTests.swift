import Foundation
import Rehearsal
import Subprocess
import SystemPackage
import Testing

@Suite("Demo scene", .timeLimit(.minutes(1)))
struct DemoSceneTests {
    /// What the scripted calls do to a folder, each text to replace being there exactly once.
    private func apply(_ turns: some Sequence<ModelScript.Turn>, in folder: URL) throws {
        for call in turns.flatMap({ $0.calls ?? [] }) {
            guard case .string(let path)? = call.arguments["path"] else { continue }
            let file = folder.appending(path: path)
            if call.name == "write_file", case .string(let content)? = call.arguments["content"] {
                try Data(content.utf8).write(to: file)
            } else if call.name == "edit_file", case .string(let search)? = call.arguments["search"],
                case .string(let replacement)? = call.arguments["replace"]
            {
                let text = try String(contentsOf: file, encoding: .utf8)
                try #require(text.ranges(of: search).count == 1, "\(search) in \(path)")
                try Data(text.replacing(search, with: replacement).utf8).write(to: file)
            }
        }
    }

    private func test(in folder: URL) async throws -> (passed: Bool, output: String) {
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["tests/run.sh"], workingDirectory: FilePath(folder.path),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus.isSuccess, result.standardOutput + result.standardError)
    }

    @Test("the first implementation fails one test, the repair mends it, the follow-up keeps all green")
    func story() async throws {
        let scene = DemoScene()
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (path, text) in scene.files {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let code = try #require(scene.script.conversations.first { $0.name == "code the login page" }).turns
        let finished = try #require(code.firstIndex { $0.calls?.contains { $0.name == "finish" } == true })
        let base = try await test(in: folder)
        #expect(base.passed, "\(base.output)")
        #expect(base.output.hasSuffix("1..2\n"))

        try apply(code[..<finished], in: folder)
        let first = try await test(in: folder)
        #expect(!first.passed)
        #expect(first.output.split(separator: "\n").filter { $0.hasPrefix("not ok") }.count == 1, "\(first.output)")

        try apply(code[finished...], in: folder)
        let second = try await test(in: folder)
        #expect(second.passed, "\(second.output)")
        #expect(second.output.hasSuffix("1..7\n"))

        let followUp = try #require(scene.script.conversations.first { $0.name == "code the follow-up" }).turns
        try apply(followUp, in: folder)
        let third = try await test(in: folder)
        #expect(third.passed, "\(third.output)")
        #expect(third.output.hasSuffix("1..8\n"))
    }

    @Test("its people and project stand ready, and the bot may not push to the default branch")
    func preparing() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let gitLab = RehearsalGitLab(dataDirectory: directory)
        let scene = DemoScene()
        let tokens = try await scene.prepare(gitLab.world)
        #expect(tokens.botToken != tokens.personToken)
        #expect(try await gitLab.world.branches(of: scene.projectPath).keys.sorted() == ["main"])
        #expect(try await gitLab.world.file("src/portal.sh", on: "main", of: scene.projectPath)?.hasPrefix("#!/bin/sh") == true)
        let issue = try await gitLab.world.openIssue(
            in: scene.projectPath, by: scene.person, title: scene.issueTitle, description: scene.issueDescription)
        #expect(issue.iid == 1)
        #expect(await gitLab.world.quickActions.isEmpty)
    }
}
