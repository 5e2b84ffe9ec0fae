internal import AsyncHTTPClient
package import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// HTTP over real connections. Make one per process and share it; it keeps connections alive between requests.
package final class NetworkTransport: HTTPTransport {
    private let settings: NetworkSettings
    private let clients: ClientPool
    private let addressCheck: AddressCheck
    private let logger: Logger
    /// Origins that have answered before, whose next connection may therefore be an old one.
    private let answered = Mutex<Set<Origin>>([])

    /// - Throws: `NetworkSettingsProblem` when SSL_CERT_FILE can't be used.
    package init(_ settings: NetworkSettings = NetworkSettings(), logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        clients = try ClientPool(settings)
        addressCheck = AddressCheck(resolve: settings.resolve)
    }

    package func withResponse<Result: Sendable>(
        to request: HTTPRequest, _ use: @escaping @Sendable (HTTPResponse) async throws -> Result
    ) async throws -> Result {
        guard let origin = Origin(request.url) else { throw TransportFailure(.invalidURL) }
        let watch = ExchangeWatch(request.timeouts, host: origin.name)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await self.exchange(request, origin, watch, use) }
            group.addTask {
                try await watch.run()
                return nil
            }
            defer { group.cancelAll() }
            do {
                while let result = try await group.next() {
                    if let result { return result }
                    // Only the formal end of the body is missing: the reader is told to stop waiting for it.
                    group.cancelAll()
                }
                throw TransportFailure(.cancelled, host: origin.name)
            } catch is CancellationError {
                throw TransportFailure(.cancelled, host: origin.name)
            }
        }
    }

    /// Closes all connections. Needed before the process ends; requests after it fail.
    package func shutdown() async { await clients.shutdown() }

    private func exchange<Result: Sendable>(
        _ request: HTTPRequest, _ origin: Origin, _ watch: ExchangeWatch,
        _ use: @escaping @Sendable (HTTPResponse) async throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        var note: Logger.Metadata = ["http.method": "\(request.method)", "http.url": "\(HTTPRequest.visible(request.url))"]
        let head: HTTPClientResponse
        do {
            head = try await (request.checksAddress ? checkedHead(of: request, origin, watch) : self.head(of: request, origin, at: nil, watch))
        } catch {
            note["failure"] = "\(error.code)"
            logger.debug("Request failed", metadata: note)
            throw error
        }
        note["http.status"] = "\(head.status.code)"
        note["duration"] = "\(ContinuousClock.now - start)"
        logger.debug("Reply begins", metadata: note)
        let response = HTTPResponse(
            status: Int(head.status.code), headers: HeaderFields(head.headers.map { .init($0.name, $0.value) }),
            body: HTTPBody(head.body, watch: watch, limit: request.maxResponseBytes))
        return try await use(response)
    }

    /// Looks up where the request would go, and tries what may be connected to, one address after another.
    private func checkedHead(of request: HTTPRequest, _ origin: Origin, _ watch: ExchangeWatch) async throws(TransportFailure) -> HTTPClientResponse {
        guard clients.proxy(for: origin) == nil else {
            try addressCheck.checkLiteral(origin)
            return try await head(of: request, origin, at: nil, watch)
        }
        var request = request
        // The client compares the name as it is written.
        request.url = origin.rewritten(request.url)
        let known = clients.pinnedAddress(of: origin)
        // What took the connection the last time comes first, as long as it is still the name's.
        var addresses = try await addressCheck.addresses(of: origin)
        if let known, let place = addresses.firstIndex(of: known) { addresses.swapAt(0, place) }
        var failure = TransportFailure(.dns, host: origin.name)
        for address in addresses.prefix(3) {
            do {
                return try await head(of: request, origin, at: address == origin.host ? nil : address, watch)
            } catch {
                guard [.refused, .unreachable, .timeout(.connect)].contains(error.code) else { throw error }
                failure = error
            }
        }
        throw failure
    }

    /// A kept connection may be closed by the server just as we write into it. That says nothing about the server,
    /// so it is tried once more on a new connection, if asking twice is harmless.
    private func head(
        of request: HTTPRequest, _ origin: Origin, at address: String?, _ watch: ExchangeWatch
    ) async throws(TransportFailure) -> HTTPClientResponse {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method)
        message.headers = HTTPHeaders(request.headers.fields.map { ($0.name, $0.value) })
        if let body = request.body { message.body = .bytes(ByteBuffer(bytes: body)) }
        let mayBeOld = answered.withLock { $0.contains(origin) }
        do {
            let head = try await execute(message, origin, at: address, freshConnection: false, watch)
            answered.withLock { if $0.count < 1_000 { $0.insert(origin) } }
            return head
        } catch {
            guard error.code == .connectionClosed && mayBeOld && request.isRepeatable else { throw error }
            logger.debug("A kept connection was closed, trying a new one", metadata: ["http.host": "\(origin.name)"])
            return try await execute(message, origin, at: address, freshConnection: true, watch)
        }
    }

    private func execute(
        _ message: HTTPClientRequest, _ origin: Origin, at address: String?, freshConnection: Bool, _ watch: ExchangeWatch
    ) async throws(TransportFailure) -> HTTPClientResponse {
        do {
            let client = try clients.client(for: origin, freshConnection: freshConnection, at: address)
            // The watch keeps the time; the client's own deadline is only a far backstop.
            return try await client.execute(message, deadline: .now() + .hours(24))
        } catch {
            throw TransportFailure(reading: error, watch: watch)
        }
    }
}
