import Foundation
import Rehearsal
import TestSupport
import Testing

/// What a project's commands reach of the network, in the assembled bot.
@Suite("The sandbox's network", .serialized)
struct NetworkTests {
    /// `localhost` is a name like any other to a proxy; `curl` would go straight without the option.
    private static func files(_ hosts: String, download: String) -> [String: String] {
        var files = LoopScript.files
        files[".ai-coder.yml"] = """
            setup: ["curl -fsS --max-time 20 --noproxy '' \(download) -o /tmp/lib.txt"]
            test: ["sh test.sh"]
            network: [\(hosts)]
            """
        return files
    }

    private func serving(_ body: @Sendable @escaping (Int) async throws -> Void) async throws {
        try await ByteServer.serving(
            { connection in
                while await connection.request() != nil {
                    try await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlib\n")
                    await connection.close()
                }
            }, during: body)
    }

    @Test("A43: set-up downloads from a host that the operator and the project name", .timeLimit(.minutes(3)))
    func allowed() async throws {
        try await serving { port in
            let host = "localhost:\(port)"
            try await AssembledBot.run(
                LoopScript.script, files: Self.files("\"\(host)\"", download: "http://\(host)/lib.txt"),
                settings: ["SANDBOX_ALLOW_HOSTS": "packages.example,internal:\(host)"]
            ) { bot in
                _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
                try await bot.comment("/ai do write the notes", issue: 1)
                let task = try #require(try await bot.ended().first)
                #expect(task.status == "completed", "\(bot.log)")
                let request = try #require(try await bot.world.mergeRequests(of: AssembledBot.project).first)
                #expect(request.description.contains("1 passed"), "\(request.description)")
            }
        }
    }

    @Test("A43: a download from another host fails, and the merge request names it", .timeLimit(.minutes(3)))
    func refused() async throws {
        try await serving { port in
            let host = "localhost:\(port)"
            try await AssembledBot.run(
                LoopScript.script, files: Self.files("packages.example, \"\(host)\"", download: "http://\(host)/lib.txt"),
                settings: ["SANDBOX_ALLOW_HOSTS": "packages.example"]
            ) { bot in
                _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
                try await bot.comment("/ai do write the notes", issue: 1)
                _ = try await bot.ended()
                let request = try #require(try await bot.world.mergeRequests(of: AssembledBot.project).first)
                #expect(request.description.contains("The network rules refused: \(host)"), "\(request.description)")
                #expect(request.description.contains("set-up command"), "\(request.description)")
                let said = try await bot.said(onIssue: 1) + bot.said(onMergeRequest: 1)
                #expect(said.contains { $0.contains("the host \(host) of") && $0.contains("stays closed") }, "\(said)")
            }
        }
    }

    @Test("A43: without names there is no network, and a set-up that wants some is told how", .timeLimit(.minutes(3)))
    func closed() async throws {
        try await AssembledBot.run(LoopScript.script, files: Self.files("", download: "http://packages.example/lib.txt")) { bot in
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write the notes", issue: 1)
            _ = try await bot.ended()
            let request = try #require(try await bot.world.mergeRequests(of: AssembledBot.project).first)
            #expect(request.description.contains("The sandbox has no network"), "\(request.description)")
        }
    }
}
