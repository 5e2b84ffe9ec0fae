import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// Where the product's status webhook goes: a real server that keeps what it is sent, each message once.
final class StatusReceiver: Sendable {
    struct Message: Sendable, Equatable {
        var id: String
        var task: String
        var status: String
        var progress: Int
    }

    private let kept = Mutex<[Message]>([])
    private let raw = Mutex<[String]>([])

    /// Every body as it came.
    var bodies: [String] { raw.withLock { $0 } }

    /// In the order of their first arrival. A message may come twice when its sender was killed before it could note the
    /// answer; it then has the same id, which is what receivers are told to go by.
    var messages: [Message] { kept.withLock { $0 } }

    func statuses(of task: String) -> [String] { messages.filter { $0.task == task }.map(\.status) }

    static func run<Result: Sendable>(
        _ body: @Sendable @escaping (StatusReceiver, _ url: String) async throws -> Result
    ) async throws -> Result {
        let receiver = StatusReceiver()
        let router = Router()
        router.post("**") { request, _ -> HTTPResponse.Status in
            let bytes = try await request.body.collect(upTo: 10 << 20)
            let id = HTTPField.Name("webhook-id").flatMap { request.headers[$0] } ?? ""
            receiver.take(Data(bytes.readableBytesView), id: id)
            return .noContent
        }
        let (ports, isBound) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in isBound.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "receiver", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                for await port in ports { return try await body(receiver, "http://127.0.0.1:\(port)/status") }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func take(_ body: Data, id: String) {
        raw.withLock { $0.append(String(decoding: body, as: UTF8.self)) }
        guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else { return }
        let data = object["data"] as? [String: Any]
        let message = Message(
            id: id, task: object["task_id"] as? String ?? "", status: object["status"] as? String ?? "",
            progress: data?["progress"] as? Int ?? -1)
        kept.withLock { kept in
            if !kept.contains(where: { $0.id == id }) { kept.append(message) }
        }
    }
}
