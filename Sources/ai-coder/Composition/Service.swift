import Domain
import Foundation
import GitLabAPI
import Logging
import Outbox
import Pipeline
import Secrets
import ServiceLifecycle
import SystemPackage
import UnixSignals
import WebServer
import Workspaces

/// The long-running product: everything that runs is in one group and ends with it, in the reverse order.
struct Service {
    let settings: Settings
    let isQuiet: Bool
    let isVerbose: Bool
    /// Told the port once the listener is bound.
    var onBound: @Sendable (Int) async -> Void = { _ in }

    func run() async throws {
        let redactor = Redactor(secrets: settings.secrets)
        let level = settings.logLevel(isQuiet: isQuiet, isVerbose: isVerbose, quiet: .warning, otherwise: .info)
        let logger = Logger(label: "ai-coder") { label in
            StandardErrorLog(label: label, level: level, isJSON: settings.logFormat == .json, redactor: redactor)
        }
        if geteuid() == 0 {
            logger.warning("The service runs as root; give it a user of its own. Commands run as an unprivileged user all the same")
        }
        if settings.walls.kind == .none {
            logger.warning("SANDBOX=none: what repositories and models run has no walls around it")
        }
        let bench = try await Workbench(settings, redactor: redactor, logger: logger)
        await Leftovers(bench: bench).sweep()
        let parts = bench.parts()
        let bot = KnownBot()
        var services: [any ServiceLifecycle.Service] = [
            Background("status webhooks") { try await bench.outbox.run() },
            Background("left-overs") { try await Leftovers(bench: bench).run() },
            Background("sandbox check") { await checkSandbox(bench, logger) },
        ]
        if let gitLab = bench.gitLab {
            services.append(Background("bot identity") { await bot.learn(from: gitLab, logger: logger) })
            services.append(Background("progress notes") { try await ProgressFollower(parts: parts, gitLab: gitLab).run() })
            services.append(Background("reconciler") { try await Reconciler(parts: parts, gitLab: gitLab).run() })
        } else {
            logger.warning("GITLAB_API_TOKEN is not set: deliveries are written down, but nothing can be done in GitLab")
        }
        services.append(
            Background("workers") {
                try await WorkerPool(
                    parts: parts, owner: ThisProcess.owner(name: "serve"), width: settings.running.workers, logger: logger
                ).run()
            })
        services.append(try web(bench, bot: bot, logger: logger))
        try await ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }

    private func web(_ bench: Workbench, bot: KnownBot, logger: Logger) throws -> any ServiceLifecycle.Service {
        let credentials = settings.gitLab.webhookSecrets + settings.gitLab.signingTokens
        let verifier: DeliveryVerifier
        do {
            verifier = try DeliveryVerifier(credentials)
        } catch {
            throw SettingsFailure(error.message)
        }
        let onBound = onBound
        return try WebServer(
            settings: WebServerSettings(
                host: settings.service.host, port: settings.service.port, publicURL: settings.service.publicURL,
                adminToken: settings.service.adminToken, gitLabURL: settings.gitLab.url,
                webhookURL: settings.statusWebhook.url,
                trigger: settings.gitLab.trigger, labelTrigger: settings.gitLab.labelTrigger,
                projects: settings.gitLab.projects, version: ProductVersion.text),
            store: bench.store, verifier: verifier, bot: { bot.identity },
            keepSecrets: { id, secrets in
                bench.credentials.keep(
                    .init(gitLabToken: secrets.gitLabAPIToken, webhookSecret: secrets.webhookSecret), for: id)
            },
            carrySecrets: { bench.credentials.carry(from: $0, to: $1) },
            readiness: { await readiness(bench) }, redact: bench.redactor.redact,
            onBound: { port in
                logger.notice("Listening", metadata: ["address": "\(settings.service.host):\(port)"])
                await onBound(port)
            }, logger: logger
        ).service()
    }

    private func readiness(_ bench: Workbench) async -> ReadinessReport {
        var parts: [ReadinessReport.Part] = []
        do {
            _ = try await bench.store.counts()
            parts.append(.init("database", isReady: true))
        } catch {
            parts.append(.init("database", isReady: false, message: "The database can't be read."))
        }
        do {
            _ = try await bench.sandbox.proven()
            parts.append(.init("sandbox", isReady: true))
        } catch let failure as TaskFailure {
            parts.append(.init("sandbox", isReady: false, message: failure.message))
        } catch {
            parts.append(.init("sandbox", isReady: false, message: "The sandbox could not be checked."))
        }
        return ReadinessReport(parts)
    }

    private func checkSandbox(_ bench: Workbench, _ logger: Logger) async {
        do {
            _ = try await bench.sandbox.proven()
            logger.info("The sandbox holds", metadata: ["sandbox.kind": "\(settings.walls.kind.rawValue)"])
        } catch {
            logger.error("sandbox: unavailable; tasks are refused until it holds", metadata: ["error": "\(error)"])
        }
    }
}

/// A part that runs until the service is asked to stop, and is then cancelled: what it had in hand is durable.
private struct Background: ServiceLifecycle.Service {
    let name: String
    let work: @Sendable () async throws -> Void

    init(_ name: String, _ work: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.work = work
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await work()
            } catch is CancellationError {
                return
            }
            // A part that has done its work must not end the group.
            try? await gracefulShutdown()
        }
    }
}
