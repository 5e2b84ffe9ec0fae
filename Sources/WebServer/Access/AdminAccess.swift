import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Secrets
import Synchronization

/// Who may see and steer tasks: whoever knows ADMIN_TOKEN, or, while none is set and only this machine can reach the
/// listener, whoever is on this machine.
final class AdminAccess: Sendable {
    enum Decision: Sendable {
        case granted(Viewer)
        /// No credential, or a wrong one.
        case unauthenticated
        case throttled(retryAfter: Int)
        /// There is nothing that could be presented.
        case closed(String)
        /// A browser was made to send it by another site.
        case crossSite
    }

    private let tokenDigest: SHA256.Digest?
    private let sessions: SessionCookie
    private let isLoopback: Bool
    private let throttle: FailureThrottle
    /// Sessions that were signed out before their end, with when that is.
    private let ended = Mutex<[String: Date]>([:])
    private let now: @Sendable () -> Date

    init(settings: WebServerSettings, now: @escaping @Sendable () -> Date) {
        tokenDigest = settings.adminToken.map { SHA256.hash(data: Data($0.reveal().utf8)) }
        sessions = SessionCookie(
            token: settings.adminToken, isSecure: settings.publicURL?.lowercased().hasPrefix("https://") ?? false)
        isLoopback = settings.isLoopback
        throttle = FailureThrottle(limit: 10, window: 60)
        self.now = now
    }

    var hasToken: Bool { tokenDigest != nil }

    func decide(_ request: Request, peer: String) -> Decision {
        guard tokenDigest != nil else { return decideWithoutToken(request, peer: peer) }
        let authorization = request.headers[values: .authorization]
        if !authorization.isEmpty {
            guard authorization.count == 1, let token = Self.bearer(authorization[0]) else { return .unauthenticated }
            // Many come from one address (a proxy's, for instance): others' guesses must not lock out who knows the token.
            guard isToken(token) else {
                if let wait = throttle.wait(peer, at: now()) { return .throttled(retryAfter: wait) }
                throttle.failed(peer, at: now())
                return .unauthenticated
            }
            return .granted(Viewer(way: .bearer, formToken: ""))
        }
        guard let session = sessions.session(in: request.headers[values: .cookie], at: now()), !hasEnded(session) else { return .unauthenticated }
        guard Self.isSameOrigin(request) else { return .crossSite }
        return .granted(Viewer(way: .session, formToken: sessions.formToken(of: session), session: session))
    }

    /// A web page in the operator's browser can reach this machine too, under a name of its own that points here.
    private func decideWithoutToken(_ request: Request, peer: String) -> Decision {
        let isForwarded = request.headers.contains { field in
            field.name.canonicalName.hasPrefix("x-forwarded") || Self.marksOfProxies.contains(field.name.canonicalName)
        }
        guard isLoopback, WebServerSettings.isLoopback(peer) || peer == "local", !isForwarded else {
            return .closed("Set ADMIN_TOKEN to use this from other machines.")
        }
        guard let host = request.head.authority, Self.isLocalName(host) else {
            return .closed("Without ADMIN_TOKEN this answers only under localhost and 127.0.0.1.")
        }
        guard Self.isSameOrigin(request) else { return .crossSite }
        return .granted(Viewer(way: .loopback, formToken: sessions.formToken(of: "loopback")))
    }

    /// What proxies and tunnels write into requests that come from elsewhere. HTTP/1.0 counts as `via`: see `ConnectionGuard`.
    private static let marksOfProxies: Set<String> = [
        "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original-forwarded-for", "x-original-host", "cf-connecting-ip",
        "cf-ray", "true-client-ip", "fastly-client-ip", "fly-client-ip", "x-envoy-external-address", "x-appengine-user-ip",
    ]

    // MARK: Signing in

