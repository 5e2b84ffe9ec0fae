import Domain
import Rehearsal
import Testing

@Suite("A task from the command line in a project that names its model", .serialized)
struct OneShotProjectModelTests {
    @Test(
        "it is used where the operator allows it, else told and left", .timeLimit(.minutes(2)),
        arguments: [("claude-second", "claude-second", false), ("claude-of-its-own", "claude-first", true)])
    func model(named: String, used: String, isTold: Bool) async throws {
        var files = OneShotStage.files(nil)
        files[".ai-coder.yml", default: ""] += "model: \(named)\n"
        let settings = ["MODEL_NAME": "claude-first", "FALLBACK_MODEL": "claude-second"]
        try await OneShotScene.run(OneShotStage.script(nil), files: files, settings: settings) { scene in
            let (code, result, log) = try await scene.work()
            #expect(code == 0 && result.status == .completed, "\(result.error ?? "") \(log)")
            let bodies = scene.model.log.entries.map(\.body)
            #expect(!bodies.isEmpty && bodies.allSatisfy { $0.contains("\"\(used)\"") })
            #expect(log.contains("the model \(named) is not among those that the operator allows") == isTold, "\(log)")
        }
    }
}
