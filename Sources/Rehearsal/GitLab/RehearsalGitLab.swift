import AsyncHTTPClient
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A stand-in GitLab in this process: git over smart HTTP on real repositories, the REST API with state, webhooks signed and
/// delivered like the real one's. It refuses what the real one refuses, in its words. For `demo` and for tests.
package struct RehearsalGitLab: Sendable {
    /// What a test may want otherwise; the defaults are a self-managed server of the 19.1 line.
    package struct Options: Sendable {
        package var host = "127.0.0.1"
        /// 0 takes any free port.
        package var port = 0
        /// Empty, or a path such as `/gitlab`.
        package var relativeRoot = ""
        package var version = "19.1.0"
        /// How often a new merge request is read before it shows `diff_refs`.
        package var readsUntilPrepared = 1
        package var hookTimeout: Duration = .seconds(10)
        /// Whether hooks may point to this machine; real servers refuse it until an administrator allows it.
        package var allowsLocalHooks = true
        /// Whether `/__rehearsal` answers.
        package var hasControl = false

        package init() {}
    }

    package let options: Options
    package let world: GitLabWorld
    private let dataDirectory: String

    package init(dataDirectory: String, options: Options = Options()) {
        self.options = options
        self.dataDirectory = dataDirectory
        world = GitLabWorld(options: options, dataDirectory: dataDirectory)
    }

    /// Serves until the task is cancelled; tells the base URL once it listens.
    package func run(onListening: @escaping @Sendable (_ baseURL: String) async -> Void) async throws {
        try FileManager.default.createDirectory(atPath: dataDirectory, withIntermediateDirectories: true)
        var configuration = HTTPClient.Configuration()
        // GitLab counts a redirect as an answer and does not follow it.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.timeout.read = .seconds(10)
        let client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
        let outgoing = AsyncStream<OutgoingDelivery>.makeStream()
        await world.start(outgoing.continuation)
        let deliverer = Deliverer(world: world, client: client, timeout: options.hookTimeout)
        let door = FrontDoor(world: world, options: options, deliverer: deliverer)
        // Cut connections are this server's trade; its requests are told by the world, not by a log.
        let logger = Logger(label: "rehearsal.gitlab", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = try HTTPServerBuilder.http1().buildServer(
            configuration: .init(address: .hostname(options.host, port: options.port), backlog: 1024),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger,
            responder: { request, writer, _ in try await door.answer(request, writer) },
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? options.port
                let url = "http://\(options.host):\(port)\(options.relativeRoot)"
                await world.listening(at: url)
                await onListening(url)
            })
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await deliverer.run(outgoing.stream) }
                group.addTask { try await server.run() }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }
}

extension GitLabWorld {
    func start(_ continuation: AsyncStream<OutgoingDelivery>.Continuation) { outgoing = continuation }
}
