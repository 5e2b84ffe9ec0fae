package import NIOCore
internal import NIOPosix
internal import Synchronization

/// A TCP server on loopback that does with each connection what a test says, byte by byte.
package struct ByteServer: Sendable {
    /// One accepted connection.
    package struct Connection: Sendable {
        /// From 0, in the order of acceptance.
        package let number: Int
        private let channel: any Channel
        private let arrivals: Arrivals

        fileprivate init(number: Int, channel: any Channel, arrivals: Arrivals) {
            self.number = number
            self.channel = channel
            self.arrivals = arrivals
        }

        /// The next HTTP request with its body, as text; nil when the peer has closed.
        package func request() async -> String? { await arrivals.request() }

        package func write(_ text: String) async throws {
            try await channel.writeAndFlush(ByteBuffer(string: text)).get()
        }

        package func write(_ bytes: [UInt8]) async throws {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
        }

        package func close() async { try? await channel.close().get() }

        /// Returns when the peer has closed.
        package func closed() async { try? await channel.closeFuture.get() }
    }

    /// Serves while `body` runs, which gets the port.
    ///
    /// - Parameter prepare: puts handlers such as TLS in front.
    package static func serving<Result: Sendable>(
        _ handle: @escaping @Sendable (Connection) async throws -> Void,
        prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in },
        during body: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> Result {
        let (connections, continuation) = AsyncStream.makeStream(of: Connection.self)
        let counter = Counter()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel)
                    let arrivals = Arrivals()
                    try channel.pipeline.syncOperations.addHandler(ArrivalHandler(arrivals))
                    continuation.yield(Connection(number: counter.next(), channel: channel, arrivals: arrivals))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let result = await withTaskGroup(of: Swift.Result<Result, any Error>?.self) { group in
            group.addTask {
                await withTaskGroup(of: Void.self) { handlers in
                    for await connection in connections {
                        handlers.addTask {
                            // A peer that went away is what many tests are about.
                            try? await handle(connection)
                            await connection.close()
                        }
                    }
                    handlers.cancelAll()
                }
                return nil
            }
            group.addTask {
                let result: Swift.Result<Result, any Error>
                do { result = .success(try await body(port)) } catch { result = .failure(error) }
                continuation.finish()
                return result
            }
            var outcome: Swift.Result<Result, any Error>?
            for await value in group {
                guard let value else { continue }
                outcome = value
                group.cancelAll()
            }
            return outcome
        }
        try? await server.close().get()
        guard let result else { throw CancellationError() }
        return try result.get()
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock { count in
                defer { count += 1 }
                return count
            }
        }
    }
}

/// The bytes that a connection received, cut into requests.
private final class Arrivals: Sendable {
    private let stream: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation
    private let rest = Mutex<[UInt8]>([])

    init() { (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self) }

    func add(_ bytes: [UInt8]) { continuation.yield(bytes) }
    func finish() { continuation.finish() }

    func request() async -> String? {
        var bytes = rest.withLock(\.self)
        var chunks = stream.makeAsyncIterator()
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let head = text.firstRange(of: "\r\n\r\n") {
                let length =
                    text[..<head.lowerBound].lowercased().split(separator: "\r\n")
                    .first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) } ?? 0
                let end = text[..<head.upperBound].utf8.count + length
                if bytes.count >= end {
                    let request = String(decoding: bytes.prefix(end), as: UTF8.self)
                    let left = Array(bytes.dropFirst(end))
                    rest.withLock { $0 = left }
                    return request
                }
            }
            guard let chunk = await chunks.next() else { return nil }
            bytes += chunk
        }
    }
}

private final class ArrivalHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let arrivals: Arrivals

    init(_ arrivals: Arrivals) { self.arrivals = arrivals }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrivals.add(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) {
        arrivals.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        arrivals.finish()
        context.close(promise: nil)
    }
}
