import NIOCore
import NIOPosix
import Synchronization

/// A host on loopback that answers every connection with one line and remembers what it was sent.
final class EchoHost: Sendable {
    private let server: any Channel
    private let received = Mutex("")
    let port: Int

    init() async throws {
        let box = Mutex<(@Sendable (String) -> Void)?>(nil)
        server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.addHandler(Answer(report: { text in box.withLock { $0 }?(text) }))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = server.localAddress?.port ?? 0
        box.withLock { $0 = { [weak self] text in self?.received.withLock { $0 += text } } }
    }

    var requests: String { received.withLock { $0 } }
    func close() async { try? await server.close() }

    private final class Answer: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let report: @Sendable (String) -> Void
        init(report: @escaping @Sendable (String) -> Void) { self.report = report }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            report(String(buffer: unwrapInboundIn(data)))
            let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n")
            context.writeAndFlush(NIOAny(answer), promise: nil)
            context.close(promise: nil)
        }
    }
}

/// The proxy of a company: remembers what it was asked, and answers tunnels and plain requests itself, or refuses every tunnel
/// and goes on listening on the connection.
final class CompanyHost: Sendable {
    private let server: any Channel
    private let received: Record
    let port: Int

    private final class Record: Sendable {
        let text = Mutex("")
    }

    init(refusesTunnels: Bool = false) async throws {
        let record = Record()
        received = record
        server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in channel.pipeline.addHandler(Answer(record, refusesTunnels)) }
            .bind(host: "127.0.0.1", port: 0).get()
        port = server.localAddress?.port ?? 0
    }

    var requests: String { received.text.withLock { $0 } }
    func close() async { try? await server.close() }

    private final class Answer: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let record: Record
        private let refusesTunnels: Bool
        private let isOpen = Mutex(false)
        init(_ record: Record, _ refusesTunnels: Bool) { (self.record, self.refusesTunnels) = (record, refusesTunnels) }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            record.text.withLock { $0 += text }
            if refusesTunnels {
                if text.hasPrefix("CONNECT") {
                    context.writeAndFlush(NIOAny(ByteBuffer(string: "HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n")), promise: nil)
                }
                return
            }
            if text.hasPrefix("CONNECT") {
                isOpen.withLock { $0 = true }
                context.writeAndFlush(NIOAny(ByteBuffer(string: "HTTP/1.1 200 fine\r\nVia: x\r\n\r\n")), promise: nil)
                guard text.hasSuffix("client hello") else { return }
            }
            // The body is still to come.
            guard !text.hasSuffix("Content-Length: 5\r\n\r\n") else { return }
            let answer = isOpen.withLock { $0 } ? "behind the tunnel" : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nplain answer"
            context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
            context.close(promise: nil)
        }
    }
}

/// A host that takes connections and says nothing.
final class SilentHost: Sendable {
    private let server: any Channel
    let port: Int

    init() async throws {
        server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        port = server.localAddress?.port ?? 0
    }

    func close() async { try? await server.close() }
}
