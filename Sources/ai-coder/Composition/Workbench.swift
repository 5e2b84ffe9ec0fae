import Agent
import Domain
import Foundation
import GitLabAPI
import LanguageModels
import Logging
import Outbox
import Pipeline
import SQLiteStore
import Secrets
import SystemPackage
import Transport
import Workspaces

/// The product's parts, built once from the settings, in reading order.
struct Workbench: Sendable {
    let settings: Settings
    let redactor: Redactor
    let logger: Logger
    let transport: NetworkTransport
    let store: any Store
    let credentials: TaskCredentials
    let gitLab: GitLabAccess?
    let taskGitLab: TaskGitLab
    let git: GitClient
    let sandbox: SharedSandbox
    let outbox: StatusWebhookOutbox

    init(_ settings: Settings, redactor: Redactor, logger: Logger) async throws {
        try Self.check(settings)
        self.settings = settings
        self.redactor = redactor
        self.logger = logger
        transport = try Self.transport(settings, logger: logger)
        store = try Self.openStore(settings)
        credentials = TaskCredentials(redactor: redactor)
        let address = try Self.gitLabAddress(settings)
        gitLab = Self.gitLab(settings, at: address, transport: transport, redactor: redactor)
        taskGitLab = TaskGitLab(configured: address) { [transport] in
            GitLabClient(address: $0, token: $1, transport: transport, redact: redactor.redact)
        }
        let processes = ProcessRunner()
        git = GitClient(
            settings: Self.git(settings), processes: processes, redactor: redactor, logger: logger)
        sandbox = SharedSandbox(settings: try Self.sandbox(settings, logger: logger), processes: processes, logger: logger)
        outbox = Self.outbox(settings, store: store, transport: transport, credentials: credentials, redactor: redactor, logger: logger)
    }

    func parts(progress: (@Sendable (TaskID, AgentProgress) -> Void)? = nil, redactor more: Redactor? = nil) -> PipelineParts {
        PipelineParts(
            store: store, git: git, sandbox: { [sandbox] in try await sandbox.proven() },
            model: { [settings, transport, logger] wish in
                try Self.model(settings, wish: wish, transport: transport, logger: logger)
            },
            gitLab: gitLab, taskGitLab: taskGitLab, credentials: credentials,
            sshKey: settings.git.sshKeyFile.map { .init(key: $0, knownHosts: settings.git.knownHostsFile) },
            progress: progress, settings: pipelineSettings, redactor: more ?? redactor, logger: logger)
    }

    private var models: [String] {
        guard let model = try? Self.modelSettings(settings) else { return [] }
        return [model.effectiveModel, model.fallback].compactMap { $0 }
    }

    private var pipelineSettings: PipelineSettings {
        PipelineSettings(
            maxIterations: settings.running.maxIterations, taskTimeout: settings.running.taskTimeout,
            workspace: settings.running.workspace, maxTokensPerTask: settings.running.maxTokensPerTask,
            maxCostPerTask: settings.running.maxCostPerTask, maxCostPerDay: settings.running.maxCostPerDay,
            mergeRequest: CodingTask.MergeRequestWish(rawValue: settings.oneShot.mergeRequest.rawValue) ?? .auto,
            models: models, allowedHosts: settings.walls.allowedHosts, trigger: settings.gitLab.trigger,
            labelTrigger: settings.gitLab.labelTrigger, publicURL: settings.service.publicURL, isUnconfined: settings.walls.kind == .none,
            sandboxUser: geteuid() == 0 ? SandboxSettings.defaultUser : nil, pipelineFixAttempts: settings.running.pipelineFixAttempts)
    }

    // MARK: - Parts

    /// What only its user can read is read once before anything starts, so that a mistake in it ends the start.
    private static func check(_ settings: Settings) throws {
        _ = try modelSettings(settings)
        guard settings.statusWebhook.url != nil || settings.statusWebhook.secret != nil else { return }
        do {
            _ = try WebhookTarget(
                url: settings.statusWebhook.url ?? "https://localhost", secrets: settings.statusWebhook.secret.map { [$0] } ?? [])
        } catch {
            throw SettingsFailure("WEBHOOK_URL or WEBHOOK_SECRET can't be used: \(error.message)")
        }
    }

    static func transport(_ settings: Settings, logger: Logger) throws -> NetworkTransport {
        do {
            return try NetworkTransport(
                NetworkSettings(proxies: try proxies(settings), certificateFile: settings.outside.caFile?.string), logger: logger)
        } catch let problem as NetworkSettingsProblem {
            throw SettingsFailure(problem.message)
        }
    }

    private static func proxies(_ settings: Settings) throws(NetworkSettingsProblem) -> ProxySettings {
        try ProxySettings(
            https: settings.outside.httpsProxy, http: settings.outside.httpProxy,
            noProxy: settings.outside.noProxy.joined(separator: ","))
    }

