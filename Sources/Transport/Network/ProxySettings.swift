package import Secrets

/// Which requests go through a proxy: the values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
package struct ProxySettings: Sendable, Hashable {
    package struct Proxy: Sendable, Hashable {
        package enum Kind: Sendable, Hashable { case http, socks5 }
        package let kind: Kind
        package let host: String
        package let port: Int
        /// `user:password`, decoded.
        package let credentials: Secret?

        /// - Parameter setting: the variable it came from, named in the problem.
        package init(_ text: String, setting: String) throws(NetworkSettingsProblem) {
            let expected = "expected http://host:port or http://user:password@host:port"
            var rest = Substring(text.trimmed)
            var kind = Kind.http
            if let scheme = rest.firstRange(of: "://") {
                switch rest[..<scheme.lowerBound].lowercased() {
                case "http": kind = .http
                case "socks5", "socks5h", "socks": kind = .socks5
                case "https":
                    throw NetworkSettingsProblem(
                        "\(setting): a proxy that is itself reached over TLS is not supported; \(expected).")
                default: throw NetworkSettingsProblem("\(setting) can't be read: \(expected).")
                }
                rest = rest[scheme.upperBound...]
            }
            rest = rest.prefix { $0 != "/" && $0 != "?" }
            var credentials: Secret?
            if let at = rest.lastIndex(of: "@") {
                let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                credentials = Secret(parts.map { String($0).percentDecoded }.joined(separator: ":"))
                rest = rest[rest.index(after: at)...]
            }
            guard let address = HostAndPort(rest) else {
                throw NetworkSettingsProblem("\(setting) can't be read: \(expected).")
            }
            if kind == .socks5 && credentials != nil {
                throw NetworkSettingsProblem("\(setting): a user and password for a SOCKS proxy are not supported.")
            }
            self.kind = kind
            self.host = address.host
            self.port = address.port ?? (kind == .socks5 ? 1080 : 80)
            self.credentials = credentials
        }
    }

    package var https: Proxy?
    package var http: Proxy?
    /// Hosts reached directly: `*`, `host`, `.domain`, `*.domain`, `host:port`, an address, an IPv4 range `10.0.0.0/8`.
    package var direct: [String]

    package init(https: Proxy? = nil, http: Proxy? = nil, direct: [String] = []) {
        self.https = https
        self.http = http
        self.direct = direct
    }

    /// Reads the three variables as they stand in the environment; empty ones count as absent.
    package init(https: String?, http: String?, noProxy: String?) throws(NetworkSettingsProblem) {
        self.https = nil
        self.http = nil
        if let https, !https.trimmed.isEmpty { self.https = try Proxy(https, setting: "HTTPS_PROXY") }
        if let http, !http.trimmed.isEmpty { self.http = try Proxy(http, setting: "HTTP_PROXY") }
        direct = (noProxy ?? "").split { $0 == "," || $0 == " " }.map { $0.lowercased() }
    }

    /// The proxy for a URL's scheme, host and port; nil goes direct. Loopback always goes direct.
    package func proxy(scheme: String, host: String, port: Int) -> Proxy? {
        guard let proxy = scheme == "https" ? https : http else { return nil }
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host.hasPrefix("127.") { return nil }
        return direct.contains { ProxySettings.matches($0, host: host, port: port) } ? nil : proxy
    }

    private static func matches(_ rule: String, host: String, port: Int) -> Bool {
        if rule == "*" { return true }
        if let slash = rule.firstIndex(of: "/"), let bits = Int(rule[rule.index(after: slash)...]),
            let network = ipv4(rule[..<slash]), let address = ipv4(host[...]), (0...32).contains(bits)
        {
            let mask: UInt32 = bits == 0 ? 0 : ~0 << (32 - UInt32(bits))
            return network & mask == address & mask
        }
        guard let entry = HostAndPort(Substring(rule)) else { return rule == host }
        if let wanted = entry.port, wanted != port { return false }
        let name = entry.host.hasPrefix("*.") ? String(entry.host.dropFirst()) : entry.host
        if name.hasPrefix(".") { return host.hasSuffix(name) || host == name.dropFirst() }
        return host == name || host.hasSuffix("." + name)
    }

    private static func ipv4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { return nil }
        return parts.reduce(UInt32?(0)) { sum, part in sum.flatMap { sum in part.map { sum << 8 | UInt32($0) } } }
    }
}
