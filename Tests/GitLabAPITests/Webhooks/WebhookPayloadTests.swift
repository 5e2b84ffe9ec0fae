import Testing

@testable import GitLabAPI

@Suite("Reading deliveries")
struct WebhookPayloadTests {
    private static let note = """
        {"object_kind":"note","event_type":"note","user":{"id":7,"username":"ann","name":"Ann"},"project_id":3,
        "project":{"id":3,"path_with_namespace":"g/p"},
        "object_attributes":{"id":9007199254740993,"author_id":7,"note":"/ai do it","noteable_type":"Issue","project_id":3,
        "updated_at":"2026-01-02 03:04:05 UTC"ACTION},"issue":{"id":1,"iid":5,"project_id":3,"title":"T"}}
        """

    private func decode(_ text: String) throws(PayloadFailure) -> WebhookPayload {
        try WebhookPayload.decode(Array(text.utf8))
    }

    private func note(_ action: String = "") throws -> (WebhookPayload, NoteEvent) {
        let payload = try decode(Self.note.replacing("ACTION", with: action))
        guard case .note(let note) = payload.event else {
            Issue.record("not a note")
            throw PayloadFailure(.notJSON, "")
        }
        return (payload, note)
    }

    @Test("ids keep all their 64 bits")
    func largeIDs() throws {
        #expect(try note().1.id == 9_007_199_254_740_993)
    }

