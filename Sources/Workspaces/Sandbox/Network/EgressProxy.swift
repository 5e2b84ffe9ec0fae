import Foundation
import NIOCore
import NIOPosix
import NetworkAddresses
import Secrets
import Synchronization

/// The only way out of a sandbox that may reach hosts: a proxy in the service, which looks at each destination by name and
/// then at the address that it resolved to, and connects to exactly that one.
///
/// One proxy serves one command; what it learned and counted ends with it. TLS runs from end to end: it sees no content and
/// holds no credential of a host.
final class EgressProxy: Sendable {
    typealias Resolver = @Sendable (_ host: String, _ port: Int) async throws -> [String]
    typealias Router = @Sendable (_ host: String, _ port: Int, _ isTunnel: Bool) -> CompanyProxy?
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// What one command may use.
    struct Bounds: Sendable {
        var connections = 64
        /// Both ways and all connections together.
        var bytes = 2 << 30
        /// For the head of a request.
        var headTime = TimeAmount.seconds(10)
        var connectTime = TimeAmount.seconds(10)
        /// Without a byte in either direction.
        var idleTime = TimeAmount.seconds(120)
    }

    private struct State {
        var refused: [String] = []
        var pinned: [HostDestination: [HostAddress]] = [:]
        var bytes = 0
        var connections = 0
    }

    private let policy: HostPolicy
    private let resolve: Resolver
    private let route: Router
    private let bounds: Bounds
    private let state = Mutex(State())

    private static let refusalLimit = 50

    init(
        _ policy: HostPolicy, resolve: @escaping Resolver = HostLookup.addresses, route: @escaping Router = { _, _, _ in nil },
        bounds: Bounds = Bounds()
    ) {
        self.policy = policy
        self.resolve = resolve
        self.route = route
        self.bounds = bounds
    }

    /// Each request that was refused, once: `host:port`, with a reason where it is another than "not allowed".
    var refused: [String] { state.withLock { $0.refused } }

