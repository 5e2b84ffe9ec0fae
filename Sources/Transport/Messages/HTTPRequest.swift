/// One request to the outside, with the limits it lives under.
package struct HTTPRequest: Sendable {
    package var method: String
    /// Absolute, `http` or `https`.
    package var url: String
    package var headers: HeaderFields
    package var body: [UInt8]?
    package var timeouts: RequestTimeouts
    /// A longer reply (inflated) is `TransportFailure.Code.tooLarge`.
    package var maxResponseBytes: Int
    /// Asking twice does no harm, so a connection that was closed before any byte of the reply may be tried again.
    package var isRepeatable: Bool
    /// The host's address is looked at, and is the one connected to; `TransportFailure.Code.forbiddenAddress` where it is none to
    /// send anything to. Behind a proxy, which looks names up itself, only a host that is an address can be looked at.
    package var checksAddress: Bool

    package init(
        _ method: String, _ url: String, headers: HeaderFields = [:], body: [UInt8]? = nil,
        timeouts: RequestTimeouts = RequestTimeouts(), maxResponseBytes: Int = 32 << 20, isRepeatable: Bool? = nil,
        checksAddress: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.maxResponseBytes = maxResponseBytes
        self.isRepeatable = isRepeatable ?? ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
        self.checksAddress = checksAddress
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method, host and path: without userinfo, query, headers and body, which may hold credentials.
    package var description: String { "\(method) \(HTTPRequest.visible(url))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// A URL without its userinfo, query and fragment.
    package static func visible(_ url: String) -> String {
        var rest = Substring(url.prefix { $0 != "?" && $0 != "#" })
        guard let scheme = rest.firstRange(of: "://") else { return String(rest) }
        let authorityEnd = rest[scheme.upperBound...].firstIndex(of: "/") ?? rest.endIndex
        if let at = rest[scheme.upperBound..<authorityEnd].lastIndex(of: "@") {
            rest.removeSubrange(scheme.upperBound...at)
        }
        return String(rest)
    }
}
