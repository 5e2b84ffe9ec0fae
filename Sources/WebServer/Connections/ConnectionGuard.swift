import NIOCore
import NIOHTTP1

/// Keeps one connection within its time and share, whatever the other end does: slow headers, slow bodies, silence,
/// answers that nobody reads, bodies that nobody wants.
///
/// An answer that goes out before its request was read to the end closes the connection. What still comes is thrown away for
/// a short while, so that the answer is seen and not lost to a reset.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase { case connected, idle, readingHead, readingBody, answering, draining }

    private let limits: WebServerSettings.Limits
    private let peers: PeerCounter
    private var phase = Phase.connected
    private var deadline: Scheduled<Void>?
    private var stall: Scheduled<Void>?
    private var isReading = false
    private var unanswered = 0
    private var closesAfterAnswer = false
    /// The last answer has gone out: whatever else would be written, a parser's late error for one, has no place.
    private var hasSaidLast = false
    private var drained = 0
    private var peer: String?

    /// What is thrown away at most after an early answer, and for how long.
    private static let drainBytes = 64 << 20
    private static let drainSeconds = 5

    init(limits: WebServerSettings.Limits, peers: PeerCounter) {
        self.limits = limits
        self.peers = peers
    }

    // MARK: Beginning and end

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard peer == nil else { return }
        let address = context.channel.remoteAddress?.ipAddress ?? "local"
        guard peers.enter(address) else { return context.close(promise: nil) }
        peer = address
        enter(.connected, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        deadline?.cancel()
        stall?.cancel()
        (deadline, stall) = (nil, nil)
        if let peer { peers.leave(peer) }
        peer = nil
    }

    // MARK: Requests

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ArrivalWatch.RequestBegan {
            if phase == .idle { enter(.readingHead, context) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        if phase == .draining { return drain(part, context) }
        switch part {
        case .head(var head):
            guard Self.isClear(head) else { return refuse(head, context) }
            if head.version.minor == 0 {
                // What speaks it today is a proxy as nginx is by default, which names neither itself nor whom it speaks for.
                head.headers.add(name: "via", value: "1.0 unnamed")
                part = .head(head)
            }
            isReading = true
            unanswered += 1
            enter(.readingBody, context)
        case .body:
            break
        case .end:
            isReading = false
            enter(.answering, context)
        }
        context.fireChannelRead(wrapInboundOut(part))
    }

    /// The parser lets pass what another one in front of us may read as another length.
    private static func isClear(_ head: HTTPRequestHead) -> Bool {
        let codings = head.headers["transfer-encoding"]
        guard head.version.major == 1 else { return false }
        // HTTP/1.0 knows no chunks.
        return codings.isEmpty || codings.count == 1 && codings[0].lowercased() == "chunked" && head.version.minor > 0
    }

    private func refuse(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard unanswered == 0 else { return context.close(promise: nil) }
        let answer = HTTPResponseHead(
            version: .http1_1, status: .badRequest, headers: ["connection": "close", "content-length": "0"])
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        hasSaidLast = true
        enter(.draining, context)
        context.close(mode: .output, promise: nil)
    }

    private func drain(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .body(let bytes):
            drained += bytes.readableBytes
            if drained > Self.drainBytes { context.close(promise: nil) }
        case .end:
            // The code that answered may still wait for the end of the body.
            context.fireChannelRead(wrapInboundOut(part))
            context.close(promise: nil)
        case .head:
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The parser's errors are answered with 400 further in; nothing can be read after them.
        closesAfterAnswer = true
        enter(.draining, context)
        context.fireErrorCaught(error)
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if hasSaidLast {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // After a bad request it is not clear where the next one would begin.
            if head.status == .badRequest || head.status.code >= 200 && isReading && unanswered <= 1 {
                closesAfterAnswer = true
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            unanswered = max(0, unanswered - 1)
            context.write(data, promise: promise)
            if closesAfterAnswer {
                hasSaidLast = true
                context.flush()
                enter(.draining, context)
                if !isReading { context.close(mode: .output, promise: nil) }
            } else if unanswered == 0 {
                enter(.idle, context)
                context.triggerUserOutboundEvent(ArrivalWatch.ExpectRequest(), promise: nil)
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable {
            let channel = context.channel
            stall = context.eventLoop.scheduleTask(in: .seconds(Int64(limits.stallSeconds))) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Few places are left: who has been served makes room for who has not.
    private var isCrowded: Bool { peers.total * 4 > limits.connections * 3 }

    private func enter(_ next: Phase, _ context: ChannelHandlerContext) {
        phase = next
        deadline?.cancel()
        deadline = nil
        let seconds: Int? =
            switch next {
            case .connected, .readingHead: limits.headerSeconds
            case .idle: isCrowded ? min(1, limits.idleSeconds) : limits.idleSeconds
            case .readingBody: limits.bodySeconds
            case .answering: nil
            case .draining: Self.drainSeconds
            }
        guard let seconds else { return }
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: .seconds(Int64(seconds))) { channel.close(promise: nil) }
    }
}