    static func openStore(_ settings: Settings) throws -> any Store {
        if let url = settings.service.databaseURL, !url.hasPrefix("sqlite:"), !url.hasPrefix("/") {
            throw SettingsFailure(
                "DATABASE_URL", value: nil,
                expected: "a SQLite file (sqlite:/path or an absolute path); PostgreSQL is not part of this build")
        }
        let folder = settings.running.workspace
        do {
            try FileManager.default.createDirectory(
                atPath: folder.string, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        } catch {
            throw SettingsFailure("WORKSPACE_DIR", value: folder.string, expected: "a folder that can be made and written to")
        }
        guard access(folder.string, W_OK) == 0 else {
            throw SettingsFailure("WORKSPACE_DIR", value: folder.string, expected: "a folder that can be written to")
        }
        let path = settings.service.databaseURL.map { url -> String in
            url.hasPrefix("sqlite:") ? String(url.dropFirst(7).drop(while: { $0 == "/" })).asAbsolute : url
        }
        return try SQLiteStore.open(path: path ?? folder.appending("ai-coder.sqlite").string)
    }

    private static func gitLabAddress(_ settings: Settings) throws -> GitLabAddress {
        guard let address = GitLabAddress(settings.gitLab.url) else {
            throw SettingsFailure("GITLAB_URL", value: settings.gitLab.url, expected: "a URL such as https://gitlab.example.com")
        }
        return address
    }

    private static func gitLab(_ settings: Settings, at address: GitLabAddress, transport: NetworkTransport, redactor: Redactor) -> GitLabAccess? {
        guard let token = settings.gitLab.token else { return nil }
        let client = GitLabClient(address: address, token: token, transport: transport, redact: redactor.redact)
        let identity = BotAccount(client: client)
        return GitLabAccess(
            client: client, token: token, bot: { try await identity.user() },
            minAccessLevel: settings.gitLab.minAccessLevel.number, projects: ProjectAllowList(settings.gitLab.projects),
            bindsSecrets: (settings.gitLab.webhookSecrets + settings.gitLab.signingTokens).contains { $0.projects != nil })
    }

    private static func git(_ settings: Settings) -> GitSettings {
        GitSettings(
            username: settings.git.username, email: settings.git.email, caFile: settings.outside.caFile,
            proxy: GitProxy(
                https: settings.outside.httpsProxy, http: settings.outside.httpProxy,
                exceptions: settings.outside.noProxy.isEmpty ? nil : settings.outside.noProxy.joined(separator: ",")),
            cacheDirectory: settings.running.workspace.appending("mirrors"))
    }

    static func sandbox(_ settings: Settings, logger: Logger) throws -> SandboxSettings {
        for host in settings.walls.allowedHosts where HostRule(host) == nil {
            throw SettingsFailure(
                "SANDBOX_ALLOW_HOSTS", value: host,
                expected:
                    "host names such as packages.example.com or packages.example.com:8443 (ports 443 and 80 where none is named; internal:host for one with a private address)"
            )
        }
        var walls = SandboxSettings(
            kind: SandboxSettings.Kind(rawValue: settings.walls.kind.rawValue) ?? .bubblewrap,
            allowedHosts: settings.walls.allowedHosts, image: settings.walls.image,
            hiddenPaths: [settings.running.workspace] + settings.secretFiles)
        if let memory = settings.walls.memoryBytes { walls.memory = memory }
        if let processes = settings.walls.processes { walls.processes = processes }
        if let time = settings.walls.time { walls.time = time }
        let proxies: ProxySettings
        do { proxies = try Self.proxies(settings) } catch { throw SettingsFailure(error.message) }
        if !settings.walls.allowedHosts.isEmpty, [proxies.https, proxies.http].contains(where: { $0?.kind == .socks5 }) {
            logger.warning("SANDBOX_ALLOW_HOSTS goes out directly, since a SOCKS proxy can't be used for it")
        }
        walls.companyProxy = { host, port, isTunnel in
            guard let proxy = proxies.proxy(scheme: isTunnel ? "https" : "http", host: host, port: port), proxy.kind == .http else { return nil }
            return CompanyProxy(host: proxy.host, port: proxy.port, credentials: proxy.credentials)
        }
        return walls
    }

    static func modelSettings(_ settings: Settings) throws -> ModelSettings {
        var model = ModelSettings(
            provider: settings.model.provider.flatMap { .init(rawValue: $0.rawValue) },
            anthropicKey: settings.model.anthropicKey, anthropicToken: settings.model.anthropicAuthToken,
            anthropicURL: settings.model.anthropicBaseURL, openAIKey: settings.model.openAIKey,
            openAIURL: settings.model.openAIBaseURL,
            openAIWire: .init(rawValue: settings.model.openAIWire.rawValue) ?? .auto, model: settings.model.name,
            fallback: settings.model.fallback)
        if let path = settings.model.pricesFile {
            guard let data = FileManager.default.contents(atPath: path.string) else {
                throw SettingsFailure("MODEL_PRICES_FILE", value: path.string, expected: "the path of a file that can be read")
            }
            do {
                model.options.prices = try ModelPrices(json: Array(data))
            } catch {
                throw SettingsFailure("MODEL_PRICES_FILE (\(path)): \(error)")
            }
        }
        return model
    }

    private static func model(
        _ settings: Settings, wish: String?, transport: NetworkTransport, logger: Logger
    ) throws -> any LanguageModel {
        var model = try modelSettings(settings)
        if let wish { model.model = wish }
        return try makeModel(model, transport: transport, logger: logger)
    }

    private static func outbox(
        _ settings: Settings, store: any Store, transport: NetworkTransport, credentials: TaskCredentials,
        redactor: Redactor, logger: Logger
    ) -> StatusWebhookOutbox {
        StatusWebhookOutbox(store: store, transport: transport, redactor: redactor, logger: logger) { task in
            StatusRoute(task: task, settings: settings.statusWebhook, given: credentials.secrets(of: task.id)?.webhookSecret).route(logger)
        }
    }
}

extension String {
    fileprivate var asAbsolute: String { hasPrefix("/") ? self : "/" + self }
}
