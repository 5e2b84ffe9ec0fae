import Foundation
package import Secrets
package import Transport

/// GitLab's REST API in the bot's words. One value serves all tasks; calls are in extensions by what they are about.
///
/// Every call throws `GitLabFailure` alone. Calls that may be repeated are, after faults that pass; others only when
/// GitLab has certainly not acted on them.
package struct GitLabClient: Sendable {
    package let address: GitLabAddress
    private let token: Secret
    private let transport: any HTTPTransport
    let retry: RetryPolicy
    private let redact: @Sendable (String) -> String

    /// - Parameter redact: takes secrets out of every text for people that is written to GitLab.
    package init(
        address: GitLabAddress, token: Secret, transport: any HTTPTransport, retry: RetryPolicy = RetryPolicy(),
        redact: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.redact = redact
        self.address = address
        self.token = token
        self.transport = transport
        self.retry = retry
    }

    /// The same GitLab with another token, such as the one a one-shot task brings along.
    package func with(token: Secret) -> GitLabClient {
        GitLabClient(address: address, token: token, transport: transport, retry: retry, redact: redact)
    }

    // MARK: Sending

    /// The answer to the call, when it is a success.
    func reply(to call: GitLabCall) async throws(GitLabFailure) -> HTTPReply {
        var target = call.target
        var schedule = retry.start()
        var redirects = 0
        while true {
            let failure: GitLabFailure
            var waitHeaders: HeaderFields?
            var mayRetry: Bool
            do {
                let reply = try await exchange(call, target: target)
                if reply.isSuccess { return reply }
                if (300..<400).contains(reply.status), redirects < 3, let location = reply.headers["location"],
                    let next = address.suffix(ofRedirect: location)
                {
                    // A moved project; the same request belongs to the new place, a POST as well.
                    redirects += 1
                    target = next
                    continue
                }
                failure = Self.failure(reply, call, host: address.host)
                waitHeaders = waiting(reply)
                mayRetry = failure.isTransient && (call.isRepeatable || failure.reason != .unavailable)
            } catch {
                failure = GitLabFailure(error, call: call)
                mayRetry = error.isTransient && (call.isRepeatable || Self.wasNotSent(error))
            }
            guard mayRetry, try await wait(&schedule, after: waitHeaders, call) else { throw failure }
        }
    }

    func value<Value: Decodable>(_ call: GitLabCall, as type: Value.Type = Value.self) async throws(GitLabFailure) -> Value {
        try decode(try await reply(to: call), call)
    }

    /// Like `value`, with nil where GitLab says 404.
    func valueIfThere<Value: Decodable>(
        _ call: GitLabCall, as type: Value.Type = Value.self
    ) async throws(GitLabFailure) -> Value? {
        do {
            return try await value(call, as: type)
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
    }

    func decode<Value: Decodable>(_ reply: HTTPReply, _ call: GitLabCall) throws(GitLabFailure) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(reply.body))
        } catch {
            throw GitLabFailure(
                .unreadable,
                "The answer is not GitLab's; check that GITLAB_URL (\(address.base)) is GitLab and no other page.",
                status: reply.status, detail: Self.shape(of: error), call: call.description)
        }
    }

    // MARK: Parts

    private func exchange(_ call: GitLabCall, target: String) async throws(TransportFailure) -> HTTPReply {
        var request = HTTPRequest(
            call.method.rawValue, address.api + target,
            headers: [
                "PRIVATE-TOKEN": token.reveal(), "Accept": "application/json", "User-Agent": "ai-coder",
            ], maxResponseBytes: call.limit, isRepeatable: call.isRepeatable)
        if let body = call.body(redactedBy: redact) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(body) else { throw TransportFailure(.other("the request can't be encoded")) }
            request.body = Array(data)
            request.headers["Content-Type"] = "application/json"
        }
        guard let tail = call.tail else { return try await transport.send(request) }
        do {
            return try await transport.withResponse(to: request) { response in
                var kept: [UInt8] = []
                for try await chunk in response.body {
                    kept += chunk
                    if kept.count > 4 * tail { kept.removeFirst(kept.count - tail) }
                }
                // One byte more than asked for tells the caller that something is missing.
                return HTTPReply(
                    status: response.status, headers: response.headers, body: Array(kept.suffix(tail + 1)))
            }
        } catch let failure as TransportFailure {
            throw failure
        } catch {
            throw TransportFailure(.cancelled)
        }
    }

    private func wait(
        _ schedule: inout RetrySchedule, after headers: HeaderFields?, _ call: GitLabCall
    ) async throws(GitLabFailure) -> Bool {
        do {
            return try await schedule.wait(after: headers)
        } catch {
            throw GitLabFailure(TransportFailure(.cancelled), call: call)
        }
    }

    /// `RateLimit-Reset` is a point in time; where `Retry-After` is missing it says the same.
    private func waiting(_ reply: HTTPReply) -> HeaderFields {
        var headers = reply.headers
        if reply.status == 429, headers["retry-after"] == nil, let reset = headers["ratelimit-reset"].flatMap(Double.init) {
            headers["Retry-After"] = String(max(0, reset - retry.clock.date()).rounded(.up))
        }
        return headers
    }

    private static func failure(_ reply: HTTPReply, _ call: GitLabCall, host: String) -> GitLabFailure {
        // Without a session GitLab's pages send to the sign-in form; so does a token that a proxy has taken away.
        if (300..<400).contains(reply.status), reply.headers["location"]?.contains("/users/sign_in") == true {
            return GitLabFailure(
                reply: HTTPReply(status: 401, headers: reply.headers), call: call, host: host)
        }
        return GitLabFailure(reply: reply, call: call, host: host)
    }

    private static func wasNotSent(_ failure: TransportFailure) -> Bool {
        switch failure.code {
        case .dns, .refused, .unreachable, .proxyRefused, .timeout(.connect): true
        default: false
        }
    }

    private static func shape(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "not JSON" }
        switch error {
        case .keyNotFound(let key, _): return "`\(key.stringValue)` is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return "`\(context.codingPath.map(\.stringValue).joined(separator: "."))` can't be read"
        @unknown default: return "not readable"
        }
    }
}
