import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// `/api/v1/tasks/{id}/events`: the journal as a page of JSON, or live as server-sent events until the task has ended.
struct TaskEvents: Sendable {
    let store: any Store
    let slots: StreamSlots

    private static let page = 200
    /// A sign of life for whatever stands between, and a look at a journal that another process writes.
    private static let beat = Duration.seconds(10)

    private struct Page: Encodable {
        let events: [EventView]
        let next: Int64?
    }

    func handle(_ request: Request, _ record: TaskRecord) async throws -> Response {
        let after = try Self.place(request)
        let accepted = request.headers[values: .accept].joined(separator: ",").lowercased()
        guard accepted.contains("text/event-stream") else {
            let entries = try await store.entries(of: record.task.id, after: after, kinds: EventView.kinds, limit: Self.page)
            return .json(
                Page(events: entries.map(EventView.init), next: entries.count == Self.page ? entries.last?.sequence : nil))
        }
        if record.state == .ended, try await store.entries(of: record.task.id, after: after, kinds: EventView.kinds, limit: 1).isEmpty {
            // This tells a browser's EventSource not to come again.
            return Response(status: .noContent)
        }
        guard let slot = slots.take() else {
            throw APIProblem(
                .serviceUnavailable, "too_many_streams", "Too many event streams are open. Try again later.",
                headers: [.retryAfter: "10"])
        }
        let id = record.task.id
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                defer { slot.release() }
                // What was asked ends with the connection; the end of this closure ends the stream.
                try? await request.body.consumeWithCancellationOnInboundClose { [writer] _ in
                    var writer = writer
                    try await follow(id, after: after, into: &writer)
                }
                try await writer.finish(nil)
            })
    }

    /// Where to go on: after `Last-Event-ID`, or the query's `after`.
    private static func place(_ request: Request) throws -> Int64 {
        let header = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
        guard let text = header ?? request.uri.queryParameters["after"].map(String.init), !text.isEmpty else { return 0 }
        guard let sequence = Int64(text), sequence >= 0 else {
            throw APIProblem(.badRequest, "invalid_value", "`Last-Event-ID` and `after` must be an event's sequence.")
        }
        return sequence
    }

    // MARK: Live

    private enum Signal: Sendable { case grown, beat }

    @concurrent private func follow(_ id: TaskID, after: Int64, into writer: inout any ResponseBodyWriter) async throws {
        // Listening begins before the first look, so that nothing falls between them.
        let (signals, source) = AsyncStream<Signal>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let growth = store.growth()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await grown in growth where grown == id { source.yield(.grown) }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.beat)
                    source.yield(.beat)
                }
            }
            defer { group.cancelAll() }
            try await withGracefulShutdownHandler {
                try await write(id, after: after, whenever: signals, into: &writer)
            } onGracefulShutdown: {
                source.finish()
            }
        }
    }

    @concurrent private func write(
        _ id: TaskID, after: Int64, whenever signals: AsyncStream<Signal>, into writer: inout any ResponseBodyWriter
    ) async throws {
        var place = after
        try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
        var hasEnded = try await drain(id, from: &place, into: &writer)
        var signals = signals.makeAsyncIterator()
        while !hasEnded, let signal = await signals.next() {
            if signal == .beat { try await writer.write(ByteBuffer(string: ": beat\n\n")) }
            hasEnded = try await drain(id, from: &place, into: &writer)
        }
        if hasEnded { try await writer.write(ByteBuffer(string: "event: end\ndata: {}\n\n")) }
    }

    /// Writes what is new; true when there will be no more.
    @concurrent private func drain(_ id: TaskID, from place: inout Int64, into writer: inout any ResponseBodyWriter) async throws -> Bool {
        // Seen before the entries are read: an end that is seen has all its entries written down.
        let hasEnded = try await store.task(id)?.state ?? .ended == .ended
        while true {
            let entries = try await store.entries(of: id, after: place, kinds: EventView.kinds, limit: Self.page)
            guard let last = entries.last else { return hasEnded }
            try await writer.write(ByteBuffer(string: try entries.map(Self.frame).joined()))
            place = last.sequence
        }
    }

    private static func frame(_ entry: JournalEntry) throws -> String {
        // JSON has no line ends of its own, so that it always fits one data line.
        let data = String(decoding: try WebJSON.encode(EventView(entry)), as: UTF8.self)
        return "id: \(entry.sequence)\nevent: \(entry.kind.rawValue)\ndata: \(data)\n\n"
    }
}

/// How many event streams may be open at once.
final class StreamSlots: Sendable {
    struct Slot: Sendable {
        fileprivate let slots: StreamSlots
        func release() { slots.change(-1) }
    }

    private let open = Mutex(0)
    private let limit: Int
    private let changed: @Sendable (Int) -> Void

    init(limit: Int, changed: @escaping @Sendable (Int) -> Void) {
        self.limit = limit
        self.changed = changed
    }

    func take() -> Slot? {
        let isFree = open.withLock { open in
            guard open < limit else { return false }
            open += 1
            return true
        }
        guard isFree else { return nil }
        changed(open.withLock { $0 })
        return Slot(slots: self)
    }

    private func change(_ by: Int) {
        changed(
            open.withLock {
                $0 += by; return $0
            })
    }
}
