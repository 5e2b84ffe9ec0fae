import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A real HTTP server on loopback that keeps what it is sent and answers as it is told.
final class WebhookReceiver: Sendable {
    struct Message: Sendable {
        var path: String
        var headers: [String: String]
        var body: Data
        var at: ContinuousClock.Instant

        var json: [String: Any] {
            get throws { try JSONSerialization.jsonObject(with: body) as? [String: Any] ?? [:] }
        }
        var status: String { get throws { try json["status"] as? String ?? "" } }
        var task: String { get throws { try json["task_id"] as? String ?? "" } }
        var data: [String: Any] { get throws { try json["data"] as? [String: Any] ?? [:] } }
    }

    struct Reply: Sendable {
        var code: Int
        var headers: [String: String] = [:]
        /// Answered only when the server ends or the client goes away.
        var neverComes = false

        static let ok = Reply(code: 204)
        static func status(_ code: Int, _ headers: [String: String] = [:]) -> Reply { Reply(code: code, headers: headers) }
        static let never = Reply(code: 200, neverComes: true)
    }

    /// Decides about a message; gets all that came before it too, itself last.
    typealias Answer = @Sendable (Message, [Message]) -> Reply

    private let kept = Mutex<[Message]>([])
    private let answer: Answer
    private let arrivals: AsyncStream<Message>
    private let arrival: AsyncStream<Message>.Continuation
    private let port = Mutex(0)

    private init(_ answer: @escaping Answer) {
        self.answer = answer
        (arrivals, arrival) = AsyncStream.makeStream(of: Message.self)
    }

    var url: String { "http://127.0.0.1:\(port.withLock { $0 })/hook" }
    var messages: [Message] { kept.withLock { $0 } }

    /// Waits until so many messages have arrived in all.
    func wait(for count: Int) async throws -> [Message] {
        try await wait { $0.count >= count }
    }

    /// Waits until what has arrived is as wanted; may be called again.
    func wait(until isEnough: ([Message]) throws -> Bool) async throws -> [Message] {
        if try isEnough(messages) { return messages }
        for await _ in arrivals where try isEnough(messages) { return messages }
        throw CancellationError()
    }

    static func run<Result: Sendable>(
        answering answer: @escaping Answer = { _, _ in .ok },
        _ body: @Sendable @escaping (WebhookReceiver) async throws -> Result
    ) async throws -> Result {
        let receiver = WebhookReceiver(answer)
        let router = Router()
        router.post("**") { request, _ in try await receiver.take(request) }
        let (ready, isReady) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in isReady.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "receiver", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                for await port in ready {
                    receiver.port.withLock { $0 = port }
                    break
                }
                return try await body(receiver)
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func take(_ request: Request) async throws -> Response {
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let body = try await request.body.collect(upTo: 10 << 20)
        let message = Message(
            path: request.uri.path, headers: headers, body: Data(body.readableBytesView), at: .now)
        let all = kept.withLock { kept in
            kept.append(message)
            return kept
        }
        let reply = answer(message, all)
        arrival.yield(message)
        if reply.neverComes {
            for await _ in AsyncStream<Never>.makeStream().stream {}
            throw CancellationError()
        }
        var fields = HTTPFields()
        for (name, value) in reply.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return Response(status: .init(code: reply.code), headers: fields)
    }
}
