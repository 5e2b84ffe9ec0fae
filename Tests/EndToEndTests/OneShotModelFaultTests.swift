import Domain
import Rehearsal
import Testing

/// What a person is told when the model, or the way to it, is at fault.
@Suite("A task from the command line whose model is at fault", .serialized)
struct OneShotModelFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var faults: [ModelScript.Fault]
        /// Nil where the task completes all the same.
        var kind: TaskFailure.Kind?
        var exitCode: Int32
        /// Words of the sentence for the person.
        var says: [String] = []
        var settings: [String: String] = [:]
        var keys: [String]?
        var models: [String]?
    }

    static let cases = [
        Case(
            testDescription: "a wrong key", faults: [], kind: .authentication, exitCode: 1, says: ["ANTHROPIC_API_KEY"],
            settings: ["ANTHROPIC_API_KEY": "a-wrong-key-of-the-tests"], keys: ["right"]),
        Case(
            testDescription: "an unknown model", faults: [], kind: .configuration, exitCode: 2, says: ["claude-of-nowhere", "MODEL_NAME"],
            settings: ["MODEL_NAME": "claude-of-nowhere"], models: ["claude-of-somewhere"]),
        Case(
            testDescription: "a refusal", faults: Array(repeating: .init(.refusal), count: 20), kind: .code, exitCode: 1,
            says: ["declined the request. Put it differently"]),
        Case(testDescription: "a stream that is cut once", faults: [.init(.cut, atByte: 300)], kind: nil, exitCode: 0),
        Case(testDescription: "an overloaded service that recovers", faults: [.init(.overloaded, retryAfter: "1")], kind: nil, exitCode: 0),
        Case(
            testDescription: "an exhausted context", faults: Array(repeating: .init(.contextTooLong), count: 20), kind: .configuration, exitCode: 2,
            says: ["context", "MODEL_NAME"]),
        Case(
            testDescription: "an empty account", faults: Array(repeating: .init(.quota), count: 20), kind: .budget, exitCode: 1,
            says: ["account"]),
    ]

    @Test("it ends in a clear sentence and the right exit code, or goes on", .timeLimit(.minutes(3)), arguments: cases)
    func fault(_ fault: Case) async throws {
        var script = OneShotStage.script(nil)
        (script.keys, script.models) = (fault.keys, fault.models)
        for index in script.conversations.indices where script.conversations[index].name == "code" {
            script.conversations[index].turns[0].faults = fault.faults
        }
        try await OneShotScene.run(script, files: OneShotStage.files(nil), settings: fault.settings) { scene in
            let (code, result, log) = try await scene.work()
            let error = result.error ?? ""
            #expect(code == fault.exitCode, "\(error) \(log)")
            #expect(result.errorKind == fault.kind, "\(error)")
            for words in fault.says { #expect(error.lowercased().contains(words.lowercased()), "\(error)") }
            #expect(!error.contains("\n") && error.count < 500 && !(error + log).contains("a-wrong-key-of-the-tests"), "\(error)")
            #expect(scene.receiver.statuses(of: "task_001").last == (fault.kind == nil ? "completed" : "failed"))
            #expect(scene.leftFiles().isEmpty && scene.processes().isEmpty)
        }
    }
}