    @Test("a note starts one task, however often it is edited, and its other events stay apart")
    func meanings() throws {
        let (created, _) = try note(#","action":"create""#)
        let (updated, _) = try note(#","action":"update","updated_by_id":7"#)
        #expect(created.startingMeaning == updated.startingMeaning)
        #expect(created.meaning != updated.meaning)
    }

    @Test(
        "A16: whose words a note has",
        arguments: [
            (#","action":"create""#, true),
            (#","action":"update","updated_by_id":7"#, true),
            (#","action":"update","updated_by_id":8"#, false),
            (#","action":"update","updated_by_id":null"#, false),
            (#","action":"update""#, false),
            (#","action":"something_new""#, false),
        ])
    func words(_ action: String, expected: Bool) throws {
        let (payload, note) = try note(action)
        #expect(note.isInAuthorsWords(of: payload.actor) == expected)
        let other = WebhookUser(id: 8, username: "bob", name: nil)
        #expect(!note.isInAuthorsWords(of: other))
    }

    @Test(
        "A20: each sign of confidentiality is enough by itself",
        arguments: [
            (#""event_type":"note""#, #""event_type":"note""#, nil as String?, false),
            (#""event_type":"note""#, #""event_type":"confidential_note""#, nil, true), ("ACTION", #","internal":true"#, nil, true),
            ("ACTION", #","confidential":true"#, nil, true), (#""title":"T""#, #""title":"T","confidential":true"#, nil, true),
            ("ACTION", "", "Confidential Note Hook", true), ("ACTION", "", "Note Hook", false),
        ])
    func confidential(_ part: String, replacement: String, header: String?, expected: Bool) throws {
        let body = Self.note.replacing(part, with: replacement).replacing("ACTION", with: "")
        #expect(try WebhookPayload.decode(Array(body.utf8), eventHeader: header).isConfidential == expected)
    }

    @Test("A05: a body that names two projects contradicts itself")
    func contradiction() throws {
        let payload = try decode(Self.note.replacing("ACTION", with: "").replacing(#""project_id":3,"#, with: #""project_id":4,"#))
        #expect(payload.contradictsItself)
        #expect(payload.projectID == nil)
        #expect(payload.meaning == nil)
    }

    @Test(
        "unknown words, missing keys and other types never fail",
        arguments: [
            #"{"object_kind":"comet","object_attributes":{"action":"explode"}}"#,
            #"{"event_name":"project_create"}"#,
            "{}",
            #"{"object_kind":"note"}"#,
            #"{"object_kind":"note","object_attributes":{"id":"7","note":5}}"#,
            #"{"object_kind":"issue","object_attributes":{"iid":1,"action":"teleport","labels":"none","assignee_ids":["x"]}}"#,
            #"{"object_kind":"issue","object_attributes":[],"changes":7,"assignees":{"a":1}}"#,
            #"{"object_kind":"merge_request","object_attributes":{"iid":2.5}}"#,
            #"{"object_kind":"pipeline","object_attributes":{"id":1e3,"status":"failed"},"builds":[1,"x",null,{"id":9}]}"#,
            #"{"object_kind":"push","ref":null}"#,
            #"{"object_kind":5}"#,
        ])
    func tolerant(_ text: String) throws {
        let payload = try decode(text)
        switch payload.event {
        case .other, .incomplete: break
        case .issue(let event): #expect(event.action?.rawValue == "teleport")
        default: Issue.record("made something of \(text)")
        }
    }

    @Test("both forms of a change of people are read")
    func pairs() throws {
        let payload = try decode(
            #"{"object_kind":"merge_request","object_attributes":{"iid":1,"action":"update"},"changes":{"reviewers":[[],[{"id":9,"username":"bot"}]]}}"#)
        guard case .mergeRequest(let event) = payload.event else {
            Issue.record("not a merge request")
            return
        }
        #expect(event.requestsReview(id: 9, username: "bot"))
    }

    @Test("a person without id is known by name, one with id only by that")
    func sameUser() {
        #expect(WebhookUser(id: nil, username: "Bot", name: nil).isSame(asID: 9, username: "bot"))
        #expect(!WebhookUser(id: 8, username: "bot", name: nil).isSame(asID: 9, username: "bot"))
    }

    @Test("two changes of one second have two meanings")
    func sameSecond() throws {
        func meaning(_ assignee: Int) throws -> String? {
            try decode(
                """
                {"object_kind":"issue","project":{"id":1},"object_attributes":{"id":4,"iid":1,"action":"update",
                "updated_at":"2026-01-01 00:00:00 UTC"},"changes":{"assignees":{"previous":[],"current":[{"id":\(assignee)}]}}}
                """
            ).meaning
        }
        #expect(try meaning(1) != meaning(2))
        #expect(try meaning(1) == meaning(1))
    }
}

@Suite("A08: bodies made to hurt a reader")
struct HostileBodyTests {
    private func failure(_ bytes: [UInt8]) -> PayloadFailure.Code? {
        do {
            _ = try WebhookPayload.decode(bytes)
            return nil
        } catch {
            return error.code
        }
    }

    private func nested(_ depth: Int) -> [UInt8] {
        let head = #"{"object_kind":"x","a":"#
        return Array((head + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}").utf8)
    }

    @Test("A08: 64 levels are read, 65 are not, and a million don't overflow anything")
    func depth() {
        #expect(failure(nested(64)) == nil)
        #expect(failure(nested(65)) == .tooDeep)
        #expect(failure(nested(1_000_000)) == .tooDeep)
        #expect(failure([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) == .tooDeep)
    }

    @Test(
        "A08: what is not JSON is refused",
        arguments: [
            "", "   ", "nul", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":1}x", "{\"a\":01}", "{\"a\":1.}", "{\"a\":+1}",
            "{\"a\":\"\u{1}\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"", "{\"a\":tru}", "[1}", "{]", "{\"a\":1e}",
            "{\"a\":}", "\"just text\"", "[]", "17", "{\"a\":'b'}", "\u{FEFF}{}",
        ])
    func malformed(_ text: String) {
        #expect(failure(Array(text.utf8)) == .notJSON)
    }

    @Test(
        "A08: bytes that are no UTF-8 are refused",
        arguments: [
            [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], [0x7B, 0x22, 0xC0, 0x80, 0x22, 0x3A, 0x31, 0x7D],
            [0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x3A, 0x31, 0x7D],
        ] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(failure(bytes) == .notUTF8)
    }

    @Test(
        "A08: a key that comes twice is refused, also when written in two ways",
        arguments: [
            #"{"object_kind":"note","object_kind":"push"}"#,
            #"{"object_kind":"note","object\u005fkind":"push"}"#,
            #"{"object_kind":"note","object_attributes":{"id":1,"id":2}}"#,
            #"{"object_kind":"note","object_attributes":{"id":1,"note":"x","noteable_type":"Issue"},"issue":{"iid":1,"iid":2}}"#,
        ])
    func doubledKeys(_ text: String) {
        #expect(failure(Array(text.utf8)) == .doubledKey)
    }

    @Test("A08: a doubled key in a part that nobody reads does no harm")
    func doubledElsewhere() {
        #expect(failure(Array(#"{"object_kind":"x","repository":{"a":1,"a":2}}"#.utf8)) == nil)
    }

    @Test("A08: NUL goes, lone surrogates show, pairs are joined")
    func text() throws {
        let body = #"""
            {"object_kind":"note","object_attributes":{"id":1,"noteable_type":"Snippet",
            "note":"a\u0000b\ud800c\udc00d\ud83d\ude00\n\t\"\\\/\b\f\r"}}
            """#
        guard case .note(let note) = try WebhookPayload.decode(Array(body.utf8)).event else {
            Issue.record("not a note")
            return
        }
        #expect(Array(note.text.unicodeScalars) == Array("ab\u{FFFD}c\u{FFFD}d😀\n\t\"\\/\u{8}\u{C}\r".unicodeScalars))
    }

    @Test(
        "A08: numbers that don't fit, or aren't whole, are no ids",
        arguments: [
            "9223372036854775808", "-99999999999999999999999", "1e3", "1.0", "\"5\"", "null", "true", "[5]",
        ])
    func numbers(_ number: String) throws {
        let payload = try WebhookPayload.decode(
            Array(#"{"object_kind":"note","object_attributes":{"id":\#(number),"note":"x"}}"#.utf8))
        #expect(payload.event == .incomplete(kind: "note", missing: "object_attributes.id"))
    }

    @Test("A08: an object of countless keys is refused")
    func manyKeys() {
        let members = (0..<3_000).map { "\"k\($0)\":1" }.joined(separator: ",")
        #expect(failure(Array("{\(members)}".utf8)) == .tooLarge)
    }

    @Test("A07: a body over GitLab's own limit is refused")
    func size() {
        #expect(failure([UInt8](repeating: 0x20, count: (26 << 20) + 1)) == .tooLarge)
    }

    @Test("A08: changed bytes never crash the reader", arguments: 0..<40)
    func mutations(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let sample = Array(
            #"{"object_kind":"note","user":{"id":1},"object_attributes":{"id":1,"note":"\u00e9\ud83d\ude00","noteable_type":"Issue","a":[1,2.5e-3,true,null]},"issue":{"iid":3}}"#
                .utf8)
        var outcomes: Set<String> = []
        for _ in 0..<200 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(#"{}[]",:\u"#.utf8.randomElement(using: &generator) ?? 0x22, at: index)
                }
            }
            outcomes.insert(failure(bytes)?.rawValue ?? "read")
        }
        #expect(outcomes.contains("not_json"))
    }
}

/// The same numbers for the same seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = (seed &+ 1) &* 0xD134_2543_DE82_EF95 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
