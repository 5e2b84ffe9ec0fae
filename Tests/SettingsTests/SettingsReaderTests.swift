import Foundation
import Secrets
import SystemPackage
import TestSupport
import Testing

@testable import ai_coder

@Suite("Where a setting comes from")
struct SettingsReaderTests {
    /// Each source: flags, environment, and the YAML file's text; a value of `@` stands for the path of a file that holds `from a file`.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var flags: [String: String] = [:]
        var environment: [String: String] = [:]
        var yaml: String?
        var expected: String?
    }

    @Test(
        "a flag wins over the environment, and that over the YAML file, whichever form each takes",
        arguments: [
            Case(testDescription: "the file alone", yaml: "WEBHOOK_SECRET: in yaml", expected: "in yaml"),
            Case(
                testDescription: "environment over file", environment: ["WEBHOOK_SECRET": "in env"], yaml: "WEBHOOK_SECRET: in yaml", expected: "in env"),
            Case(
                testDescription: "flag over environment", flags: ["WEBHOOK_SECRET": "in flag"], environment: ["WEBHOOK_SECRET": "in env"], expected: "in flag"),
            Case(
                testDescription: "environment over _FILE in the file", environment: ["WEBHOOK_SECRET": "in env"], yaml: "WEBHOOK_SECRET_FILE: @",
                expected: "in env"),
            Case(
                testDescription: "_FILE in the environment over the file", environment: ["WEBHOOK_SECRET_FILE": "@"], yaml: "WEBHOOK_SECRET: in yaml",
                expected: "from a file"),
            Case(
                testDescription: "flag over _FILE in the environment", flags: ["WEBHOOK_SECRET": "in flag"], environment: ["WEBHOOK_SECRET_FILE": "@"],
                expected: "in flag"),
            Case(testDescription: "_FILE as a flag", flags: ["WEBHOOK_SECRET_FILE": "@"], environment: ["WEBHOOK_SECRET": "in env"], expected: "from a file"),
            Case(testDescription: "_FILE in the YAML file", yaml: "WEBHOOK_SECRET_FILE: @", expected: "from a file"),
            Case(testDescription: "an empty value is none", environment: ["WEBHOOK_SECRET": ""], yaml: "WEBHOOK_SECRET: in yaml", expected: "in yaml"),
            Case(testDescription: "nothing", yaml: "WORKERS: 2", expected: nil),
        ])
    func precedence(_ sample: Case) async throws {
        try await withTemporaryFolder { folder in
            let reader = try await Self.reader(sample, in: "\(folder)")
            #expect(try reader.text(.webhookSecret) == sample.expected)
        }
    }

    @Test("both forms in one source are refused")
    func both() async throws {
        try await withTemporaryFolder { folder in
            let sample = Case(testDescription: "", environment: ["WEBHOOK_SECRET": "a", "WEBHOOK_SECRET_FILE": "@"])
            let reader = try await Self.reader(sample, in: "\(folder)")
            #expect(throws: SettingsFailure.self) { try reader.text(.webhookSecret) }
        }
    }

    @Test(
        "the YAML file's mistakes are refused by name",
        arguments: [
            ("WORKER: 2", "WORKER"), ("WORKERS: [1, 2]", "WORKERS"), ("WORKERS: {a: 1}", "a single value"), ("PROJECTS: {a: 1}", "a list of words"),
            ("PROJECTS: [[a]]", "PROJECTS"), ("? [a]\n: 1", "no word"), ("just words", "WORKERS: 2"), ("a: [", "not YAML"),
        ])
    func mistakes(yaml: String, says: String) async throws {
        try await withTemporaryFolder { folder in
            let failure = await #expect(throws: SettingsFailure.self) {
                _ = try await Self.reader(Case(testDescription: "", yaml: yaml), in: "\(folder)")
            }
            #expect(failure?.description.contains(says) == true, "\(failure?.description ?? "")")
        }
    }

    @Test(
        "numbers, lists and an empty file are read",
        arguments: [("WORKERS: 7\nPROJECTS: [a/b, c]", 7, ["a/b", "c"]), ("PROJECTS: a/b, c", nil, ["a/b", "c"]), ("", nil, [])])
    func values(yaml: String, workers: Int?, projects: [String]) async throws {
        try await withTemporaryFolder { folder in
            let reader = try await Self.reader(Case(testDescription: "", yaml: yaml), in: "\(folder)")
            #expect(try reader.number(.workers, in: 1...64) == workers)
            #expect(try reader.list(.projects) == projects)
        }
    }

    @Test("the status webhook's URL is kept as it was written, GitLab's is a base")
    func slashes() async throws {
        let settings = try await Self.settings([
            "WEBHOOK_URL": "https://a.example.com/hook/", "GITLAB_URL": "https://b.example.com/gitlab/", "HTTPS_PROXY": "proxy:3128",
        ])
        #expect(settings.statusWebhook.url == "https://a.example.com/hook/")
        #expect(settings.gitLab.url == "https://b.example.com/gitlab")
        #expect(settings.outside.httpsProxy == "http://proxy:3128")
    }

    @Test("files of the working folder are named from the root on")
    func relative() async throws {
        let folder = FileManager.default.currentDirectoryPath
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".swift") || $0.hasSuffix(".md") })
        let settings = try await Self.settings(["GIT_SSH_KEY_FILE": "./\(name)", "SSL_CERT_FILE": name, "WORKSPACE_DIR": "state"])
        #expect(settings.git.sshKeyFile?.string == "\(folder)/\(name)")
        #expect(settings.outside.caFile?.string == "\(folder)/\(name)")
        #expect(settings.running.workspace.string == "\(folder)/state")
    }

    @Test(
        "A56: a setting that can't be used is told without the secret in it",
        arguments: [
            ("GITLAB_URL", "https://oauth2:hunter2hunter2@gitlab.example.com", "hunter2"), ("WEBHOOK_URL", "https://u:pass-word@h.example", "pass-word"),
            ("ANTHROPIC_BASE_URL", "https://user:other-word@h.example", "other-word"), ("WORKERS", "glpat-AbCdEfGhIjKlMnOpQr12", "AbCdEfGh"),
        ])
    func untold(name: String, value: String, secret: String) async throws {
        let failure = await #expect(throws: SettingsFailure.self) { _ = try await Self.settings([name: value]) }
        #expect(failure?.description.contains(name) == true && failure?.description.contains(secret) == false)
    }

    @Test("A56: what an address holds in itself is a secret, and a word that stands everywhere is none")
    func addresses() async throws {
        let settings = try await Self.settings([
            "DATABASE_URL": "postgres://app:pa%40ss-of-the-store@db.example/ai",
            "OPENAI_BASE_URL": "https://m.example/v1?api-version=2024-10-01&api-key=0a1b2c3d4e5f",
            "HTTPS_PROXY": "http://u:pa%24sword-of-proxy@proxy:3128",
        ])
        let shown = settings.redactor.redact("pa@ss-of-the-store pa%40ss-of-the-store 0a1b2c3d4e5f 2024-10-01 pa$sword-of-proxy pa%24sword-of-proxy")
        #expect(shown == "*** *** *** 2024-10-01 *** ***")
        let plain = try await Self.settings(["DATABASE_URL": "postgres://postgres:postgres@localhost/ai"])
        #expect(plain.redactor.redact("a postgres database") == "a postgres database")
    }

    @Test("A59: what others wrote drives no terminal and passes for no line of the program's own")
    func terminal() throws {
        #expect(Console.visible("a\u{9B}31m\u{202E}b\u{2028}c\u{1B}]0;x\u{7}") == "a\u{FFFD}31m\u{FFFD}b\u{FFFD}c\u{FFFD}]0;x\u{FFFD}")
        #expect(Console.setIn("a\n[0:01] completed") == "a\n    [0:01] completed")
        let json = JSONText.plain(try JSONText.of(["a": "\u{9B}31m\u{202E}\u{E0041}\u{1B}"]))
        #expect(json.unicodeScalars.allSatisfy { $0.isASCII && ($0.value >= 0x20 || $0 == "\n") })
        #expect(try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == ["a": "\u{9B}31m\u{202E}\u{E0041}\u{1B}"])
        #expect(Ending.shown("no such thing: glpat-AbCdEfGhIjKlMnOpQr12\u{1B}[2J") == "no such thing: ***\u{FFFD}[2J")
    }

    private static func settings(_ environment: [String: String]) async throws -> Settings {
        let environment = environment.merging(["HOME": "/nowhere"]) { old, _ in old }
        return try Settings(reading: await SettingsReader(flags: [:], environment: environment), environment: environment)
    }

    private static func reader(_ sample: Case, in folder: String) async throws -> SettingsReader {
        let file = "\(folder)/value"
        try Data("from a file\n".utf8).write(to: URL(fileURLWithPath: file))
        var environment = sample.environment.mapValues { $0 == "@" ? file : $0 }
        if let yaml = sample.yaml {
            environment["AI_CODER_CONFIG"] = "\(folder)/settings.yaml"
            try Data(yaml.replacing("@", with: file).utf8).write(to: URL(fileURLWithPath: "\(folder)/settings.yaml"))
        }
        return try await SettingsReader(flags: sample.flags.mapValues { $0 == "@" ? file : $0 }, environment: environment)
    }
}
