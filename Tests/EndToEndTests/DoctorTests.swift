import Foundation
import Rehearsal
import Testing

@Suite("The doctor", .serialized)
struct DoctorTests {
    @Test(
        "asks the model, and says what to change", .timeLimit(.minutes(2)),
        arguments: [
            (["ANTHROPIC_API_KEY": "right", "MODEL_NAME": "claude-here"], "ok    model: claude-here"),
            (["ANTHROPIC_API_KEY": "wrong", "MODEL_NAME": "claude-here"], "did not accept the key (401"),
            (["ANTHROPIC_API_KEY": "right", "MODEL_NAME": "claude-nowhere"], "set MODEL_NAME"),
            (["ANTHROPIC_API_KEY": "right", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"], "check that it is running"),
            ([:], "WRONG model: No key for the model is set"),
            (["HTTPS_PROXY": "127.0.0.1:9", "GITLAB_URL": "https://gitlab.example.com"], "WRONG proxy: https://gitlab.example.com"),
        ])
    func model(settings: [String: String], says: String) async throws {
        var script = ModelScript(conversations: [.init("any", turns: [.init(text: "ok")])])
        (script.keys, script.models) = (["right"], ["claude-here"])
        let model = ScriptedModelServer(script)
        try await model.serving { url in
            let outcome = try await Product.run(["doctor"], environment: ["ANTHROPIC_BASE_URL": url].merging(settings) { $1 })
            #expect(outcome.output.contains(says), "\(outcome.output) \(outcome.errors)")
            #expect(outcome.output.contains("ok    git: /usr/bin/git, 2."))
            #expect(outcome.exitCode == 1 || !outcome.output.contains("WRONG"))
        }
    }

    @Test("a CA file that holds no certificate is named", .timeLimit(.minutes(2)))
    func certificate() async throws {
        let outcome = try await Product.run(["doctor"], environment: ["SSL_CERT_FILE": "/etc/hostname"])
        #expect(outcome.exitCode == 1 && outcome.output.contains("SSL_CERT_FILE"), "\(outcome.output)")
    }
}
