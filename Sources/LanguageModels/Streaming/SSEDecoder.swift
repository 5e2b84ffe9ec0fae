/// Turns the bytes of a `text/event-stream` into events, whatever the places where they were cut.
///
/// Lines end with LF, CRLF or CR. Comments and empty events give nothing; they count as signs of life elsewhere.
package struct SSEDecoder: Sendable {
    package struct Event: Sendable, Hashable {
        /// Empty when the server named none.
        package var name: String
        package var data: String
        package init(name: String = "", data: String) {
            self.name = name
            self.data = data
        }
    }

    package struct LineTooLong: Error, Sendable, Hashable {}

    private let maxEventBytes: Int
    private var line: [UInt8] = []
    private var lastWasCR = false
    private var isFirstLine = true
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false

    package init(maxEventBytes: Int = 16 << 20) { self.maxEventBytes = maxEventBytes }

    /// The events that these bytes complete.
    package mutating func feed(_ bytes: some Collection<UInt8>) throws(LineTooLong) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            let afterCR = lastWasCR
            lastWasCR = byte == 0x0D
            if byte == 0x0A && afterCR { continue }
            if byte == 0x0A || byte == 0x0D {
                endLine(into: &events)
            } else {
                line.append(byte)
                guard line.count + data.count <= maxEventBytes else { throw LineTooLong() }
            }
        }
        return events
    }

    /// The last event, when the stream ended without the blank line.
    package mutating func finish() -> [Event] {
        var events: [Event] = []
        if !line.isEmpty { endLine(into: &events) }
        endEvent(into: &events)
        return events
    }

    private mutating func endLine(into events: inout [Event]) {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return endEvent(into: &events) }
        guard line[0] != UInt8(ascii: ":") else { return }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        switch line[..<colon] {
        case let field where field.elementsEqual("data".utf8):
            if hasData { data.append(0x0A) }
            data += value
            hasData = true
        case let field where field.elementsEqual("event".utf8):
            name = String(decoding: value, as: UTF8.self)
        default: break
        }
    }

    private mutating func endEvent(into events: inout [Event]) {
        if hasData { events.append(Event(name: name, data: String(decoding: data, as: UTF8.self))) }
        name = ""
        data.removeAll(keepingCapacity: true)
        hasData = false
    }
}
