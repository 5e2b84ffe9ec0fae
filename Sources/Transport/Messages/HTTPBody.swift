internal import AsyncHTTPClient
internal import NIOCore

/// The bytes of a reply in the chunks they came in; can be read once.
package struct HTTPBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = TransportFailure

    private enum Source: Sendable {
        case chunks([[UInt8]])
        case network(HTTPClientResponse.Body, ExchangeWatch, limit: Int)
    }
    private let source: Source

    /// A body that is all there, for scripted replies.
    package init(_ bytes: [UInt8]) { source = .chunks(bytes.isEmpty ? [] : [bytes]) }

    /// A body in the given chunks, for scripted replies.
    package init(chunks: [[UInt8]]) { source = .chunks(chunks) }

    init(_ body: HTTPClientResponse.Body, watch: ExchangeWatch, limit: Int) {
        source = .network(body, watch, limit: limit)
    }

    /// For readers that have all they need: reading on to the formal end keeps the connection for the next request,
    /// and after the grace the read fails with `.cancelled`, which is then no failure of the exchange.
    package func expectEnd(within grace: Duration) {
        if case .network(_, let watch, _) = source { watch.expectEnd(within: grace) }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        switch source {
        case .chunks(let chunks): AsyncIterator(chunks: chunks)
        case .network(let body, let watch, let limit): AsyncIterator(body.makeAsyncIterator(), watch: watch, limit: limit)
        }
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        private var chunks: ArraySlice<[UInt8]>
        private var network: HTTPClientResponse.Body.AsyncIterator?
        private let watch: ExchangeWatch?
        private let limit: Int
        private var received = 0

        fileprivate init(chunks: [[UInt8]]) {
            (self.chunks, network, watch, limit) = (chunks[...], nil, nil, .max)
        }

        fileprivate init(_ network: HTTPClientResponse.Body.AsyncIterator, watch: ExchangeWatch, limit: Int) {
            (chunks, self.network, self.watch, self.limit) = ([], network, watch, limit)
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(TransportFailure) -> [UInt8]? {
            guard let watch else { return chunks.popFirst() }
            watch.startedWaiting()
            let buffer: ByteBuffer?
            do {
                buffer = try await network?.next(isolation: actor)
            } catch {
                throw TransportFailure(reading: error, watch: watch)
            }
            watch.received()
            guard let buffer else {
                network = nil
                return nil
            }
            received += buffer.readableBytes
            guard received <= limit else { throw TransportFailure(.tooLarge(limit: limit)) }
            return Array(buffer.readableBytesView)
        }

        package mutating func next() async throws(TransportFailure) -> [UInt8]? {
            try await next(isolation: #isolation)
        }
    }
}
