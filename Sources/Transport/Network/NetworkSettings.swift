import NetworkAddresses

/// How this process reaches the outside.
package struct NetworkSettings: Sendable {
    package var proxies: ProxySettings
    /// PEM file whose certificates are trusted beside the system's (SSL_CERT_FILE).
    package var certificateFile: String?
    /// For connecting: name, TCP, proxy and TLS.
    package var connectTimeout: Duration
    /// Idle connections are kept this long for the next request to the same host.
    package var keepAlive: Duration
    /// All addresses of a name, for requests that have them checked.
    package var resolve: @Sendable (_ host: String, _ port: Int) async throws -> [String] = { try await HostLookup.addresses($0, $1) }

    package init(
        proxies: ProxySettings = ProxySettings(), certificateFile: String? = nil,
        connectTimeout: Duration = .seconds(10), keepAlive: Duration = .seconds(30)
    ) {
        self.proxies = proxies
        self.certificateFile = certificateFile
        self.connectTimeout = connectTimeout
        self.keepAlive = keepAlive
    }
}

/// A setting of the network that can't be used; the sentence names it.
package struct NetworkSettingsProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package init(_ message: String) { self.message = message }
    package var description: String { message }
}
