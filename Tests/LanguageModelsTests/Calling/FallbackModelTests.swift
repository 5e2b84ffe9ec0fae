import Logging
import Synchronization
import Testing

@testable import LanguageModels

@Suite("A model with another behind it")
struct FallbackModelTests {
    private struct Stub: LanguageModel {
        let name: String
        let contextWindow = 1000
        var failure: ModelFailure?
        let asked = Counter()

        final class Counter: Sendable {
            let count = Mutex(0)
        }

        func turn(_ conversation: Conversation, maxOutputTokens: Int, progress: @escaping @Sendable (String) -> Void) async throws -> ModelTurn {
            asked.count.withLock { $0 += 1 }
            if let failure { throw failure }
            return ModelTurn(text: name, calls: [], stop: .finished, usage: TokenUsage(input: 1, output: 1), model: name, raw: "{}", source: name)
        }
    }

    private func ask(_ failure: ModelFailure, then second: ModelFailure? = nil, times: Int = 1) async throws -> (text: String, primaryAsked: Int) {
        let primary = Stub(name: "first", failure: failure)
        let model = FallbackModel(
            primary: primary, fallback: Stub(name: "second", failure: second), elapsed: { .zero },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        var text = ""
        for _ in 0..<times {
            text = try await model.turn(Conversation(system: "", tools: [], messages: []), maxOutputTokens: 10) { _ in }.text
        }
        return (text, primary.asked.count.withLock { $0 })
    }

    @Test(
        "a spent account and trouble that passes are left to it, for a while without asking the first again",
        arguments: [ModelFailure(.quota, "spent"), ModelFailure(.overloaded, "busy", isTransient: true)])
    func fallsBack(_ failure: ModelFailure) async throws {
        let answer = try await ask(failure, times: 2)
        #expect(answer.text == "second" && answer.primaryAsked == 1)
    }

    @Test("a wrong key or an unknown model is told and not papered over", arguments: [ModelFailure.Reason.authentication, .unknownModel])
    func told(_ reason: ModelFailure.Reason) async throws {
        let failure = await #expect(throws: ModelFailure.self) { _ = try await ask(ModelFailure(reason, "wrong")) }
        #expect(failure?.reason == reason)
    }

    @Test("when both fail, both are told")
    func both() async throws {
        let failure = await #expect(throws: ModelFailure.self) {
            _ = try await ask(ModelFailure(.quota, "The first is spent."), then: ModelFailure(.quota, "The second is spent."))
        }
        #expect(failure?.reason == .quota && failure?.message.contains("first") == true && failure?.message.contains("second") == true)
    }
}
