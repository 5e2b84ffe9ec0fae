import LanguageModels
import Rehearsal
import Synchronization
import Testing
import Transport

@Suite struct ScriptedModelTests {
    private static let turns: [ModelScript.Turn] = [
        .init(
            thinking: "First I look.", text: "Let me look.",
            calls: [
                .init("read_file", ["path": "src/a.py"]), .init("read_file", ["path": "é😀\"\\"]),
            ]),
        .init(thinking: "Now I know.", calls: [.init("read_file", ["path": "b"])]),
        .init(text: "Done: a login page with a long enough text to be cut into several pieces."),
    ]

    @Test("a conversation with tools is played to its end", .timeLimit(.minutes(1)), arguments: WireKind.allCases, [false, true])
    func plays(_ wire: WireKind, isWhole: Bool) async throws {
        let server = ScriptedModelServer(Rig.script(Self.turns, refuses: isWhole ? ["streaming"] : nil))
        let turns = try await server.serving { url in
            let rig = try Rig()
            var conversation = Rig.conversation()
            let turns = try await Rig.play(try rig.model(wire, url), &conversation)
            await rig.transport.shutdown()
            return turns
        }
        #expect(turns.map(\.stop) == [.toolCalls, .toolCalls, .finished])
        #expect(turns[0].calls.map(\.arguments) == [.object(#"{"path":"src/a.py"}"#), .object(#"{"path":"é😀\"\\"}"#)])
        #expect(turns[0].text == "Let me look.")
        #expect(turns[2].text == Self.turns[2].text)
        #expect(turns.allSatisfy { $0.usage.input > 0 && $0.usage.output > 0 && !$0.usage.isEstimated })
        #expect(turns[1].usage.cacheRead > 0)
        #expect(server.log.answered.values.allSatisfy { $0 == 1 })
        #expect(server.log.entries.count == 3)
    }

    @Test(
        "what passes is asked for again", .timeLimit(.minutes(2)), arguments: WireKind.allCases,
        [
            ModelScript.Fault(.rateLimit, retryAfter: "7"), .init(.overloaded), .init(.serverError), .init(.html), .init(.cut, atByte: 120),
            .init(.cut, atByte: 0), .init(.unfinished), .init(.malformed), .init(.overloadedInStream),
        ])
    func repeats(_ wire: WireKind, _ fault: ModelScript.Fault) async throws {
        let server = ScriptedModelServer(Rig.script([.init(text: "Done with everything that was asked.", faults: [fault, fault])]))
        let (turn, waits) = try await server.serving { url in
            let rig = try Rig()
            let turn = try await rig.model(wire, url).turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
            return (turn, rig.waits.seconds)
        }
        #expect(turn.text == "Done with everything that was asked.")
        #expect(server.log.entries.count == 3)
        #expect(waits == (fault.retryAfter == nil ? [0.5, 1] : [7, 7]))
    }

