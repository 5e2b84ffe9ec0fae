import LanguageModels
import Testing

@testable import Agent

@Suite("A51: arguments of a tool call are checked strictly")
struct ToolArgumentsTests {
    private static let parameters = [
        ToolParameter("path", "p"), ToolParameter("line", .integer(minimum: 1), required: false, "l"),
        ToolParameter("names", .texts, required: false, "n"),
        ToolParameter(
            "items", .objects([ToolParameter("title", "t"), ToolParameter("size", .integer(minimum: 0), required: false, "s")]), required: false, "i"),
    ]

    @Test("more than any tool needs is not even read")
    func size() {
        let text = "{\"path\":\"" + String(repeating: "a", count: 4 << 20) + "\"}"
        let problem = #expect(throws: ToolProblem.self) { try ToolArguments(.object(text), for: Self.parameters) }
        #expect(problem?.message.contains("larger than 4 MiB") == true)
    }

    @Test(
        "what does not fit is answered with one precise sentence",
        arguments: [
            (#"{"path":"a""#, "not valid JSON"),
            ("", "not valid JSON"),
            ("[]", "must be one JSON object, not an array"),
            ("\"x\"", "must be one JSON object, not the string"),
            ("null", "must be one JSON object, not null"),
            ("{}", "`path` is missing; it must be a string"),
            (#"{"path":null}"#, "`path` is missing"),
            (#"{"path":7}"#, "`path` must be a string, not the number 7"),
            (#"{"path":["a"]}"#, "`path` must be a string, not an array"),
            (#"{"path":"a","path":"b"}"#, "`path` is given twice"),
            (#"{"path":"a","line":"3"}"#, "`line` must be a whole number of at least 1, not the string \"3\""),
            (#"{"path":"a","line":0}"#, "`line` must be a whole number of at least 1, not the number 0"),
            (#"{"path":"a","line":-9223372036854775808}"#, "`line` must be a whole number"),
            (#"{"path":"a","line":1e400}"#, "`line` must be a whole number"),
            (#"{"path":"a","line":1.5}"#, "`line` must be a whole number"),
            (#"{"path":"a","line":true}"#, "`line` must be a whole number of at least 1, not true or false"),
            (#"{"path":"a","names":"x"}"#, "`names` must be an array of strings"),
            (#"{"path":"a","names":["x",3]}"#, "`names[1]` must be a string, not the number 3"),
            (#"{"path":"a","items":[{}]}"#, "`items[0].title` is missing"),
            (#"{"path":"a","items":[{"title":"x"},{"title":{}}]}"#, "`items[1].title` must be a string, not an object"),
            (#"{"path":"a","items":[4]}"#, "`items[0]` must be an object"),
        ])
    func refused(_ text: String, _ expected: String) {
        let problem = #expect(throws: ToolProblem.self) { try ToolArguments(.object(text), for: Self.parameters) }
        #expect(problem?.message.contains(expected) == true, "\(problem?.message ?? "")")
    }

    @Test("text that was not an object at all is never run")
    func malformed() {
        let problem = #expect(throws: ToolProblem.self) {
            try ToolArguments(.malformed("{\"path\": \u{1B}oops", problem: "it ends early"), for: Self.parameters)
        }
        #expect(problem?.message.contains("it ends early") == true)
        #expect(problem?.message.contains("⟨U+001B⟩oops") == true)
    }

    @Test("what fits is read, and an unknown argument is named")
    func taken() throws {
        let arguments = try ToolArguments(
            .object(#"{"path":"a","line":3.0,"names":["x"],"items":[{"title":"t","size":0}],"zeal":1,"extra":null}"#),
            for: Self.parameters)
        #expect(try arguments.text("path") == "a")
        #expect(arguments.optionalInteger("line") == 3)
        #expect(arguments.texts("names") == ["x"])
        #expect(try arguments.objects("items").first?.integer("size") == 0)
        #expect(arguments.unknown == ["extra", "zeal"])
        #expect(arguments.optionalText("line") == nil)
    }

    @Test("no bytes bring it down: changed and cut arguments of every tool are read or refused", arguments: 0..<40)
    func fuzz(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let samples = [
            #"{"path":"src/a.py","search":"x = 1","replace":"x = 2"}"#, #"{"command":"ls","timeout_seconds":5}"#,
            #"{"summary":"s","files":["a"],"changes":[],"tests":["\u00e4\ud83d\ude00"]}"#,
            #"{"summary":"s","findings":[{"path":"a","line":1,"severity":"minor","title":"t","body":"b"}]}"#,
            #"{"pattern":"a+","glob":"*.swift","path":null}"#,
        ]
        let tools = Stage.all.flatMap(\.tools)
        var refused = 0
        for _ in 0..<500 {
            var bytes = Array(samples.randomElement(using: &random)?.utf8 ?? "".utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.insert(contentsOf: Array("{[\"\\,:-0eE}]".utf8).shuffled(using: &random).prefix(3), at: place)
                case 3: bytes.removeSubrange(place...)
                default: bytes.insert(contentsOf: bytes[..<place], at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let tool = try #require(tools.randomElement(using: &random))
            do {
                let arguments = try ToolArguments(.object(text), for: tool.parameters)
                for parameter in tool.parameters where parameter.isRequired {
                    if case .text = parameter.kind { #expect(throws: Never.self) { try arguments.text(parameter.name) } }
                }
            } catch {
                refused += 1
                #expect(!error.message.isEmpty && error.message.utf8.count < 4000)
            }
        }
        #expect(refused > 0)
    }
}

/// The same numbers for the same seed, on every machine.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
