internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import NIOPosix
internal import NIOSSL

extension TransportFailure {
    /// What an error of the HTTP client means. Its own text is not passed on: it may quote what was sent.
    init(reading error: any Error, watch: ExchangeWatch) {
        if let failure = error as? TransportFailure {
            self = failure
        } else if let timeout = watch.expired {
            self.init(.timeout(timeout), host: watch.host)
        } else {
            self.init(TransportFailure.code(of: error), host: watch.host)
        }
    }

    private static func code(of error: any Error) -> Code {
        switch error {
        case is CancellationError: .cancelled
        case let error as HTTPClientError: code(of: error)
        case let error as NIOConnectionError: code(of: error)
        case let error as IOError: code(ofErrno: error.errnoCode)
        case let error as NIOSSLError: tlsCode("\(error)")
        case let error as NIOSSLExtraError: .tls(plain("\(error.description)"))
        case let error as BoringSSLError: tlsCode("\(error)")
        case ChannelError.connectTimeout: .timeout(.connect)
        case is ChannelError, HTTPParserError.invalidEOFState: .connectionClosed
        case is HTTPParserError, is NIOHTTPDecompression.DecompressionError,
            is NIOHTTPDecompression.ExtraDecompressionError:
            .malformedReply
        default: .other("\(type(of: error))")
        }
    }

    private static func code(of error: HTTPClientError) -> Code {
        switch error {
        case .cancelled, .requestStreamCancelled: .cancelled
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .socksHandshakeTimeout,
            .httpProxyHandshakeTimeout:
            .timeout(.connect)
        case .deadlineExceeded: .timeout(.total)
        case .readTimeout, .writeTimeout: .timeout(.idle)
        case .remoteConnectionClosed, .uncleanShutdown: .connectionClosed
        case .proxyAuthenticationRequired: .proxyAuthentication
        case .invalidProxyResponse: .proxyRefused
        case .invalidURL, .emptyHost, .emptyScheme: .invalidURL
        default: .other(error.shortDescription)
        }
    }

    private static func code(of error: NIOConnectionError) -> Code {
        guard let first = error.connectionErrors.first else { return .dns }
        if let refused = first.error as? IOError { return code(ofErrno: refused.errnoCode) }
        if case ChannelError.connectTimeout = first.error { return .timeout(.connect) }
        return .unreachable
    }

    private static func code(ofErrno number: CInt) -> Code {
        switch number {
        case ECONNREFUSED: .refused
        case ECONNRESET, EPIPE: .connectionClosed
        case ETIMEDOUT: .timeout(.connect)
        default: .unreachable
        }
    }

    private static func tlsCode(_ text: String) -> Code {
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return .unknownCertificateAuthority }
        if text.contains("uncleanShutdown") { return .connectionClosed }
        return .tls(plain(text))
    }

    private static func plain(_ text: String) -> String {
        String(text.prefix(160)).replacing("\n", with: " ")
    }
}
