import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Where every request comes in: faults first, then git, the API, or the control surface, and a line in the request log.
struct FrontDoor: Sendable {
    let world: GitLabWorld
    let options: RehearsalGitLab.Options
    let git: GitHTTP
    let api: RouteTable
    let control: RouteTable

    /// A request that the API takes; GitLab's own bound on bodies is higher than any test needs.
    static let bodyLimit = 64 << 20

    struct ConnectionClosed: Error {}

    init(world: GitLabWorld, options: RehearsalGitLab.Options, deliverer: Deliverer) {
        self.world = world
        self.options = options
        git = GitHTTP(world: world)
        api = RouteTable.gitLab { await deliverer.attempt($0) }
        control = options.hasControl ? RouteTable.control() : RouteTable()
    }

    @concurrent func answer(_ request: Request, _ writer: consuming ResponseWriter) async throws {
        let target = request.head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? "/"
        let query = parts.count > 1 ? String(parts[1]) : ""
        let method = request.method.rawValue
        guard path.hasPrefix(options.relativeRoot + "/") || options.relativeRoot.isEmpty else {
            return try await send(.init(404, .text("404 page not found\n")), writer)
        }
        let local = String(path.dropFirst(options.relativeRoot.count))
        if local.hasPrefix("/__rehearsal/") {
            return try await send(try await control(method, local, query, request), writer)
        }
        let fault = await world.fault(method: method, path: local)
        var cut: Int?
        switch fault?.kind {
        case .drop?:
            await note(method, target, status: 0)
            throw ConnectionClosed()
        case .status(let status, let body, let headers)?:
            await note(method, target, status: status)
            // The body has to be read, or the client meets a closed pipe before it reads the answer.
            for try await _ in request.body {}
            var reply = GitLabReply(status, .text(body))
            reply.headers = headers.map { ($0.key, $0.value) }
            return try await send(reply, writer)
        case .delay(let duration)?: try await Task.sleep(for: duration)
        case .cut(let bytes)?: cut = bytes
        case .dropAfterwards?, nil: break
        }
        if let path = GitHTTP.Path(local, query: query) {
            return try await git.answer(path, request, writer, cut: cut)
        }
        let reply = try await callAPI(method, local, target, query, request)
        if case .dropAfterwards? = fault?.kind { throw ConnectionClosed() }
        try await send(reply, writer, cut: cut)
    }

    private func note(_ method: String, _ target: String, status: Int) async {
        let number = await world.noteRequest(method: method, path: target, pattern: "(fault)", actor: nil, body: .null)
        await world.noteAnswer(number, status: status)
    }

