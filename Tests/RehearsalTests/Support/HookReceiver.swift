import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Rehearsal
import Synchronization

/// Takes deliveries and answers with the statuses it is told, the last one for ever.
final class HookReceiver: Sendable {
    struct Received: Sendable {
        let headers: [String: String]
        let bytes: [UInt8]
        var json: GitLabJSON { (try? GitLabJSON(parsing: bytes)) ?? .null }
    }

    private let state: Mutex<(received: [Received], statuses: [Int])>

    init(statuses: [Int] = [200]) { state = Mutex(([], statuses)) }

    var received: [Received] { state.withLock { $0.received } }

    private func take(_ received: Received) -> Int {
        state.withLock { state in
            state.received.append(received)
            return state.statuses.count > 1 ? state.statuses.removeFirst() : state.statuses[0]
        }
    }

    func serving(_ body: @escaping @Sendable (_ url: String) async throws -> Void) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        router.post("hook") { request, _ -> Response in
            let bytes = try await request.body.collect(upTo: 1 << 26)
            let headers = Dictionary(request.headers.map { ($0.name.rawName.lowercased(), $0.value) }) { $1 }
            let status = self.take(Received(headers: headers, bytes: Array(bytes.readableBytesView)))
            return Response(status: .init(code: status))
        }
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "hooks", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await app.run() }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)/hook")
                break
            }
            group.cancelAll()
        }
    }
}
