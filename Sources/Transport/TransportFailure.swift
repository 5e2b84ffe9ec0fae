/// Why there is no (whole) reply.
package struct TransportFailure: Error, Sendable, Hashable {
    package enum Code: Sendable, Hashable {
        case invalidURL
        case dns
        /// The name leads to this machine, to a link-local address or to another one that nothing is sent to.
        case forbiddenAddress(String)
        case refused
        /// No route, reset while connecting and the like.
        case unreachable
        /// The server's certificate is signed by nobody we know.
        case unknownCertificateAuthority
        /// Any other trouble with TLS: wrong name, expired, no common protocol.
        case tls(String)
        /// The proxy wants a user and a password (407).
        case proxyAuthentication
        case proxyRefused
        case timeout(Timeout)
        case tooLarge(limit: Int)
        /// The connection ended before the reply did.
        case connectionClosed
        /// The bytes received are no HTTP, or can't be inflated.
        case malformedReply
        case cancelled
        case other(String)
    }

    package enum Timeout: String, Sendable, Hashable {
        case connect
        case firstByte
        case idle
        case total
    }

    package var code: Code
    /// Host and port asked for, or the proxy where the proxy is the trouble.
    package var host: String?

    package init(_ code: Code, host: String? = nil) {
        self.code = code
        self.host = host
    }

    /// Trying again may help.
    package var isTransient: Bool {
        switch code {
        case .dns, .refused, .unreachable, .proxyRefused, .timeout, .connectionClosed, .malformedReply: true
        case .invalidURL, .forbiddenAddress, .unknownCertificateAuthority, .tls, .proxyAuthentication, .tooLarge, .cancelled, .other: false
        }
    }
}

extension TransportFailure: CustomStringConvertible {
    /// One sentence for a person.
    package var description: String {
        let server = host ?? "the server"
        return switch code {
        case .invalidURL: "The URL is not a valid http or https address."
        case .dns: "The name of \(server) can't be resolved; check the address and the DNS settings."
        case .forbiddenAddress(let address):
            "\(server) leads to \(address), where nothing is sent; correct the name's address, or write localhost or the address if that is meant."
        case .refused: "\(server) refused the connection; check that it is running and that the port is right."
        case .unreachable: "\(server) can't be reached from here; check the network, or set HTTPS_PROXY."
        case .unknownCertificateAuthority:
            "The certificate of \(server) is signed by an unknown authority; set SSL_CERT_FILE to a PEM file with it."
        case .tls(let what): "No secure connection to \(server): \(what)."
        case .proxyAuthentication:
            "The proxy wants a user and a password (407); put them into HTTPS_PROXY as http://user:password@host:port."
        case .proxyRefused: "The proxy would not connect to \(server); check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
        case .timeout(.connect): "\(server) did not accept a connection in time; check the address, or set HTTPS_PROXY."
        case .timeout(.firstByte): "\(server) accepted the request but sent no answer in time."
        case .timeout(.idle): "\(server) stopped sending in the middle of its answer."
        case .timeout(.total): "\(server) did not finish its answer in time."
        case .tooLarge(let limit): "The answer of \(server) is larger than \(limit) bytes."
        case .connectionClosed: "\(server) closed the connection before its answer was complete."
        case .malformedReply: "The answer of \(server) is not valid HTTP."
        case .cancelled: "The request was cancelled."
        case .other(let what): "The request to \(server) failed: \(what)."
        }
    }
}