    /// Serves on a listening socket until cancelled. Owns the socket.
    func serve(_ listener: Int32) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 64)
            .bind(listener) { [bounds] channel in
                channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, bounds) }
            }
        try await server.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    guard takeConnection() else {
                        note("more than \(bounds.connections) connections at once")
                        try? await client.executeThenClose { _, _ in }
                        continue
                    }
                    group.addTask { [self] in
                        // A connection that breaks is the command's affair.
                        try? await serve(client)
                        state.withLock { $0.connections -= 1 }
                    }
                }
            }
        }
    }

    private static func prepare(_ channel: any Channel, _ bounds: Bounds) throws -> Connection {
        try channel.pipeline.syncOperations.addHandlers(IdleStateHandler(allTimeout: bounds.idleTime), IdleCloser())
        return try Connection(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    private func takeConnection() -> Bool {
        state.withLock { state in
            guard state.connections < bounds.connections else { return false }
            state.connections += 1
            return true
        }
    }

    private func note(_ refusal: String) {
        state.withLock { state in
            if state.refused.count < Self.refusalLimit, !state.refused.contains(refusal) { state.refused.append(refusal) }
        }
    }

    // MARK: - One connection

    private func serve(_ client: Connection) async throws {
        try await client.executeThenClose { inbound, outbound in
            // A client that says nothing is let go; closing the channel ends the reading below.
            let impatience = client.channel.eventLoop.scheduleTask(in: bounds.headTime) { client.channel.close(promise: nil) }
            var iterator = inbound.makeAsyncIterator()
            var bytes: [UInt8] = []
            var found: Int?
            while found == nil {
                guard bytes.count <= ProxyRequest.headLimit, let part = try await iterator.next() else { return impatience.cancel() }
                let known = bytes.count
                bytes += Array(buffer: part)
                found = ProxyRequest.end(of: bytes, from: known - 3)
            }
            impatience.cancel()
            guard let end = found, let request = ProxyRequest(head: Array(bytes[..<end])) else {
                note("a request that can't be read")
                return try await outbound.write(Self.answer("400 Bad Request", "This request was not understood."))
            }
            let host: Opened
            do {
                host = try await open(request)
            } catch let refusal as Refusal {
                note(refusal.name)
                return try await outbound.write(Self.answer("403 Forbidden", refusal.message))
            } catch let problem as Unreachable {
                return try await outbound.write(Self.answer("502 Bad Gateway", problem.message))
            } catch is HostLookup.Failure {
                return try await outbound.write(Self.answer("502 Bad Gateway", "\(request.destination) could not be resolved."))
            }
            try await host.connection.executeThenClose { hostInbound, hostOutbound in
                if let opening = host.opening { try await hostOutbound.write(ByteBuffer(bytes: opening)) }
                if request.kind == .tunnel, !host.awaitsReply { try await outbound.write(Self.established) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let (tunnel, isOpen) = AsyncStream.makeStream(of: Void.self)
                    group.addTask { [self] in
                        defer { isOpen.finish() }
                        do {
                            try await answers(request, hostInbound, to: outbound, awaitsReply: host.awaitsReply) { isOpen.yield() }
                        } catch {
                            // The other leg waits for the client and would not notice.
                            client.channel.close(promise: nil)
                            throw error
                        }
                    }
                    // To a proxy that refuses the tunnel, whatever follows would be a request for anywhere.
                    if host.awaitsReply, await tunnel.first(where: { true }) == nil { return try await group.waitForAll() }
                    var left = host.bodyLength ?? .max
                    var next: ByteBuffer? = ByteBuffer(bytes: bytes[end...])
                    while var part = next {
                        try count(part, of: request.destination)
                        if let part = part.readSlice(length: min(left, part.readableBytes)), part.readableBytes > 0 {
                            left -= part.readableBytes
                            try await hostOutbound.write(part)
                        }
                        next = try await iterator.next()
                    }
                    hostOutbound.finish()
                    try await group.waitForAll()
                }
            }
        }
    }

    /// The leg from the host to the client.
    private func answers(
        _ request: ProxyRequest, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        awaitsReply: Bool, opened: () -> Void
    ) async throws {
        var reply: ReplyHead? = awaitsReply ? ReplyHead() : nil
        for try await part in inbound {
            try count(part, of: request.destination)
            guard reply != nil else {
                try await outbound.write(part)
                continue
            }
            switch reply?.take(part) {
            case .opened(let rest):
                reply = nil
                opened()
                try await outbound.write(Self.established)
                try await outbound.write(ByteBuffer(bytes: rest))
            case .refused:
                try await outbound.write(
                    Self.answer("502 Bad Gateway", "The network's own proxy does not let \(request.destination) through."))
                throw Unreachable(message: "refused by the network's own proxy")
            case .incomplete, nil: continue
            }
        }
        outbound.finish()
    }

    private func count(_ part: ByteBuffer, of destination: HostDestination) throws {
        let total = state.withLock { state in
            state.bytes += part.readableBytes
            return state.bytes
        }
        guard total <= bounds.bytes else {
            note("\(destination) (more than \(bounds.bytes >> 20) MiB)")
            throw Unreachable(message: "too much")
        }
    }

    // MARK: - The way to a host

    private struct Refusal: Error { let name, message: String }
    private struct Unreachable: Error { let message: String }

    private struct Opened: Sendable {
        let connection: Connection
        /// What the host, or the proxy before it, is told first.
        let opening: [UInt8]?
        /// A proxy stands before the host and answers first.
        var awaitsReply = false
        /// What may follow the opening; nil where all of it reaches the host that was asked for.
        var bodyLength: Int?
    }

    private func open(_ request: ProxyRequest) async throws -> Opened {
        let name = request.destination
        guard policy.allows(name) else {
            throw Refusal(name: "\(name)", message: "\(name) is not among the hosts that may be reached.")
        }
        let isTunnel = request.kind == .tunnel
        guard let proxy = route(name.host, name.port, isTunnel) else {
            let addresses = try await admitted(name)
            return Opened(connection: try await connect(to: addresses.map(\.socketAddress), for: "\(name)"), opening: request.head())
        }
        guard isTunnel || request.bodyLength != nil else {
            throw Refusal(name: "\(name) (a body of unknown length)", message: "A request to \(name) needs one Content-Length and no Transfer-Encoding here.")
        }
        // The name is the proxy's to resolve; but one that is known here to lead inside is refused here.
        do { _ = try await admitted(name) } catch is HostLookup.Failure {}
        let addresses = try await resolve(proxy.host, proxy.port).compactMap { HostAddress($0, port: proxy.port)?.socketAddress }
        let connection = try await connect(to: addresses, for: "the network's own proxy")
        let authorization = (proxy.credentials?.reveal()).map { "Basic \(Data($0.utf8).base64EncodedString())" }
        if isTunnel {
            var call = "CONNECT \(name) HTTP/1.1\r\nHost: \(name)\r\n"
            if let authorization { call += "Proxy-Authorization: \(authorization)\r\n" }
            return Opened(connection: connection, opening: Array((call + "\r\n").utf8), awaitsReply: true)
        }
        return Opened(
            connection: connection, opening: request.head(throughProxy: true, authorization: authorization), bodyLength: request.bodyLength ?? 0)
    }

    /// The addresses to connect to: resolved once for the whole command, so that a second answer can't lead elsewhere.
    private func admitted(_ destination: HostDestination) async throws -> [HostAddress] {
        if let known = state.withLock({ $0.pinned[destination] }) { return known }
        let found: [String]
        do { found = try await resolve(destination.host, destination.port) } catch { throw HostLookup.Failure() }
        let addresses = found.compactMap { HostAddress($0, port: destination.port) }.filter { policy.allows($0, of: destination) }
        guard !addresses.isEmpty else {
            throw Refusal(
                name: "\(destination) (no public address)",
                message: "\(destination) has no public address, and the operator has not marked it as internal.")
        }
        return state.withLock { state in
            let pinned = state.pinned[destination] ?? addresses
            state.pinned[destination] = pinned
            return pinned
        }
    }

    private func connect(to addresses: [SocketAddress], for name: String) async throws -> Connection {
        for address in addresses.prefix(4) {
            let attempt = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(bounds.connectTime)
                .connect(to: address) { [bounds] channel in
                    channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, bounds) }
                }
            if let attempt { return attempt }
            try Task.checkCancellation()
        }
        throw Unreachable(message: "\(name.prefix(1).uppercased() + name.dropFirst()) could not be reached.")
    }

    // MARK: - Answers

    private static var established: ByteBuffer { ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n") }

    private static func answer(_ status: String, _ text: String) -> ByteBuffer {
        ByteBuffer(
            string: "HTTP/1.1 \(status)\r\nContent-Type: text/plain\r\nContent-Length: \(text.utf8.count + 1)\r\nConnection: close\r\n\r\n\(text)\n")
    }
}

/// The answer of a proxy that was asked for a tunnel.
private struct ReplyHead {
    enum Reading { case incomplete, opened([UInt8]), refused }
    private var bytes: [UInt8] = []

    mutating func take(_ part: ByteBuffer) -> Reading {
        bytes += Array(buffer: part)
        guard let end = ProxyRequest.end(of: bytes) else { return bytes.count > ProxyRequest.headLimit ? .refused : .incomplete }
        let words = String(decoding: bytes.prefix(64), as: UTF8.self).split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].prefix(3) == "200" else { return .refused }
        return .opened(Array(bytes[end...]))
    }
}

/// Ends a connection on which nothing moves.
private final class IdleCloser: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) } else { context.fireUserInboundEventTriggered(event) }
    }
}
