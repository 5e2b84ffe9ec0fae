internal import Transport

/// Reads a reply's bytes, which may be a stream of events or plain JSON whatever was asked for, or a proxy's page.
struct ReplyStream<Reader: ReplyReader>: Sendable {
    private enum Form { case events, json, page }

    private var reader: Reader
    private var decoder = SSEDecoder()
    private var form: Form?
    private var whole: [UInt8] = []

    init(_ reader: Reader) { self.reader = reader }

    var isComplete: Bool { form == .events && reader.isComplete }

    /// - Returns: Text for people.
    mutating func add(_ chunk: [UInt8]) throws(ReplyTrouble) -> String {
        if form == nil {
            guard let first = chunk.first(where: { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }) else {
                return ""
            }
            form =
                switch first {
                case UInt8(ascii: "{"), UInt8(ascii: "["): .json
                case UInt8(ascii: "<"): .page
                default: .events
                }
        }
        guard form == .events else {
            whole += chunk
            return ""
        }
        let events: [SSEDecoder.Event]
        do { events = try decoder.feed(chunk) } catch { throw .broken("an event is larger than 16 MB") }
        return try add(events)
    }

    mutating func finish() throws(ReplyTrouble) -> (WireReply, lastText: String) {
        switch form {
        case .events:
            let text = try add(decoder.finish())
            return (try reader.finish(), text)
        case .json:
            let value: JSONValue
            do { value = try JSONValue(parsing: whole) } catch { throw .broken("\(error)") }
            let reply = try reader.read(value)
            return (reply, reply.text)
        case .page:
            throw .broken("a web page came in place of a reply: \(ServiceError(body: whole).message)")
        case nil: throw .broken("it is empty")
        }
    }

    private mutating func add(_ events: [SSEDecoder.Event]) throws(ReplyTrouble) -> String {
        var text = ""
        for event in events {
            let data = event.data
            if data == "[DONE]" {
                reader.addEndMark()
                continue
            }
            if data.allSatisfy(\.isWhitespace) { continue }
            var value: JSONValue
            do { value = try JSONValue(parsing: data) } catch {
                throw .broken("an event is \(error)")
            }
            // The kind is in the data; where it is missing, the event's name has to do.
            if value["type"] == nil, !event.name.isEmpty, value.members != nil { value.set("type", .string(event.name)) }
            text += try reader.add(value)
        }
        return text
    }
}
