import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Rehearsal
import Subprocess
import SystemPackage

/// A stand-in with the usual people and one project, while a test runs.
struct Stage: Sendable {
    let gitLab: RehearsalGitLab
    let url: String
    let directory: String
    let botToken: String
    let danaToken: String
    let guestToken: String

    var world: GitLabWorld { gitLab.world }
    static let project = "acme/tools/widgets"

    /// dana is Maintainer, ai-bot Developer, gus Guest, and stranger nobody.
    static func with(
        options: RehearsalGitLab.Options = .init(), _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "rehearsal-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let gitLab = RehearsalGitLab(dataDirectory: "\(directory)/gitlab", options: options)
        try await gitLab.serving { url in
            let world = gitLab.world
            for name in ["dana", "gus", "stranger"] { await world.createUser(name) }
            await world.createUser("ai-bot", isBot: true)
            try await world.createProject(
                project, by: "dana",
                files: ["README.md": "# Widgets\n", "src/main.txt": (1...30).map { "line \($0)\n" }.joined()])
            try await world.setMember("ai-bot", of: project, .developer)
            try await world.setMember("gus", of: project, .guest)
            try await body(
                Stage(
                    gitLab: gitLab, url: url, directory: directory, botToken: try await world.createToken(for: "ai-bot"),
                    danaToken: try await world.createToken(for: "dana"), guestToken: try await world.createToken(for: "gus")))
        }
    }

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
        var json: GitLabJSON { (try? GitLabJSON(parsing: bytes)) ?? .null }
    }

    /// Asks the API, having checked the request against GitLab's own description.
    func api(
        _ method: String, _ path: String, _ body: GitLabJSON? = nil, token: String? = nil, headers: [String: String] = [:],
        isChecked: Bool = true
    ) async throws -> Answer {
        if isChecked, let description = OpenAPIDescription.shared { try description.check(method, "/api/v4/\(path)", body) }
        var all = headers
        if token != "" { all["PRIVATE-TOKEN"] = token ?? botToken }
        return try await send(method, "\(url)/api/v4/\(path)", body, headers: all)
    }

    func send(_ method: String, _ url: String, _ body: GitLabJSON? = nil, headers: [String: String] = [:]) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { $1 },
            bytes: Array(bytes.readableBytesView))
    }

    struct GitResult: Sendable {
        let succeeded: Bool
        let output: String
        let error: String
    }

    /// Runs the real git as a client, with nobody's settings.
    func git(_ arguments: [String], in folder: String? = nil) async throws -> GitResult {
        let result = try await Subprocess.run(
            .name("git"),
            arguments: Arguments(["-c", "user.name=Dana", "-c", "user.email=dana@example.com", "-c", "credential.helper="] + arguments),
            environment: .custom([
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": directory,
                "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
            ]),
            workingDirectory: FilePath(folder ?? directory), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return GitResult(
            succeeded: result.terminationStatus.isSuccess, output: result.standardOutput, error: result.standardError)
    }

    func cloneURL(token: String?, project: String = Stage.project) -> String {
        let base = "\(url)/\(project).git"
        guard let token else { return base }
        return base.replacing("http://", with: "http://anyone:\(token)@")
    }

    /// Clones with a token; the work tree's path.
    func clone(token: String?, _ name: String = "clone") async throws -> String {
        let result = try await git(["clone", "-q", cloneURL(token: token), name])
        guard result.succeeded else { throw Trouble(result.error) }
        return "\(directory)/\(name)"
    }

    struct Trouble: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    /// A merge request of dana's that changes line 10 and adds one after line 20 of `src/main.txt`.
    @discardableResult
    func openMergeRequest() async throws -> GitLabWorld.MergeRequest {
        var lines = (1...30).map { "line \($0)" }
        lines[9] = "LINE 10"
        lines.insert("new line", at: 20)
        try await world.push(
            ["src/main.txt": lines.joined(separator: "\n") + "\n"], to: "feature", in: Stage.project, by: "dana")
        return try await world.openMergeRequest(in: Stage.project, from: "feature", title: "Feature", by: "dana")
    }
}
