import Foundation
import Testing

@Suite("The command line")
struct CommandLineTests {
    @Test("with nothing to do it prints help and leaves with 2", .timeLimit(.minutes(2)))
    func nothing() async throws {
        let outcome = try await Product.run([])
        #expect(outcome.exitCode == 2)
        #expect(outcome.errors.contains("ai-coder"))
    }

    @Test("with a settings file that names no task it prints help as well", .timeLimit(.minutes(2)))
    func settingsAlone() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).yaml")
        try Data("WORKERS: 2\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try await Product.run([], environment: ["AI_CODER_CONFIG": file.path])
        #expect(outcome.exitCode == 2)
        #expect(outcome.errors.contains("USAGE") && outcome.errors.contains("ai-coder"), "\(outcome.errors)")
    }

    @Test(
        "what can't be a task is refused by name, with 2", .timeLimit(.minutes(2)),
        arguments: [
            (#"{"repo_url": "/r", "intent": "x", "colour": 1}"#, "colour"), (#"{"repo_url": 1, "intent": "x"}"#, "repo_url"),
            (#"{"repo_url": "/r"}"#, "intent"), (#"{"repo_url": "/r", "intent": "x", "openai_api_key": "k"}"#, "openai_api_key"),
        ])
    func refused(json: String, name: String) async throws {
        let outcome = try await Product.run([json])
        #expect(outcome.exitCode == 2)
        #expect(outcome.errors.contains(name))
    }

    @Test("a setting that can't be read stops the start with its name and what is expected", .timeLimit(.minutes(2)))
    func setting() async throws {
        let outcome = try await Product.run(["doctor"], environment: ["MAX_ITERATIONS": "many"])
        #expect(outcome.exitCode == 2)
        #expect((outcome.output + outcome.errors).contains("MAX_ITERATIONS is \"many\""))
    }

    @Test(
        "a setting or task that only a later step would stumble over ends the start, by name", .timeLimit(.minutes(2)),
        arguments: [
            (["WEBHOOK_URL": "https://hook.example.com", "WEBHOOK_SECRET": "whsec_not-base64!"], "", "WEBHOOK_SECRET"),
            (["MODEL_PRICES_FILE": "/etc/hostname"], "", "MODEL_PRICES_FILE"), ([:], #", "webhook_secret": "whsec_not-base64!""#, "webhook_secret"),
        ])
    func early(settings: [String: String], more: String, name: String) async throws {
        let outcome = try await Product.run([#"{"repo_url": "/nowhere/r.git", "intent": "x"\#(more)}"#], environment: settings)
        #expect(outcome.exitCode == 2 && outcome.output == "", "\(outcome)")
        #expect(outcome.errors.contains(name) && !outcome.errors.contains("not-base64!"))
    }

    @Test("A01: serve refuses to start without a secret, and with a short one", .timeLimit(.minutes(2)))
    func secret() async throws {
        let without = try await Product.run(["serve"])
        #expect(without.exitCode == 2)
        #expect(without.errors.contains("GITLAB_WEBHOOK_SECRET"))
        let short = try await Product.run(["serve"], environment: ["GITLAB_WEBHOOK_SECRET": "short-one"])
        #expect(short.exitCode == 2)
        #expect(!short.errors.contains("short-one"))
    }

    @Test("a task without a model key fails at once, as configuration", .timeLimit(.minutes(2)))
    func noKey() async throws {
        let outcome = try await Product.run([#"{"task_id": "t1", "repo_url": "/nowhere/r.git", "intent": "x"}"#])
        let result = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(result["status"] as? String == "failed")
        #expect(result["error_kind"] as? String == "configuration")
        #expect((result["error"] as? String)?.contains("ANTHROPIC_API_KEY") == true)
    }
}
