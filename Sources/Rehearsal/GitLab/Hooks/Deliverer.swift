import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Sends what the world hands out, as GitLab's background jobs do: in no particular order, with a time limit, once.
struct Deliverer: Sendable {
    let world: GitLabWorld
    let client: HTTPClient
    let timeout: Duration
    /// How many are on their way at once.
    static let width = 16

    func run(_ outgoing: AsyncStream<OutgoingDelivery>) async {
        await withDiscardingTaskGroup { group in
            let gate = AsyncStream<Void>.makeStream()
            for _ in 0..<Self.width { gate.continuation.yield() }
            var places = gate.stream.makeAsyncIterator()
            for await delivery in outgoing {
                guard await places.next() != nil else { return }
                group.addTask {
                    await deliver(delivery)
                    gate.continuation.yield()
                }
            }
        }
    }

    private func deliver(_ delivery: OutgoingDelivery) async {
        if let done = await attempt(delivery) { await world.note(done) }
        await world.delivered()
    }

    /// One attempt. No failure leads to another: GitLab does not send again.
    func attempt(_ delivery: OutgoingDelivery) async -> GitLabWorld.Delivery? {
        guard let hook = await world.hooks[delivery.hookID] else { return nil }
        let body = delivery.body.bytes
        let headers = await world.headers(for: delivery, hook: hook, body: body)
        var request = HTTPClientRequest(url: hook.url)
        request.method = .POST
        for (name, value) in headers { request.headers.add(name: name, value: value.replacing("\n", with: "")) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let clock = ContinuousClock()
        let started = clock.now
        var status = "internal error"
        var answer = ""
        var answerHeaders: [String: String] = [:]
        do {
            let seconds = Double(timeout.components.seconds) + Double(timeout.components.attoseconds) / 1e18
            let response = try await client.execute(request, timeout: .nanoseconds(Int64(seconds * 1e9)))
            status = String(response.status.code)
            for header in response.headers.prefix(50) { answerHeaders[header.name] = String(header.value.prefix(1024)) }
            let bytes = try? await response.body.collect(upTo: 1 << 20)
            answer = String(decoding: bytes?.readableBytesView.prefix(8192) ?? [], as: UTF8.self)
        } catch {
            answer = "\(error)"
        }
        let took = started.duration(to: clock.now)
        return await world.made(
            delivery, hook: hook, headers: headers, body: body, status: status, answer: answer, answerHeaders: answerHeaders,
            seconds: Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
    }
}

extension GitLabWorld {
    func made(
        _ delivery: OutgoingDelivery, hook: Hook, headers: [String: String], body: [UInt8], status: String, answer: String,
        answerHeaders: [String: String], seconds: Double
    ) -> Delivery {
        Delivery(
            id: nextID(.delivery), hookID: hook.id, url: hook.url, trigger: delivery.trigger, eventName: delivery.eventName,
            idempotencyKey: delivery.idempotencyKey, requestHeaders: headers, body: body, responseStatus: status,
            responseBody: answer, responseHeaders: answerHeaders, seconds: seconds, createdAt: Date())
    }
}