    @Test(
        "what does not pass is told at once, with the setting to change", .timeLimit(.minutes(1)), arguments: WireKind.allCases,
        [
            (ModelScript.Fault.Kind.unauthorized, ModelFailure.Reason.authentication, "_API_KEY"),
            (.unknownModel, .unknownModel, "MODEL_NAME"), (.contextTooLong, .contextExhausted, "MODEL_NAME"), (.quota, .quota, "_API_KEY"),
        ])
    func refusals(_ wire: WireKind, _ expected: (ModelScript.Fault.Kind, ModelFailure.Reason, String)) async throws {
        let fault = ModelScript.Fault(expected.0)
        let server = ScriptedModelServer(Rig.script([.init(text: "x", faults: Array(repeating: fault, count: 9))]))
        let failure = try await server.serving { url in
            let model = try Rig().model(wire, url)
            return await #expect(throws: ModelFailure.self) {
                try await model.turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
            }
        }
        #expect(failure?.reason == expected.1)
        #expect(failure?.message.contains(expected.2) == true, "\(failure?.message ?? "")")
        #expect(failure?.isTransient == false)
        #expect(server.log.entries.count == 1)
    }

    @Test("a wrong key is refused and not shown", .timeLimit(.minutes(1)), arguments: WireKind.allCases)
    func wrongKey(_ wire: WireKind) async throws {
        let server = ScriptedModelServer(Rig.script([.init(text: "x")], keys: ["right"]))
        let failure = try await server.serving { url in
            let model = try Rig().model(wire, url, key: "wrong-key-value")
            return await #expect(throws: ModelFailure.self) {
                try await model.turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
            }
        }
        #expect(failure?.reason == .authentication)
        #expect(failure?.message.contains("wrong-key-value") == false)
    }

    @Test("refused content and a cut by the output limit are turns of their own", .timeLimit(.minutes(1)), arguments: WireKind.allCases)
    func stops(_ wire: WireKind) async throws {
        let calls = [ModelScript.Call("read_file", ["path": "a"]), .init("read_file", ["path": "b"])]
        let server = ScriptedModelServer(
            Rig.script([
                .init(thinking: "hm", text: "Look.", calls: calls, faults: [.init(.outputLimit)]),
                .init(text: "x", faults: [.init(.refusal)]),
            ]))
        let turns = try await server.serving { url in
            var conversation = Rig.conversation()
            return try await Rig.play(try Rig().model(wire, url), &conversation)
        }
        #expect(turns[0].stop == .outputLimit)
        #expect(turns[0].calls.map(\.arguments) == [.object(#"{"path":"a"}"#)])
        guard case .refused = turns[1].stop else {
            Issue.record("\(turns[1].stop)")
            return
        }
    }

    @Test("tries have an end, and the failure says that it may pass", .timeLimit(.minutes(1)))
    func givesUp() async throws {
        let faults = Array(repeating: ModelScript.Fault(.overloaded), count: 20)
        let server = ScriptedModelServer(Rig.script([.init(text: "x", faults: faults)]))
        let failure = try await server.serving { url in
            let model = try Rig().model(.anthropic, url)
            return await #expect(throws: ModelFailure.self) {
                try await model.turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
            }
        }
        #expect(failure?.reason == .overloaded && failure?.isTransient == true)
        #expect(server.log.entries.count == 7)
    }

    @Test("the fallback takes over in the middle, with the history rebuilt, and the first one comes back", .timeLimit(.minutes(1)))
    func fallback() async throws {
        let faults = Array(repeating: ModelScript.Fault(.overloaded), count: 7)
        var turns = Self.turns
        turns[1].faults = faults
        let server = ScriptedModelServer(Rig.script(turns))
        let played = try await server.serving { url in
            var conversation = Rig.conversation()
            return try await Rig.play(try Rig().model(.anthropic, url, fallback: "claude-haiku-5-5"), &conversation)
        }
        #expect(played.map(\.model) == ["claude-sonnet-5-5", "claude-haiku-5-5", "claude-haiku-5-5"])
        #expect(Set(played.map(\.source)).count == 2)
        let last = try #require(server.log.entries.last)
        // Thoughts are bound to the model that had them.
        #expect(!last.body.contains("First I look."))
        #expect(last.body.contains("Now I know."))
    }

    @Test(
        "changes that a server wants are made once and remembered", .timeLimit(.minutes(1)),
        arguments: [
            (WireKind.anthropic, "cache_control"), (.chat, "max_tokens"), (.chat, "version_path"), (.anthropic, "version_path"),
            (.responses, "version_path"),
        ])
    func adapts(_ wire: WireKind, _ refused: String) async throws {
        let server = ScriptedModelServer(Rig.script(Self.turns, refuses: [refused]))
        let turns = try await server.serving { url in
            var conversation = Rig.conversation()
            return try await Rig.play(try Rig().model(wire, url), &conversation)
        }
        #expect(turns.count == 3)
        #expect(server.log.entries.filter { $0.status == 400 }.count == (refused == "version_path" ? 0 : 1))
    }

    @Test("a model that wants the Responses wire gets it, and keeps it", .timeLimit(.minutes(1)))
    func responses() async throws {
        let server = ScriptedModelServer(Rig.script(Self.turns, refuses: ["tools_on_chat"]))
        let turns = try await server.serving { url in
            var conversation = Rig.conversation()
            return try await Rig.play(try Rig().model(.chat, url, name: "gpt-5.4", openAIWire: .auto), &conversation)
        }
        #expect(turns.count == 3)
        #expect(server.log.entries.map(\.wire) == ["chat", "responses", "responses", "responses"])
    }

    @Test("pings alone do not keep a call alive", .timeLimit(.minutes(1)), arguments: WireKind.allCases)
    func pings(_ wire: WireKind) async throws {
        let server = ScriptedModelServer(Rig.script([.init(text: "Done.", faults: [.init(.pings, milliseconds: 60_000)])]))
        let turn = try await server.serving { url in
            let rig = try Rig()
            let options = rig.options(timeouts: RequestTimeouts(firstByte: .seconds(10), idle: .seconds(10), total: .seconds(5)))
            return try await rig.model(wire, url, options: options).turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
        }
        #expect(turn.text == "Done.")
        #expect(server.log.entries.count == 2)
    }

    @Test("text is shown as it comes", .timeLimit(.minutes(1)), arguments: WireKind.allCases)
    func progress(_ wire: WireKind) async throws {
        let server = ScriptedModelServer(Rig.script([.init(thinking: "secret thought", text: "A text in several pieces, shown as they come.")]))
        let shown = Shown()
        _ = try await server.serving { url in
            try await Rig().model(wire, url).turn(Rig.conversation(), maxOutputTokens: 100) { text in shown.pieces.withLock { $0.append(text) } }
        }
        let pieces = shown.pieces.withLock(\.self)
        #expect(pieces.joined() == "A text in several pieces, shown as they come.")
    }

    private final class Shown: Sendable {
        let pieces = Mutex<[String]>([])
    }
}
