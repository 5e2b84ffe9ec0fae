import Foundation
import Secrets
import Testing

@testable import Domain

@Suite("The task JSON")
struct TaskRequestTests {
    private func request(_ json: String) throws(TaskRequestProblem) -> TaskRequest { try TaskRequest(json: Data(json.utf8)) }

    private func refusal(of json: String) -> TaskRequestProblem? {
        do {
            _ = try request(json)
            return nil
        } catch {
            return error
        }
    }

    @Test("every key of the contract is read")
    func whole() throws {
        let request = try request(
            """
            {"task_id": "task_001", "repo_url": "https://gitlab.com/group/project.git", "intent": "add a login page",
             "webhook_url": "https://hook.example.com", "gitlab_api_token": "glpat-1", "branch": "main",
             "webhook_secret": "s", "model": "m", "max_iterations": 3, "create_merge_request": true}
            """)
        #expect(request.taskID?.rawValue == "task_001")
        #expect(request.repository.kind == .https)
        #expect(request.repository.host == "gitlab.com")
        #expect(request.intent == "add a login page")
        #expect(request.webhookURL == "https://hook.example.com")
        #expect(request.gitLabAPIToken?.reveal() == "glpat-1")
        #expect(request.webhookSecret?.reveal() == "s")
        #expect((request.branch, request.model, request.maxIterations) == ("main", "m", 3))
        #expect(request.mergeRequest == .always)
    }

