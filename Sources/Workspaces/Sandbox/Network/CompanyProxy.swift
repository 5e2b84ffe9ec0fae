package import Secrets

/// The proxy that the operator's network has for the way out (HTTPS_PROXY, HTTP_PROXY).
package struct CompanyProxy: Sendable, Hashable {
    package let host: String
    package let port: Int
    /// `user:password`.
    package let credentials: Secret?

    package init(host: String, port: Int, credentials: Secret?) {
        self.host = host
        self.port = port
        self.credentials = credentials
    }
}
