import Foundation
import GitLabAPI
import Secrets
import SystemPackage

/// All settings, read and checked once at start; everybody else receives values.
///
/// Names, defaults and meaning are those of the README's table, one environment variable each.
struct Settings: Sendable {
    enum Provider: String, CaseIterable, Sendable { case anthropic, openai }
    enum Wire: String, CaseIterable, Sendable { case auto, chat, responses }
    enum MergeRequests: String, CaseIterable, Sendable { case auto, always, never }
    enum SandboxKind: String, CaseIterable, Sendable { case bubblewrap, container, none }
    enum LogLevel: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error, critical }
    enum LogFormat: String, CaseIterable, Sendable { case text, json }
    enum AccessLevel: String, CaseIterable, Sendable {
        case guest, planner, reporter, developer, maintainer, owner
        /// GitLab's number of the role.
        var number: Int {
            switch self {
            case .guest: 10
            case .planner: 15
            case .reporter: 20
            case .developer: 30
            case .maintainer: 40
            case .owner: 50
            }
        }
    }

    struct Model: Sendable {
        var provider: Provider?
        var anthropicKey: Secret?
        var anthropicBaseURL: String?
        var anthropicAuthToken: Secret?
        var openAIKey: Secret?
        var openAIBaseURL: String?
        var openAIWire: Wire
        var name: String?
        var fallback: String?
        var pricesFile: FilePath?
    }

    struct Git: Sendable {
        var username: String
        var email: String
        var sshKeyFile: FilePath?
        var knownHostsFile: FilePath?
    }

    struct GitLab: Sendable {
        var url: String
        var token: Secret?
        var webhookSecrets: [DeliveryVerifier.Credential]
        var signingTokens: [DeliveryVerifier.Credential]
        var projects: [String]
        var minAccessLevel: AccessLevel
        var trigger: String
        var labelTrigger: String?
    }

    struct StatusWebhook: Sendable {
        var url: String?
        var secret: Secret?
    }

    struct OneShot: Sendable {
        var taskID: String?
        var repoURL: String?
        var intent: String?
        var branch: String?
        var mergeRequest: MergeRequests
    }

    struct Running: Sendable {
        var workspace: FilePath
        var maxIterations: Int
        var workers: Int
        var taskTimeout: Duration
        var maxCostPerTask: Double?
        var maxCostPerDay: Double?
        var maxTokensPerTask: Int?
        var pipelineFixAttempts: Int
    }

    struct Service: Sendable {
        var host: String
        var port: Int
        var publicURL: String?
        var databaseURL: String?
        var adminToken: Secret?
    }

    struct Walls: Sendable {
        var kind: SandboxKind
        var image: String?
        var allowedHosts: [String]
        var memoryBytes: Int?
        var processes: Int?
        var time: Duration?
    }

    struct Outside: Sendable {
        var caFile: FilePath?
        var httpsProxy: String?
        var httpProxy: String?
        var noProxy: [String]
    }

    var model: Model
    var git: Git
    var gitLab: GitLab
    var statusWebhook: StatusWebhook
    var oneShot: OneShot
    var running: Running
    var service: Service
    var walls: Walls
    var outside: Outside
    /// Nil for what the command takes by itself.
    var logLevel: LogLevel?
    var logFormat: LogFormat
    /// Files that hold something secret: the settings' own, keys, the database. Nothing that tasks run may see them.
    var secretFiles: [FilePath]

    init(reading reader: SettingsReader, environment: [String: String]) throws {
        model = try Model(
            provider: reader.choice(.aiProvider), anthropicKey: reader.secret(.anthropicAPIKey),
            anthropicBaseURL: reader.modelURL(.anthropicBaseURL), anthropicAuthToken: reader.secret(.anthropicAuthToken),
            openAIKey: reader.secret(.openAIAPIKey), openAIBaseURL: reader.modelURL(.openAIBaseURL),
            openAIWire: reader.choice(.openAIWire) ?? .auto, name: reader.text(.modelName),
            fallback: reader.text(.fallbackModel), pricesFile: reader.file(.modelPricesFile))
        git = try Git(
            username: reader.identity(.gitUsername) ?? "ai-coder-bot",
            email: reader.identity(.gitEmail) ?? "ai-coder@example.com", sshKeyFile: reader.file(.gitSSHKeyFile),
            knownHostsFile: reader.file(.gitSSHKnownHostsFile))
        gitLab = try GitLab(
            url: reader.baseURL(.gitLabURL) ?? "https://gitlab.com", token: reader.secret(.gitLabAPIToken),
            webhookSecrets: reader.webhookSecrets(), signingTokens: reader.signingTokens(), projects: reader.list(.projects),
            minAccessLevel: reader.choice(.minAccessLevel) ?? .developer, trigger: reader.trigger(),
            labelTrigger: reader.text(.labelTrigger))
        statusWebhook = try StatusWebhook(url: reader.url(.webhookURL), secret: reader.secret(.webhookSecret))
        oneShot = try OneShot(
            taskID: reader.text(.taskID), repoURL: reader.text(.repoURL), intent: reader.text(.taskIntent),
            branch: reader.text(.taskBranch), mergeRequest: reader.choice(.createMergeRequest) ?? .auto)
        running = try Running(
            workspace: Self.workspace(reader.text(.workspaceDir), environment: environment),
            maxIterations: reader.number(.maxIterations, in: 0...20, default: 3),
            workers: reader.number(.workers, in: 1...64, default: 2),
            taskTimeout: reader.duration(.taskTimeout, default: .seconds(3600)),
            maxCostPerTask: reader.money(.maxCostPerTask), maxCostPerDay: reader.money(.maxCostPerDay),
            maxTokensPerTask: reader.number(.maxTokensPerTask, in: 1...1_000_000_000),
            pipelineFixAttempts: reader.number(.pipelineFixAttempts, in: 0...20, default: 2))
        let listen = try reader.listenAddress()
        service = try Service(
            host: listen.host, port: listen.port, publicURL: reader.baseURL(.publicURL),
            databaseURL: reader.text(.databaseURL), adminToken: reader.adminToken())
        walls = try Walls(
            kind: reader.choice(.sandbox) ?? .bubblewrap, image: reader.text(.sandboxImage),
            allowedHosts: reader.list(.sandboxAllowHosts), memoryBytes: reader.bytes(.sandboxMemory),
            processes: reader.number(.sandboxPIDs, in: 8...65536),
            time: reader.text(.sandboxTime) == nil ? nil : reader.duration(.sandboxTime, default: .seconds(600)))
        outside = try Outside(
            caFile: reader.file(.sslCertFile), httpsProxy: reader.proxy(.httpsProxy),
            httpProxy: reader.proxy(.httpProxy), noProxy: reader.list(.noProxy))
        logLevel = try reader.choice(.logLevel)
        logFormat = try reader.choice(.logFormat) ?? .text
        secretFiles = reader.files + [git.sshKeyFile].compactMap { $0 } + Self.databaseFiles(service.databaseURL)
    }

    /// `/workspace` where it is writable, else the XDG state folder.
    private static func workspace(_ text: String?, environment: [String: String]) throws -> FilePath {
        if let text {
            guard !text.contains("\0") else { throw SettingsFailure("WORKSPACE_DIR", value: text, expected: "a path") }
            return SettingsReader.absolute(text)
        }
        if access("/workspace", W_OK) == 0 { return "/workspace" }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return FilePath(state).appending("ai-coder") }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw SettingsFailure("WORKSPACE_DIR is not set, and neither /workspace nor a home folder can be used; set it to a writable folder.")
        }
        return FilePath(home).appending(".local/state/ai-coder")
    }

    private static func databaseFiles(_ url: String?) -> [FilePath] {
        guard let url, url.hasPrefix("sqlite:") || url.hasPrefix("/") else { return [] }
        let path = "/" + url.trimmingPrefix("sqlite:").drop { $0 == "/" }
        return ["", "-wal", "-shm", "-journal"].map { FilePath(path + $0) }
    }

    /// Every secret value there is, for the redactor.
    var secrets: [Secret] {
        [
            model.anthropicKey, model.anthropicAuthToken, model.openAIKey, gitLab.token, statusWebhook.secret,
            service.adminToken, service.databaseURL.map { Secret($0) },
        ].compactMap { $0 } + (gitLab.webhookSecrets + gitLab.signingTokens).map(\.secret) + outside.passwords
            + [service.databaseURL, model.anthropicBaseURL, model.openAIBaseURL, statusWebhook.url].flatMap(Self.secrets)
    }

    /// What an address holds that opens something: its password, and what its query calls by such a name. Short ones, and a password
    /// that is the user's name, are words that stand everywhere.
    private static func secrets(in address: String?) -> [Secret] {
        guard let parts = address.flatMap({ URLComponents(string: $0) }) else { return [] }
        let words = ["password", "key", "token", "secret", "sig", "code"]
        let named = (parts.queryItems ?? []).filter { item in words.contains { item.name.lowercased().contains($0) } }.compactMap(\.value)
        return ([parts.password].compactMap { $0 } + named).filter { $0.utf8.count >= 10 && $0 != parts.user }.map { Secret($0) }
    }
}

extension Settings.Outside {
    fileprivate var passwords: [Secret] {
        [httpsProxy, httpProxy].compactMap { $0.flatMap { URLComponents(string: $0)?.password } }.map { Secret($0) }
    }
}
