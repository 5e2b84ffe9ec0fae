import Foundation
import Secrets
import Synchronization
import Transport

@testable import GitLabAPI

/// Answers requests from a script, in order, and keeps what was asked. A request beyond the script is a failure.
final class ScriptedTransport: HTTPTransport {
    enum Answer: Sendable {
        case reply(HTTPReply)
        case failure(TransportFailure)
    }

    private struct State {
        var answers: [Answer]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>
    private let always: HTTPReply?

    init(_ answers: [Answer], always: HTTPReply? = nil) {
        state = Mutex(State(answers: answers))
        self.always = always
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func withResponse<Result: Sendable>(
        to request: HTTPRequest, _ use: @escaping @Sendable (HTTPResponse) async throws -> Result
    ) async throws -> Result {
        let answer: Answer? = state.withLock { state in
            state.requests.append(request)
            return state.answers.isEmpty ? always.map(Answer.reply) : state.answers.removeFirst()
        }
        switch answer {
        case .reply(let reply):
            let chunks = stride(from: 0, to: reply.body.count, by: 1_000).map {
                Array(reply.body[$0..<min($0 + 1_000, reply.body.count)])
            }
            return try await use(HTTPResponse(status: reply.status, headers: reply.headers, body: HTTPBody(chunks: chunks)))
        case .failure(let failure): throw failure
        case nil: throw TransportFailure(.other("nobody expected \(request)"))
        }
    }
}

extension ScriptedTransport.Answer {
    static func json(_ text: String, status: Int = 200, headers: HeaderFields = [:]) -> Self {
        .reply(HTTPReply(status: status, headers: headers, body: Array(text.utf8)))
    }
}

/// Time that passes only by sleeping.
final class SleepLog: Sendable {
    private let state = Mutex<[Duration]>([])

    var sleeps: [Duration] { state.withLock { $0 } }

    var clock: RetryClock {
        RetryClock(
            date: { 1_700_000_000 }, elapsed: { self.sleeps.reduce(.zero, +) },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { $0.append(duration) }
            }, random: { 0 })
    }
}

struct TestClient {
    let transport: ScriptedTransport
    let sleeps = SleepLog()
    let client: GitLabClient

    init(_ answers: [ScriptedTransport.Answer], base: String = "https://gitlab.example.com", always: HTTPReply? = nil) throws {
        transport = ScriptedTransport(answers, always: always)
        guard let address = GitLabAddress(base) else { throw CocoaError(.formatting) }
        client = GitLabClient(
            address: address, token: Secret("glpat-test"), transport: transport, retry: RetryPolicy(clock: sleeps.clock))
    }

    /// `GET /api/v4/...` with the query as it was sent.
    var calls: [String] { transport.requests.map { "\($0.method) \($0.url.replacing(client.address.base, with: ""))" } }
}