    /// The cookie for whoever gave the token; nil when it is wrong.
    func signIn(token: String, peer: String) -> Result<String, SignInFailure> {
        guard tokenDigest != nil else { return .failure(.wrongToken) }
        guard isToken(token) else {
            if let wait = throttle.wait(peer, at: now()) { return .failure(.throttled(retryAfter: wait)) }
            throttle.failed(peer, at: now())
            return .failure(.wrongToken)
        }
        return .success(sessions.issue(at: now()))
    }

    enum SignInFailure: Error { case wrongToken, throttled(retryAfter: Int) }

    /// Ends the session here, whoever else has its cookie; returns the cookie that takes the browser's away. A restart forgets it.
    func signOut(_ viewer: Viewer?) -> String {
        let now = now()
        if let session = viewer?.session {
            ended.withLock { ended in
                if ended.count >= 1_000 { ended = ended.filter { $0.value > now } }
                ended[session] = now.addingTimeInterval(SessionCookie.lifetime)
            }
        }
        return sessions.expired
    }

    private func hasEnded(_ session: String) -> Bool { ended.withLock { $0[session] != nil } }

    func isFormToken(_ sent: String, of viewer: Viewer) -> Bool {
        !viewer.formToken.isEmpty && Self.equal(SHA256.hash(data: Data(sent.utf8)), SHA256.hash(data: Data(viewer.formToken.utf8)))
    }

    // MARK: Comparing

    private func isToken(_ text: String) -> Bool {
        guard let tokenDigest else { return false }
        return Self.equal(SHA256.hash(data: Data(text.utf8)), tokenDigest)
    }

    /// In a time that does not depend on where they differ.
    private static func equal(_ left: SHA256.Digest, _ right: SHA256.Digest) -> Bool {
        zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func bearer(_ value: String) -> String? {
        guard value.count > 7, value.prefix(7).lowercased() == "bearer " else { return nil }
        return String(value.dropFirst(7))
    }

    /// Browsers say where a request comes from; other programs say nothing.
    static func isSameOrigin(_ request: Request) -> Bool {
        guard request.method != .get, request.method != .head else { return true }
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name], site != "same-origin", site != "none" {
            return false
        }
        guard let origin = request.headers[.origin] else { return true }
        guard let host = request.head.authority?.lowercased() else { return false }
        return origin.lowercased() == "http://\(host)" || origin.lowercased() == "https://\(host)"
    }

    static func isLocalName(_ authority: String) -> Bool {
        var host = authority.lowercased()[...]
        if let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber) { host = host[..<colon] }
        return ["localhost", "127.0.0.1", "[::1]"].contains(String(host))
    }
}

/// Slows down guessing: after so many failures within a while, an address has to wait before another wrong token is looked at.
final class FailureThrottle: Sendable {
    private let limit: Int
    private let window: TimeInterval
    private let failures = Mutex<[String: (count: Int, since: Date)]>([:])

    init(limit: Int, window: TimeInterval) {
        self.limit = limit
        self.window = window
    }

    private static let most = 10_000

    /// With so many at it, those who come on top count as one.
    private func key(_ peer: String, in failures: [String: (count: Int, since: Date)]) -> String {
        let key = PeerKey.of(peer)
        return failures.count <= Self.most || failures[key] != nil ? key : "others"
    }

    /// Seconds to wait; nil when another try is free.
    func wait(_ peer: String, at now: Date) -> Int? {
        failures.withLock { failures in
            let peer = key(peer, in: failures)
            guard let entry = failures[peer], entry.count >= limit else { return nil }
            let left = window - now.timeIntervalSince(entry.since)
            guard left > 0 else {
                failures[peer] = nil
                return nil
            }
            return Int(left.rounded(.up))
        }
    }

    func failed(_ peer: String, at now: Date) {
        failures.withLock { failures in
            if failures.count > Self.most { failures = failures.filter { now.timeIntervalSince($0.value.since) < window } }
            let peer = key(peer, in: failures)
            if let entry = failures[peer], now.timeIntervalSince(entry.since) < window {
                failures[peer] = (entry.count + 1, entry.count + 1 == limit ? now : entry.since)
            } else {
                failures[peer] = (1, now)
            }
        }
    }
}
