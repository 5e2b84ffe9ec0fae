package import Domain
package import Foundation
package import GitLabAPI
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import ServiceLifecycle

/// The listener: GitLab's deliveries, the API, the dashboard, health and metrics.
///
/// A request can look at the store, write down and enqueue. It never waits for GitLab, git or a model.
package struct WebServer: Sendable {
    private let settings: WebServerSettings
    private let store: any Store
    private let verifier: DeliveryVerifier
    private let bot: @Sendable () -> BotIdentity?
    private let keepSecrets: @Sendable (TaskID, TaskSecrets) async -> Void
    private let carrySecrets: @Sendable (_ from: TaskID, _ to: TaskID) async -> Void
    private let readiness: @Sendable () async -> ReadinessReport
    private let onBound: @Sendable (Int) async -> Void
    private let redact: @Sendable (String) -> String
    private let now: @Sendable () -> Date
    private let logger: Logger

    /// - Parameters:
    ///   - bot: the bot's account, as soon as it is known; asked for each delivery, so it must answer at once.
    ///   - keepSecrets: takes the secrets of a task from the API, before the task is written down.
    ///   - carrySecrets: gives the secrets of an ended task, where they are still kept, to the one that does it again.
    ///   - readiness: what `/readyz` tells beside the store.
    ///   - redact: takes secrets out of every answer of the API and every page.
    ///   - onBound: called with the port as soon as requests are answered.
    package init(
        settings: WebServerSettings, store: any Store, verifier: DeliveryVerifier,
        bot: @escaping @Sendable () -> BotIdentity?,
        keepSecrets: @escaping @Sendable (TaskID, TaskSecrets) async -> Void = { _, _ in },
        carrySecrets: @escaping @Sendable (_ from: TaskID, _ to: TaskID) async -> Void = { _, _ in },
        readiness: @escaping @Sendable () async -> ReadinessReport = { ReadinessReport([]) },
        redact: @escaping @Sendable (String) -> String = { $0 },
        onBound: @escaping @Sendable (Int) async -> Void = { _ in },
        now: @escaping @Sendable () -> Date = { Date() }, logger: Logger
    ) {
        self.settings = settings
        self.store = store
        self.verifier = verifier
        self.bot = bot
        self.keepSecrets = keepSecrets
        self.carrySecrets = carrySecrets
        self.readiness = readiness
        self.onBound = onBound
        self.redact = redact
        self.now = now
        self.logger = logger
    }

    /// The server as a service: it listens while it runs, and ends its streams at a graceful shutdown.
    package func service() throws -> some Service {
        let metrics = ServerMetrics(store: store, version: settings.version, logger: logger, now: now())
        let peers = PeerCounter(limit: settings.limits.connectionsPerPeer)
        let limits = settings.limits
        let onBound = onBound
        return Application(
            router: try router(metrics: metrics),
            server: HTTPServerBuilder { responder in
                GuardedHTTPChannel(responder: responder, limits: limits, peers: peers)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)),
            services: [metrics],
            onServerRunning: { channel in
                await onBound(channel.localAddress?.port ?? 0)
            }, logger: logger)
    }

    // MARK: Routes

    func router(metrics: ServerMetrics) throws -> Router<WebContext> {
        let router = Router(context: WebContext.self)
        router.add(middleware: FrontDoor())
        addIntake(to: router, metrics)
        addHealth(to: router)

        let access = AdminAccess(settings: settings, now: now)
        let dashboard = Dashboard(
            templates: try Templates(), store: store, api: api, access: access, publicURL: settings.publicURL,
            gitLabURL: settings.gitLabURL, version: settings.version, now: now)
        let redaction = OutgoingRedaction(redact: redact)
        addAPI(to: router.group().add(middleware: redaction).add(middleware: AdminGate(access: access, signInPage: nil)), metrics)
        dashboard.addOpenRoutes(to: router)
        dashboard.addRoutes(
            to: router.group().add(middleware: redaction).add(middleware: ProblemPages { dashboard.problemPage($0) })
                .add(middleware: AdminGate(access: access) { dashboard.signInPage(for: $0) }))
        return router
    }

    private var api: TaskAPI {
        TaskAPI(
            store: store, policy: TargetPolicy(settings: settings), keepSecrets: keepSecrets, carrySecrets: carrySecrets, now: now)
    }

    private func addIntake(to router: Router<WebContext>, _ metrics: ServerMetrics) {
        let projects = ProjectAllowList(settings.projects)
        let intake = WebhookIntake(
            verifier: verifier, store: store,
            interpreter: { [bot, settings] in
                DeliveryInterpreter(
                    bot: bot(), trigger: settings.trigger, labelTrigger: settings.labelTrigger, projects: projects)
            }, metrics: metrics, maximumBytes: settings.limits.deliveryBytes,
            unproven: UnprovenBodies(limit: settings.limits.unprovenBytes), now: now)
        router.post("/webhooks/gitlab") { request, context in await intake.handle(request, context) }
    }

    private func addHealth(to router: Router<WebContext>) {
        router.get("/healthz") { _, _ in Response.bytes("ok\n".utf8, type: "text/plain; charset=utf-8") }
        router.get("/readyz") { [store, readiness] _, _ in
            var report = await readiness()
            do {
                _ = try await store.counts()
                report.parts.insert(ReadinessReport.Part("store", isReady: true), at: 0)
            } catch {
                report.parts.insert(
                    ReadinessReport.Part("store", isReady: false, message: "The database does not answer; the log says why."), at: 0)
            }
            return Response.json(ReadinessView(report), status: report.isReady ? .ok : .serviceUnavailable)
        }
        router.get("/openapi.yaml") { _, _ in
            Response.bytes(PackageResources.openapi_yaml, type: "application/yaml; charset=utf-8")
        }
    }

    private func addAPI(to group: RouterGroup<WebContext>, _ metrics: ServerMetrics) {
        let api = api
        let events = TaskEvents(
            store: store, slots: StreamSlots(limit: settings.limits.eventStreams, changed: { metrics.countStreams($0) }))
        group.post("/api/v1/tasks") { try await api.submit($0, $1) }
        group.get("/api/v1/tasks") { try await api.list($0, $1) }
        group.get("/api/v1/tasks/{id}") { try await api.show($0, $1) }
        group.get("/api/v1/tasks/{id}/events") { try await events.handle($0, api.record($1)) }
        group.post("/api/v1/tasks/{id}/stop") { try await api.stop($0, $1) }
        group.post("/api/v1/tasks/{id}/retry") { try await api.retry($0, $1) }
        group.get("/api/v1/deliveries") { try await api.deliveries($0, $1) }
        group.get("/metrics") { _, _ in
            Response.bytes(await metrics.render().utf8, type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}

/// `/readyz`'s body.
private struct ReadinessView: Encodable {
    private struct Part: Encodable {
        let name: String
        let ready: Bool
        let message: String?
    }

    private let ready: Bool
    private let parts: [Part]

    init(_ report: ReadinessReport) {
        ready = report.isReady
        parts = report.parts.map { Part(name: $0.name, ready: $0.isReady, message: $0.message) }
    }
}
