internal import Hummingbird
internal import NIOCore

/// The bytes of one streamed reply, with the fault that befalls it.
struct ScriptedStream: Sendable {
    private let events: [String]
    private let fault: ModelScript.Fault?
    private let delay: Duration
    private let ping: String

    private struct ConnectionCut: Error {}

    init<Wire: ScriptedWire>(_ answer: ScriptedAnswer, _ fault: ModelScript.Fault?, delay: Duration, _: Wire.Type) {
        var events = Wire.events(answer)
        switch fault?.kind {
        case .overloadedInStream:
            let half = events.prefix(max(1, events.count / 2))
            events = half + [Wire.errorEvent(WireRefusal(529, "Overloaded", type: "overloaded_error"))]
        case .malformed: events.insert("data: {\"type\": \"broken", at: events.count / 2)
        case .unfinished: events = Array(events.prefix(events.count / 2))
        default: break
        }
        self.events = events
        self.fault = fault
        self.delay = delay
        ping = Wire.ping
    }

    @concurrent func write(to writer: inout any ResponseBodyWriter) async throws {
        if delay > .zero { try await Task.sleep(for: delay) }
        if fault?.kind == .pings {
            let end = ContinuousClock.now + .milliseconds(fault?.milliseconds ?? 60_000)
            while ContinuousClock.now < end {
                try await writer.write(ByteBuffer(string: ping + "\n\n"))
                try await Task.sleep(for: .milliseconds(20))
            }
            throw ConnectionCut()
        }
        if fault?.kind == .cut {
            let bytes = Array(events.map { $0 + "\n\n" }.joined().utf8)
            try await writer.write(ByteBuffer(bytes: bytes.prefix(fault?.atByte ?? bytes.count / 2)))
            throw ConnectionCut()
        }
        for event in events { try await writer.write(ByteBuffer(string: event + "\n\n")) }
        try await writer.finish(nil)
    }
}
