import Foundation
import GitLabAPI
import Logging
import Rehearsal
import Synchronization
import TestSupport
import Transport

/// The whole bot as people meet it: a stand-in GitLab and a scripted model in this process, and the product's `serve` as a
/// process of its own that can be killed and started again on the same workspace.
final class AssembledBot: Sendable {
    static let project = "greenhouse/portal"
    static let person = "dana"
    static let bot = "ai-coder"

    let gitLab: RehearsalGitLab
    let model: ScriptedModelServer
    let receiver: StatusReceiver
    let folder: String
    let environment: [String: String]
    private let port: Int
    private let service = Mutex<ServiceProcess?>(nil)
    private let transport: NetworkTransport

    var world: GitLabWorld { gitLab.world }
    var journal: JournalWindow { JournalWindow(path: "\(folder)/work/ai-coder.sqlite") }

    private init(
        gitLab: RehearsalGitLab, model: ScriptedModelServer, receiver: StatusReceiver, folder: String, port: Int,
        environment: [String: String]
    ) throws {
        (self.gitLab, self.model, self.receiver, self.folder) = (gitLab, model, receiver, folder)
        (self.port, self.environment) = (port, environment)
        transport = try NetworkTransport(logger: Logger(label: "end-to-end", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    static let secret = "a-secret-that-only-the-tests-know"

    /// Runs `body` with everything up: the project, its people, the hook, and the service ready.
    static func run<Result: Sendable>(
        _ script: ModelScript, files: [String: String], visibility: GitLabWorld.Visibility = .private,
        settings: [String: String] = [:], _ body: @Sendable @escaping (AssembledBot) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "loop-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let gitLab = RehearsalGitLab(dataDirectory: "\(folder)/gitlab")
        let model = ScriptedModelServer(script)
        return try await StatusReceiver.run { receiver, statusURL in
            try await gitLab.serving { gitLabURL in
                try await model.serving { modelURL in
                    let token = try await cast(gitLab.world, files, visibility)
                    let port = try FreePort.find()
                    var environment = [
                        "GITLAB_URL": gitLabURL, "GITLAB_API_TOKEN": token, "GITLAB_WEBHOOK_SECRET": secret,
                        "LISTEN_ADDRESS": "127.0.0.1:\(port)", "WORKSPACE_DIR": "\(folder)/work",
                        "ANTHROPIC_API_KEY": "scripted", "ANTHROPIC_BASE_URL": modelURL, "WEBHOOK_URL": statusURL,
                        "WEBHOOK_SECRET": "another-secret-of-the-tests", "HOME": folder,
                        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
                    ]
                    environment.merge(settings) { $1 }
                    let bot = try AssembledBot(
                        gitLab: gitLab, model: model, receiver: receiver, folder: folder, port: port, environment: environment)
                    try await bot.start()
                    try await gitLab.world.installHook(
                        in: project, url: "http://127.0.0.1:\(port)/webhooks/gitlab", token: secret)
                    do {
                        let result = try await body(bot)
                        await bot.kill()
                        try await bot.checkPromises()
                        return result
                    } catch {
                        await bot.kill()
                        throw error
                    }
                }
            }
        }
    }

    private static func cast(
        _ world: GitLabWorld, _ files: [String: String], _ visibility: GitLabWorld.Visibility
    ) async throws -> String {
        await world.createUser(person, name: "Dana Cole")
        await world.createUser("gus", name: "Gus Guest")
        await world.createUser(bot, name: "AI Coder", isBot: true)
        try await world.createProject(project, by: person, files: files, visibility: visibility)
        try await world.setMember(bot, of: project, .developer)
        try await world.setMember("gus", of: project, .guest)
        return try await world.createToken(for: bot)
    }

    // MARK: the service

    func start() async throws {
        let started = try ServiceProcess(["serve"], environment: environment, log: "\(folder)/service.log")
        service.withLock { $0 = started }
        try await eventually("the service is ready") {
            if await started.hasEnded { throw Trouble("The service ended: \(self.log)") }
            return (try? await self.get("/readyz")) != nil
        }
    }

    /// SIGKILL; returns when the process is gone.
    func kill() async {
        guard let running = service.withLock({ $0 }) else { return }
        await running.kill()
    }

    /// Sends SIGKILL and does not wait.
    func strike() { service.withLock { $0 }?.strike() }

    var log: String { String(((try? String(contentsOfFile: "\(folder)/service.log", encoding: .utf8)) ?? "").suffix(4000)) }

    func get(_ path: String) async throws -> [UInt8] {
        let reply = try await transport.send(HTTPRequest("GET", "http://127.0.0.1:\(port)\(path)"))
        guard reply.status == 200 else { throw Trouble("\(path) answered \(reply.status)") }
        return reply.body
    }

    /// Writes an unpublished comment on the first merge request in the bot's name.
    func leaveDraft(_ text: String) async throws {
        let project = Self.project.replacing("/", with: "%2F")
        var request = HTTPRequest(
            "POST", "\(environment["GITLAB_URL"] ?? "")/api/v4/projects/\(project)/merge_requests/1/draft_notes",
            headers: ["content-type": "application/json", "private-token": environment["GITLAB_API_TOKEN"] ?? ""])
        request.body = Array(try JSONEncoder().encode(["note": text]))
        let status = try await transport.send(request).status
        guard status == 201 else { throw Trouble("The draft was answered with \(status)") }
    }

    func deliver(_ body: [UInt8], id: String) async throws -> Int {
        var request = HTTPRequest(
            "POST", "http://127.0.0.1:\(port)/webhooks/gitlab",
            headers: [
                "content-type": "application/json", "x-gitlab-token": Self.secret, "x-gitlab-event": "Note Hook",
                "idempotency-key": id,
            ])
        request.body = body
        return try await transport.send(request).status
    }

    // MARK: waiting

    struct Trouble: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Looks at the service, which is another process, until it is so.
    func eventually(_ what: String, within seconds: Double = 60, _ isSo: () async throws -> Bool) async throws {
        do {
            try await TestSupport.eventually(what, within: seconds, isSo)
        } catch let notSeen as NotSeen {
            throw Trouble("\(notSeen) Tasks: \(journal.tasks). \(log)")
        }
    }

    /// Waits until so many work tasks have ended and everybody has been told; returns them.
    @discardableResult
    func ended(_ number: Int = 1) async throws -> [JournalWindow.Task] {
        try await eventually("\(number) tasks have ended and all is told") {
            let tasks = self.journal.tasks
            return tasks.count >= number && tasks.allSatisfy { $0.state == "ended" } && self.journal.followersBehind == 0
        }
        return journal.tasks
    }

    // MARK: people

    func comment(_ body: String, issue iid: Int, by name: String = person) async throws {
        _ = try await world.comment(body, on: .issue(Self.project, iid), by: name)
    }

    /// What the bot has written there.
    func said(on place: GitLabWorld.Place) async throws -> [String] {
        var bodies: [String] = []
        for note in try await world.comments(on: place) where await world.username(ofUser: note.authorID) == Self.bot {
            bodies.append(note.body)
        }
        return bodies
    }

    func said(onIssue iid: Int) async throws -> [String] { try await said(on: .issue(Self.project, iid)) }
    func said(onMergeRequest iid: Int) async throws -> [String] { try await said(on: .mergeRequest(Self.project, iid)) }

    /// The branches beside `main`.
    func branches() async throws -> [String] {
        try await world.branches(of: Self.project).keys.filter { $0 != "main" }.sorted()
    }
}
