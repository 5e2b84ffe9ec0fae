internal import AsyncHTTPClient
internal import Dispatch
internal import NIOCore
internal import NIOHTTPCompression
internal import NIOSSL
internal import Secrets
internal import Synchronization

/// The HTTP clients behind a `NetworkTransport`: one per proxy and manner of connecting, made when first needed.
///
/// The client library fixes the proxy and the reuse of connections per client, hence more than one.
final class ClientPool: Sendable {
    private struct Key: Hashable {
        var proxy: ProxySettings.Proxy?
        var freshConnection: Bool
    }
    private struct State {
        var clients: [Key: HTTPClient] = [:]
        var isShutDown = false
    }

    private let settings: NetworkSettings
    private let tls: TLSConfiguration
    private let state = Mutex(State())

    init(_ settings: NetworkSettings) throws {
        self.settings = settings
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = settings.certificateFile {
            let certificates: [NIOSSLCertificate]
            do {
                certificates = try NIOSSLCertificate.fromPEMFile(file)
            } catch {
                throw NetworkSettingsProblem("SSL_CERT_FILE: \(file) can't be read as PEM certificates.")
            }
            guard !certificates.isEmpty else {
                throw NetworkSettingsProblem("SSL_CERT_FILE: \(file) holds no certificate.")
            }
            tls.additionalTrustRoots = [.certificates(certificates)]
        }
        self.tls = tls
    }

    deinit {
        // The library insists on a shutdown before a client goes; who forgot it gets it without waiting.
        for client in state.withLock({ $0.clients.values.map(\.self) }) {
            client.shutdown(queue: .global()) { _ in }
        }
    }

    func client(for origin: Origin, freshConnection: Bool) throws(TransportFailure) -> HTTPClient {
        let proxy = settings.proxies.proxy(scheme: origin.scheme, host: origin.host, port: origin.port)
        let key = Key(proxy: proxy, freshConnection: freshConnection)
        return try state.withLock { state throws(TransportFailure) in
            guard !state.isShutDown else { throw TransportFailure(.cancelled, host: origin.name) }
            if let client = state.clients[key] { return client }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration(key))
            state.clients[key] = client
            return client
        }
    }

    func shutdown() async {
        let clients = state.withLock { state in
            state.isShutDown = true
            defer { state.clients = [:] }
            return state.clients.values.map(\.self)
        }
        for client in clients { try? await client.shutdown() }
    }

    private func configuration(_ key: Key) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(settings.connectTimeout)),
            decompression: .enabled(limit: .size(1 << 30)))
        configuration.connectionPool.idleTimeout = TimeAmount(settings.keepAlive)
        // We have our own retries; a refusal or a wrong certificate is told at once instead of after the time limit.
        configuration.connectionPool.retryConnectionEstablishment = false
        if key.freshConnection { configuration.maximumUsesPerConnection = 1 }
        if let proxy = key.proxy {
            configuration.proxy =
                switch proxy.kind {
                case .http:
                    .server(
                        host: proxy.host, port: proxy.port,
                        authorization: proxy.credentials.map { credentials in
                            let parts = credentials.reveal().split(
                                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                            return .basic(username: String(parts[0]), password: parts.count > 1 ? String(parts[1]) : "")
                        })
                case .socks5: .socksServer(host: proxy.host, port: proxy.port)
                }
        }
        return configuration
    }
}
