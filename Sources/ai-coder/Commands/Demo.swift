import ArgumentParser
import Foundation
import GitLabAPI
import Logging
import Rehearsal
import Secrets
import Transport
import UnixSignals

/// The whole loop on this machine, with no account and no network.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the whole loop: a stand-in GitLab, a comment, a tested merge request, a second comment.",
        discussion: "The stand-ins speak the real protocols; the model follows a script. Everything is gone afterwards, unless --keep is given.")

    @Flag(help: "Leave it running afterwards, with the dashboard, until Ctrl-C.") var keep = false

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ai-coder-demo-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        let children = Children()
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        do {
            let isStopped = try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await show(in: folder, children)
                    return false
                }
                group.addTask {
                    for await _ in signals { return true }
                    return false
                }
                defer { group.cancelAll() }
                let isStopped = try await group.next() ?? false
                // What waits for a child goes on when that is gone.
                children.end()
                return isStopped
            }
            try FileManager.default.removeItem(atPath: folder)
            if isStopped, !keep { throw ExitCode(1) }
        } catch let code as ExitCode {
            throw code
        } catch {
            children.end()
            FileHandle.standardError.write(Data("The demo stopped. Its logs are in \(folder).\n".utf8))
            throw error
        }
    }

    private func show(in folder: String, _ children: Children) async throws {
        let scene = DemoScene()
        say("AI Coder demo: everything runs on this machine; the model follows a script.")
        let script = "\(folder)/script.json"
        try JSONEncoder().encode(scene.script).write(to: URL(fileURLWithPath: script))
        let model = try children.start(["rehearse", "model", "--script", script], log: "\(folder)/model.log")
        let gitLab = try children.start(["rehearse", "gitlab", "--control", "--data", "\(folder)/gitlab"], log: "\(folder)/gitlab.log")
        let (modelURL, gitLabURL) = (try model.address(), try gitLab.address())
        say("stand-in GitLab   \(gitLabURL)  (real git over HTTP)")
        say("scripted model    \(modelURL)")

        let port = try Self.freePort()
        let transport = try NetworkTransport(logger: Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() })
        let world = DemoWorld(transport: transport, gitLab: gitLabURL, service: "http://127.0.0.1:\(port)")
        let botToken = try await cast(scene, world)
        let secret = String((0..<32).map { _ in "abcdefghijkmnpqrstuvwxyz23456789".randomElement() ?? "x" })
        let service = try children.start(
            ["serve"],
            environment: [
                "GITLAB_URL": gitLabURL, "GITLAB_API_TOKEN": botToken.bot, "GITLAB_WEBHOOK_SECRET": secret,
                "LISTEN_ADDRESS": "127.0.0.1:\(port)", "WORKSPACE_DIR": "\(folder)/work", "ANTHROPIC_API_KEY": "scripted",
                "ANTHROPIC_BASE_URL": modelURL, "PUBLIC_URL": "http://127.0.0.1:\(port)",
            ], log: "\(folder)/service.log")
        try await ready(world, service, log: "\(folder)/service.log")
        say("AI Coder          http://127.0.0.1:\(port)  (dashboard)")

        guard let address = GitLabAddress(gitLabURL) else { throw DemoWorld.Refused(description: gitLabURL) }
        let client = GitLabClient(address: address, token: Secret(botToken.person), transport: transport)
        let project = try await client.project(.path(scene.projectPath))
        _ = try await client.createHook(
            of: .project(.id(project.id)),
            HookSettings(url: "http://127.0.0.1:\(port)/webhooks/gitlab", token: Secret(secret)))
        say("webhook installed through GitLab's API\n")

        try await world.act(
            "issues",
            ["project": scene.projectPath, "by": scene.person, "title": scene.issueTitle, "description": scene.issueDescription])
        say("\(scene.person) opens issue #1 \"\(scene.issueTitle)\" and comments:  \(scene.firstComment)")
        try await world.act(
            "comments", ["project": scene.projectPath, "issue": 1, "by": scene.person, "body": scene.firstComment])
        try await DemoTeller(world: world, say: say).follow(task: 1)
        let merge = try await client.mergeRequest(projectID: project.id, iid: 1)
        say("\nMerge request !\(merge.iid) \"\(merge.title)\", branch \(merge.sourceBranch)\n")
        say(merge.description.split(separator: "\n").filter { !$0.hasPrefix("<!--") }.map { "  \($0)" }.joined(separator: "\n"))
        try await tellDiff(client, project.id)

        say("\n\(scene.person) comments on the merge request:  \(scene.secondComment)")
        try await world.act(
            "comments", ["project": scene.projectPath, "merge_request": 1, "by": scene.person, "body": scene.secondComment])
        try await DemoTeller(world: world, say: say).follow(task: 2)
        try await tellDiff(client, project.id)
        say("\nThe merge request has both commits; each task's journal is on the dashboard.")
        guard keep else { return }
        say("It stays up until Ctrl-C. Dashboard: http://127.0.0.1:\(port)")
        try await Task.sleep(for: .seconds(1 << 30))
    }

    private func cast(_ scene: DemoScene, _ world: DemoWorld) async throws -> (bot: String, person: String) {
        let person = try await world.act("users", ["username": scene.person, "name": "Dana Cole"])
        let bot = try await world.act("users", ["username": scene.bot, "name": "AI Coder"])
        try await world.act("projects", ["path": scene.projectPath, "by": scene.person, "files": scene.files])
        try await world.act("members", ["project": scene.projectPath, "user": scene.bot, "level": "developer"])
        guard let botToken = bot["token"] as? String, let personToken = person["token"] as? String else {
            throw DemoWorld.Refused(description: "The stand-in GitLab gave no tokens.")
        }
        return (botToken, personToken)
    }

    private func ready(_ world: DemoWorld, _ service: Child, log: String) async throws {
        for _ in 0..<300 {
            if (try? await world.api("/readyz")) != nil { return }
            guard service.isRunning else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        let reason = (try? String(contentsOfFile: log, encoding: .utf8))?.suffix(600) ?? ""
        throw DemoWorld.Refused(description: "The service did not become ready. \(reason)")
    }

    private func tellDiff(_ client: GitLabClient, _ project: Int64) async throws {
        // GitLab works a new merge request's diff out after it has answered.
        _ = try await client.preparedMergeRequest(projectID: project, iid: 1)
        let diffs = try await client.diffs(projectID: project, iid: 1)
        say("\nThe diff:")
        for file in diffs {
            say("  \(file.isNew ? "new" : "changed"): \(file.newPath)")
            say(file.diff.split(separator: "\n").prefix(40).map { "    \($0)" }.joined(separator: "\n"))
        }
    }

    /// At once, also into a pipe, where `print` keeps text back.
    private func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    /// A port that was free a moment ago.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketAddress in
                bind(descriptor, socketAddress, length) == 0 && getsockname(descriptor, socketAddress, &length) == 0
            }
        }
        guard isBound else { throw DemoWorld.Refused(description: "No free port on 127.0.0.1.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
