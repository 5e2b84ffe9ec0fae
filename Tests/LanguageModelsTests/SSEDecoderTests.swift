import LanguageModels
import Testing

@Suite struct SSEDecoderTests {
    private static let stream =
        "\u{FEFF}: hi\r\nevent: a\r\ndata: {\"x\":\"é😀\"}\r\n\r\ndata:one\ndata:  two\rid: 7\nretry: 1\nfoo\n\n\n:\n\nevent: b\ndata\n\ndata: last"
    private static let events = [
        SSEDecoder.Event(name: "a", data: "{\"x\":\"é😀\"}"), SSEDecoder.Event(data: "one\n two"),
        SSEDecoder.Event(name: "b", data: ""), SSEDecoder.Event(data: "last"),
    ]

    @Test("events are the same wherever the bytes are cut")
    func cuts() throws {
        let bytes = Array(Self.stream.utf8)
        for size in 1...bytes.count {
            var decoder = SSEDecoder()
            var events: [SSEDecoder.Event] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                events += try decoder.feed(bytes[start..<min(start + size, bytes.count)])
            }
            events += decoder.finish()
            try #require(events == Self.events, "cut every \(size) bytes")
        }
    }

    @Test("a line without end is refused")
    func bounded() throws {
        var decoder = SSEDecoder(maxEventBytes: 1_000)
        #expect(throws: SSEDecoder.LineTooLong.self) {
            for _ in 0..<100 { _ = try decoder.feed(Array("data: 0123456789\n".utf8)) }
        }
    }

    @Test("random bytes never trap")
    func random() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let alphabet = Array("data: \n\r:eventx{}\u{FEFF}".utf8) + [0xFF, 0x00]
            let bytes = (0..<200).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            var decoder = SSEDecoder()
            let events = try decoder.feed(bytes) + decoder.finish()
            #expect(events.count <= 200)
        }
    }
}
