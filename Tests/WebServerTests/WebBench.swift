import Domain
import Foundation
import GitLabAPI
import Logging
import NIOCore
import NIOPosix
import SQLiteStore
import Secrets
import ServiceLifecycle
import Synchronization

@testable import WebServer

/// A server on a port of its own over a real store, for the length of a closure.
struct WebBench: Sendable {
    static let token = "a-webhook-secret-of-32-characters"
    static let adminToken = "an-admin-token-of-some-length"
    static let bot = BotIdentity(id: 9001, username: "ai-bot")

    let port: Int
    let store: SQLiteStore
    let kept: KeptSecrets
    let logs: RecordedLogs
    let group: ServiceGroup

    /// The secrets that the server handed out.
    final class KeptSecrets: Sendable {
        let all = Mutex<[TaskID: TaskSecrets]>([:])
    }

    static func run(
        _ change: (inout WebServerSettings) -> Void = { _ in }, credentials: [DeliveryVerifier.Credential]? = nil,
        readiness: @escaping @Sendable () async -> ReadinessReport = { ReadinessReport([]) },
        intake: (@Sendable (SQLiteStore) -> any Store)? = nil, now: @escaping @Sendable () -> Date = { Date() },
        _ body: @Sendable (WebBench) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore.open(path: folder.appendingPathComponent("store.sqlite").path)
        var settings = WebServerSettings(
            port: 0, adminToken: Secret(adminToken), gitLabURL: "https://gitlab.example.com", webhookURL: "https://hook.example.com/status",
            version: "1.2.3")
        change(&settings)
        let kept = KeptSecrets()
        let logs = RecordedLogs()
        let (ports, portSource) = AsyncStream<Int>.makeStream()
        let server = WebServer(
            settings: settings, store: intake?(store) ?? store,
            verifier: try DeliveryVerifier(credentials ?? [.init(.token, Secret(token))]), bot: { bot },
            keepSecrets: { id, secrets in kept.all.withLock { $0[id] = secrets } },
            carrySecrets: { old, new in kept.all.withLock { $0[new] = $0[old] } }, readiness: readiness,
            onBound: { portSource.yield($0) }, now: now,
            logger: Logger(label: "web") { _ in logs.handler })
        let group = ServiceGroup(services: [try server.service()], logger: Logger(label: "group") { _ in logs.handler })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { throw CancellationError() }
            do {
                try await body(WebBench(port: port, store: store, kept: kept, logs: logs, group: group))
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    // MARK: Requests

    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: String? = nil, host: String? = nil
    ) async throws -> WebReply {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close"]
        lines += headers.map { "\($0.0): \($0.1)" }
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        let reply = try await raw(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        DescribedStatuses.check(method, path, reply.status)
        return reply
    }

    /// With the admin token.
    func admin(_ method: String, _ path: String, json: String? = nil, headers: [(String, String)] = []) async throws -> WebReply {
        var headers = headers + [("Authorization", "Bearer \(Self.adminToken)")]
        if json != nil { headers.append(("Content-Type", "application/json")) }
        return try await send(method, path, headers: headers, body: json)
    }

    func deliver(
        _ body: String, event: String = "Note Hook", id: String = UUID().uuidString, token: String? = WebBench.token,
        headers: [(String, String)] = []
    ) async throws -> WebReply {
        var all = [("Content-Type", "application/json"), ("X-Gitlab-Event", event), ("webhook-id", id)]
        if let token { all.append(("X-Gitlab-Token", token)) }
        return try await send("POST", "/webhooks/gitlab", headers: all + headers, body: body)
    }

    /// Sends bytes as they are and reads until the server closes.
    func raw(_ text: String) async throws -> WebReply {
        try await connect { inbound, outbound in
            // The server may have answered and closed before it read all.
            try? await outbound.write(ByteBuffer(string: text))
            return try await WebReply(reading: inbound)
        }
    }

    typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>
    typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

    func connect<Result: Sendable>(
        to host: String = "127.0.0.1", _ body: @Sendable (Inbound, Outbound) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in try await body(inbound, outbound) }
    }
}

/// An answer, as far as it came.
struct WebReply: Sendable {
    let text: String

    init(text: String) { self.text = text }

    init(reading inbound: WebBench.Inbound) async throws {
        var bytes: [UInt8] = []
        do {
            for try await buffer in inbound { bytes += buffer.readableBytesView }
        } catch is IOError {
            // A reset after the answer.
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    var status: Int { text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 }
    var head: String { text.range(of: "\r\n\r\n").map { String(text[..<$0.lowerBound]) } ?? text }
    var body: String { text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? "" }

    func header(_ name: String) -> String? {
        head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix("\(name.lowercased()):") }
            .map { String($0.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces) }
    }

    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }

    func string(_ key: String) -> String? { json[key] as? String }
}

/// What was logged, to see that no secret is in it.
final class RecordedLogs: Sendable {
    private let lines = Mutex<[String]>([])
    var handler: any LogHandler { Handler(logs: self) }
    var all: String { lines.withLock { $0.joined(separator: "\n") } }

    private struct Handler: LogHandler {
        let logs: RecordedLogs
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            logs.lines.withLock {
                $0.append("\(event.level) \(event.message) \(metadata.merging(event.metadata ?? [:]) { _, own in own })")
            }
        }
    }
}

/// The sample payloads, found by walking up from this file.
enum Payloads {
    static let folder: URL? = {
        var place = URL(fileURLWithPath: #filePath)
        while place.path != "/" {
            place.deleteLastPathComponent()
            let candidate = place.appendingPathComponent("shared/gitlab/webhooks")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        print("The sample payloads (shared/gitlab/webhooks) are not here: tests that read them are skipped.")
        return nil
    }()

    static func text(_ name: String) throws -> String {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return try String(contentsOf: folder.appendingPathComponent("\(name).json"), encoding: .utf8)
    }

    /// Every payload with the event's name that INDEX.md gives.
    static let all: [(name: String, event: String)] = {
        guard let folder, let index = try? String(contentsOf: folder.appendingPathComponent("INDEX.md"), encoding: .utf8) else {
            return []
        }
        return index.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 3, cells[0].hasSuffix(".json") else { return nil }
            return (String(cells[0].dropLast(5)), cells[1])
        }
    }()
}
