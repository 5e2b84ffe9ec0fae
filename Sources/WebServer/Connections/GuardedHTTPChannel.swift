import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// HTTP/1.1 connections with a guard at each.
struct GuardedHTTPChannel: ServerChildChannel {
    private let http: HTTP1Channel
    private let limits: WebServerSettings.Limits
    private let peers: PeerCounter

    init(responder: @escaping HTTPChannelHandler.Responder, limits: WebServerSettings.Limits, peers: PeerCounter) {
        self.limits = limits
        self.peers = peers
        http = HTTP1Channel(
            responder: responder,
            configuration: .init(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerFields)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        http.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ArrivalWatch(), position: .first)
            try pipeline.addHandler(ConnectionGuard(limits: limits, peers: peers), position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await http.handle(value: value, logger: logger)
    }
}
