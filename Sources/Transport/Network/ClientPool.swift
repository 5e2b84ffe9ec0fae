internal import AsyncHTTPClient
internal import Dispatch
internal import NIOCore
internal import NIOHTTPCompression
internal import NIOSSL
internal import Secrets
internal import Synchronization

/// The HTTP clients behind a `NetworkTransport`: one per proxy, manner of connecting and given address, made when first needed.
///
/// The client library fixes these per client, hence more than one.
final class ClientPool: Sendable {
    private struct Key: Hashable {
        var proxy: ProxySettings.Proxy?
        var freshConnection: Bool
        /// A name with a client of its own, since its address is given.
        var pinnedHost: String?
    }
    private struct State {
        var clients: [Key: HTTPClient] = [:]
        var addresses: [Key: String] = [:]
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

    /// The address that requests to this name have gone to so far.
    func pinnedAddress(of origin: Origin) -> String? {
        state.withLock { $0.addresses[Key(freshConnection: false, pinnedHost: origin.host)] }
    }

    /// - Parameter address: what the origin's name stands for; without it, the client looks the name up.
    func client(for origin: Origin, freshConnection: Bool, at address: String? = nil) throws(TransportFailure) -> HTTPClient {
        let key =
            address == nil
            ? Key(proxy: proxy(for: origin), freshConnection: freshConnection)
            : Key(freshConnection: freshConnection, pinnedHost: origin.host)
        let (client, former): (HTTPClient, HTTPClient?) = try state.withLock { state throws(TransportFailure) in
            guard !state.isShutDown else { throw TransportFailure(.cancelled, host: origin.name) }
            let former = state.clients[key]
            if let former, state.addresses[key] == address { return (former, nil) }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration(key, address))
            state.clients[key] = client
            state.addresses[key] = address
            return (client, former)
        }
        // Its name has another address now; what is still under way there ends, and is tried again by who sent it.
        former?.shutdown(queue: .global()) { _ in }
        return client
    }

    func proxy(for origin: Origin) -> ProxySettings.Proxy? {
        settings.proxies.proxy(scheme: origin.scheme, host: origin.host, port: origin.port)
    }

    func shutdown() async {
        let clients = state.withLock { state in
            state.isShutDown = true
            defer { state.clients = [:] }
            return state.clients.values.map(\.self)
        }
        for client in clients { try? await client.shutdown() }
    }

    private func configuration(_ key: Key, _ address: String?) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(settings.connectTimeout)),
            decompression: .enabled(limit: .size(1 << 30)))
        configuration.connectionPool.idleTimeout = TimeAmount(settings.keepAlive)
        // We have our own retries; a refusal or a wrong certificate is told at once instead of after the time limit.
        configuration.connectionPool.retryConnectionEstablishment = false
        if key.freshConnection { configuration.maximumUsesPerConnection = 1 }
        if let host = key.pinnedHost, let address { configuration.dnsOverride = [host: address] }
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