    @Test("only two keys are needed, null is as good as absent")
    func least() throws {
        let request = try request(#"{"repo_url": "/srv/repo", "intent": "x", "task_id": null, "max_iterations": null}"#)
        #expect(request.repository.isLocal)
        #expect((request.taskID, request.maxIterations, request.mergeRequest) == (nil, nil, .auto))
    }

    @Test("A63: the secrets are not part of the task, and never shown")
    func secretsStayApart() throws {
        let request = try request(#"{"repo_url": "/r", "intent": "x", "gitlab_api_token": "T0PSECRET", "webhook_secret": "T0PSECRET"}"#)
        let id = try #require(TaskID(rawValue: "t1"))
        let task = request.task(id: id, origin: .commandLine, at: .now)
        let stored = String(decoding: try JSONEncoder().encode(task), as: UTF8.self)
        #expect(!stored.contains("T0PSECRET"))
        #expect(!"\(request)".contains("T0PSECRET"))
    }

    @Test(
        "A63: what is wrong is refused by name, with what is expected",
        arguments: [
            (#"{"intent": "x"}"#, "repo_url", TaskRequestProblem.Code.missingKey),
            (#"{"repo_url": "/r"}"#, "intent", .missingKey),
            (#"{"repo_url": "/r", "intent": "  "}"#, "intent", .missingKey),
            (#"{"repo_url": "/r", "intent": "\u200b"}"#, "intent", .missingKey),
            (#"{"repo_url": 1, "intent": "x"}"#, "repo_url", .wrongType),
            (#"{"repo_url": "/r", "intent": ["x"]}"#, "intent", .wrongType),
            (#"{"repo_url": "/r", "intent": "x", "max_iterations": "3"}"#, "max_iterations", .wrongType),
            (#"{"repo_url": "/r", "intent": "x", "max_iterations": 3.5}"#, "max_iterations", .wrongType),
            (#"{"repo_url": "/r", "intent": "x", "max_iterations": -1}"#, "max_iterations", .wrongType),
            (#"{"repo_url": "/r", "intent": "x", "max_iterations": 1e99}"#, "max_iterations", .wrongType),
            (#"{"repo_url": "/r", "intent": "x", "create_merge_request": 1}"#, "create_merge_request", .wrongType),
            (#"{"repo_url": "/r", "intent": "x", "task_id": "../x"}"#, "task_id", .invalidValue),
            (#"{"repo_url": "/r", "intent": "x", "branch": "--upload-pack=x"}"#, "branch", .invalidValue),
            (#"{"repo_url": "/r", "intent": "x", "webhook_url": "file:///etc/passwd"}"#, "webhook_url", .invalidValue),
            (#"{"repo_url": "/r", "intent": "x", "webhook_url": "http://u:p@h/"}"#, "webhook_url", .invalidValue),
            (#"{"repo_url": "/r", "intent": "x", "webhook_url": "http://127%2e0%2e0%2e1/"}"#, "webhook_url", .invalidValue),
            (#"{"repo_url": "/r", "intent": "x", "webhook_url": "http://127。0。0。1/"}"#, "webhook_url", .invalidValue),
            (#"{"repo_url": "/r", "intent": "x", "sandbox": "none"}"#, "sandbox", .unknownKey),
            (#"{"repo_url": "/r", "intent": "x", "Intent": "y"}"#, "Intent", .unknownKey),
            (#"{"repo_url": "/r", "intent": "x", "anthropic_api_key": "k"}"#, "anthropic_api_key", .secretNotTaken),
            (#"{"repo_url": "/r", "intent": "x", "admin_token": "k"}"#, "admin_token", .secretNotTaken),
            (#"{"repo_url": "/r", "intent": "x", "git_password": "k"}"#, "git_password", .secretNotTaken),
        ])
    func refused(_ json: String, names key: String, code: TaskRequestProblem.Code) throws {
        let problem = try #require(refusal(of: json))
        #expect(problem.code == code)
        #expect(problem.key == key)
        #expect(problem.message.contains("`\(key)`"))
    }

    @Test(
        "A08: what is no plain JSON object is refused",
        arguments: [
            "", "[]", "null", "{", "{}x", #"{"intent": "a", "intent": "b", "repo_url": "/r"}"#, "{'intent': 1}",
            #"{"intent": "\ud800", "repo_url": "/r"}"#, #"{"intent": "a",}"#, "{\"intent\": \"a\u{0}\"}", #"{"a": 01}"#, #"{"a": NaN}"#,
            String(repeating: "[", count: 100_000), #"{"a":"# + String(repeating: "{\"a\":", count: 5000),
        ])
    func malformed(_ json: String) throws {
        #expect(try #require(refusal(of: json)).message.hasSuffix("."))
    }

    @Test("A08: bytes that are not UTF-8, and too many of them, are refused")
    func notText() {
        // Nothing else is wrong with either.
        func task(_ intent: [UInt8], padding: Int = 0) -> Data {
            Data(#"{"repo_url": "/r", "intent": "#.utf8) + [0x22] + intent + Data("\"}".utf8) + Data(repeating: 0x20, count: padding)
        }
        #expect(throws: Never.self) { try TaskRequest(json: task([0x61], padding: 1000)) }
        #expect(throws: TaskRequestProblem.self) { try TaskRequest(json: task([0x61, 0xFF])) }
        #expect(throws: TaskRequestProblem.self) { try TaskRequest(json: task([0x61], padding: 1 << 20)) }
    }

    @Test(
        "addresses are sorted by how they are reached",
        arguments: [
            ("https://GitLab.com/a/b.git", RepositoryAddress.Kind.https, "gitlab.com" as String?, nil as Int?),
            ("http://127.0.0.1:8929/root/a", .http, "127.0.0.1", 8929),
            ("http://[::1]:8080/a/b", .http, "[::1]", 8080),
            ("ssh://git@host.example:2222/a/b.git", .ssh, "host.example", 2222),
            ("git@host.example:a/b.git", .ssh, "host.example", nil),
            ("/srv/git/a.git", .local, nil, nil),
            ("./here", .local, nil, nil),
            ("file:///srv/a", .local, nil, nil),
        ])
    func address(_ text: String, kind: RepositoryAddress.Kind, host: String?, port: Int?) throws {
        let address = try RepositoryAddress(text)
        #expect(address.kind == kind)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(
        "A30, A31, A32: addresses that carry options, helpers or credentials are refused",
        arguments: [
            "-oProxyCommand=id", "--upload-pack=id", "ext::sh -c id", "ext::https://x/y", "git://h/r", "ftp://h/r", "javascript:x://y",
            "https://user:pw@h/r", "https://glpat-1@h/r", "https:///r", "https://h", "https://-h/r", "https://h\\@evil/r",
            "https://h/r?x=1", "https://h/r#f", "ssh://-oProxyCommand=x/r", "git@-oProxyCommand=id:r", "https://h/\u{0}r", "https://h/\nr",
            "", "https://h /r", "https://e\u{200B}vil/r", "ssh://-oProxyCommand=x@h.example/r", "https://gitlab!.example/r", "git@h$(id).example:r",
        ])
    func hostileAddress(_ text: String) {
        #expect(throws: TaskRequestProblem.self) { try RepositoryAddress(text) }
    }
}