    @concurrent private func send(_ reply: GitLabReply, _ writer: consuming ResponseWriter, cut: Int? = nil) async throws {
        let bytes = reply.bytes
        var fields = HTTPFields()
        if let type = reply.contentType, !reply.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            fields[.contentType] = type
        }
        for header in reply.headers {
            if let name = HTTPField.Name(header.name) { fields.append(HTTPField(name: name, value: header.value)) }
        }
        fields[.contentLength] = String(bytes.count)
        if let name = HTTPField.Name("X-Request-Id") { fields[name] = UUID().uuidString.lowercased() }
        let head = HTTPResponse(status: .init(code: reply.status), headerFields: fields)
        guard let cut, cut < bytes.count else {
            return try await writer.write(
                response: head, body: bytes.isEmpty ? .init() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        var body = try await writer.writeHead(head)
        try await body.write(ByteBuffer(bytes: bytes.prefix(cut)))
        throw ConnectionClosed()
    }

    // MARK: the API

    private func callAPI(
        _ method: String, _ path: String, _ target: String, _ query: String, _ request: Request
    ) async throws -> GitLabReply {
        let body: GitLabJSON
        do {
            body = try await Self.body(of: request)
        } catch let refusal as Refusal {
            return GitLabReply(refusal.status, .json(refusal.body))
        }
        let prefix = "/api/v4/"
        guard path.hasPrefix(prefix) else {
            await note(method, target, status: 404)
            return GitLabReply(404, .text("404 page not found\n"))
        }
        let segments = path.dropFirst(prefix.count).split(separator: "/").map(String.init)
        var call = GitLabCall(
            method: method, segments: segments, query: FormValues.parse(query), body: body.object ?? [:],
            headers: Self.headers(of: request), baseURL: await world.baseURL, path: path, actor: nil)
        var actor: GitLabCall.Actor?
        var refusal: Refusal?
        do {
            actor = try await Self.token(in: call).asyncMap { try await world.actor(forToken: $0) }
        } catch let problem as Refusal {
            refusal = problem
        }
        call.actor = actor
        let match = api.match(method == "HEAD" ? "GET" : method, segments)
        var pattern = ""
        if case .found(let route, _) = match { pattern = route.pattern }
        let name = await world.username(actor?.userID)
        let number = await world.noteRequest(method: method, path: target, pattern: pattern, actor: name, body: body)
        let reply = await reply(to: call, match, refusal)
        await world.noteAnswer(number, status: reply.status)
        return reply
    }

    private func reply(to call: GitLabCall, _ match: RouteTable.Match, _ refusal: Refusal?) async -> GitLabReply {
        do {
            if let refusal { throw refusal }
            switch match {
            case .none: return GitLabReply(404, .json(["error": "404 Not Found"]))
            case .wrongMethod(let allowed):
                return GitLabReply(
                    405, .json(["error": "405 Not Allowed"]), headers: [("Allow", allowed.joined(separator: ", "))])
            case .found(let route, let parameters):
                var call = call
                call.pathParameters = parameters
                try Self.checkScopes(call, route)
                return try await RecursionGuard.$eventID.withValue(call.headers["x-gitlab-event-uuid"]) {
                    try await route.handler(world, call)
                }
            }
        } catch let refusal as Refusal {
            return GitLabReply(refusal.status, .json(refusal.body))
        } catch {
            return GitLabReply(500, .json(["message": "500 Internal Server Error", "detail": .string("\(error)")]))
        }
    }

    /// `api` may do all, `read_api` may read all; a few places take less.
    static func checkScopes(_ call: GitLabCall, _ route: RouteTable.Route) throws {
        guard let scopes = call.actor?.scopes else { return }
        if route.pattern.hasPrefix("personal_access_tokens/self") { return }
        var allowed: Set<String> = ["api"]
        if call.method == "GET" || call.method == "HEAD" {
            allowed.insert("read_api")
            if route.pattern == "user" || route.pattern.hasPrefix("users/") { allowed.insert("read_user") }
            if route.pattern.contains("/repository/files/") || route.pattern.contains("/raw") {
                allowed.insert("read_repository")
            }
        }
        guard scopes.isDisjoint(with: allowed) else { return }
        throw Refusal.insufficientScope(allowed.sorted())
    }

    static func headers(of request: Request) -> [String: String] {
        Dictionary(request.headers.map { ($0.name.rawName.lowercased(), $0.value) }) { $1 }
    }

    private static func token(in call: GitLabCall) -> String? {
        if let token = call.headers["private-token"] { return token }
        if let header = call.headers["authorization"], header.lowercased().hasPrefix("bearer ") {
            return String(header.dropFirst(7))
        }
        return call.query["private_token"]?.text
    }

    private static func body(of request: Request) async throws -> GitLabJSON {
        guard let buffer = try? await request.body.collect(upTo: bodyLimit) else {
            throw Refusal.message(413, "413 Request Entity Too Large")
        }
        guard buffer.readableBytes > 0 else { return .null }
        let type = request.headers[.contentType]?.lowercased() ?? ""
        if type.hasPrefix("application/x-www-form-urlencoded") {
            return .object(FormValues.parse(String(buffer: buffer)))
        }
        guard type.hasPrefix("application/json") else {
            throw Refusal.error(415, "The provided content-type '\(type)' is not supported.")
        }
        do {
            return try GitLabJSON(parsing: buffer.readableBytesView)
        } catch {
            throw Refusal.error(400, "Problems parsing JSON")
        }
    }

    // MARK: control

    private func control(_ method: String, _ path: String, _ query: String, _ request: Request) async throws -> GitLabReply {
        let segments = path.dropFirst("/__rehearsal/".count).split(separator: "/").map(String.init)
        guard case .found(let route, let parameters) = control.match(method, segments) else {
            return GitLabReply(404, .json(["error": "unknown control path"]))
        }
        do {
            let body = try await Self.body(of: request)
            let call = GitLabCall(
                method: method, segments: segments, query: FormValues.parse(query), body: body.object ?? [:],
                headers: Self.headers(of: request), baseURL: await world.baseURL, path: path, actor: nil,
                pathParameters: parameters)
            return try await route.handler(world, call)
        } catch let refusal as Refusal {
            return GitLabReply(refusal.status, .json(refusal.body))
        } catch {
            return GitLabReply(500, .json(["error": .string("\(error)")]))
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async throws -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

extension GitLabWorld {
    func username(_ id: Int?) -> String? { id.flatMap { users[$0]?.username } }
}
