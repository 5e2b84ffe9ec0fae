import NIOCore

/// Sits before the HTTP decoder and tells when a request's first bytes come, which the decoder keeps to itself until the
/// headers are whole.
final class ArrivalWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Sent inwards with the first bytes after each `ExpectRequest`.
    struct RequestBegan: Sendable {}
    /// Sent outwards when the last request has been answered.
    struct ExpectRequest: Sendable {}

    private var isExpecting = true

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isExpecting {
            isExpecting = false
            context.fireUserInboundEventTriggered(RequestBegan())
        }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        if event is ExpectRequest {
            isExpecting = true
            promise?.succeed()
        } else {
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }
}
