import Domain
import LanguageModels
import Testing
import Workspaces

@testable import Agent

@Suite("Work that is taken up again", .timeLimit(.minutes(1)))
struct ReplayTests {
    private static let files = ["greet.py": "def greet():\n    return 'hi'\n"]
    private static let report = TestReport(verdict: .failed, summary: "1 new failure.", newFailures: ["test_greet"])

    private static let script: [ModelTurn] = [
        .calls([("list_files", "{}"), ("read_file", #"{"path":"greet.py"}"#)], text: "Looking.", id: "a"),
        .calls([("submit_plan", #"{"summary":"Please","files":["greet.py"],"changes":["please"],"tests":[]}"#)], id: "b"),
        .calls([("edit_file", #"{"path":"greet.py","search":"hi","replace":"hi, please"}"#), ("write_file", #"{"path":"new.txt","content":"n\n"}"#)], id: "c"),
        .calls([("run_command", #"{"command":"echo run >> log; wc -l < log"}"#), ("nope", "{}")], id: "d"),
        .calls([("finish", #"{"summary":"First"}"#)], id: "e"),
        .calls([("edit_file", #"{"path":"greet.py","search":"please","replace":"please."}"#)], id: "f"),
        .calls([("finish", #"{"summary":"Second"}"#)], id: "g"),
    ]

    /// The whole way of a task; the same calls on each run.
    private static func work(_ agent: Agent, in tree: WorkTree) async throws -> CodingOutcome {
        guard case .plan(let plan) = try await agent.analyze(.sample, in: tree) else {
            throw TaskFailure(.system, "no plan")
        }
        _ = try await agent.code(.sample, plan: plan, in: tree)
        return try await agent.repair(report, in: tree, iteration: 2)
    }

    @Test("a finished journal is replayed without the model and without touching the tree")
    func replay() async throws {
        let fixture = try Fixture(Self.files)
        let journal = MemoryJournal()
        journal.put(["Be quick."], for: "code.1.inputs.2")
        let first = fixture.agent(ScriptedModel(Self.script.map { .turn($0) }), journal: journal)
        let outcome = try await Self.work(first, in: fixture.tree)
        let (greet, log) = (try fixture.text("greet.py"), try fixture.text("log"))
        let again = journal.reopened()
        // Nothing to look at, no sandbox, no reply left: all comes from the journal.
        let empty = try Fixture()
        let second = empty.agent(ScriptedModel(), journal: again, sandbox: NoSandbox(), elapsed: { .seconds(9999) })
        #expect(try await Self.work(second, in: empty.tree) == outcome)
        #expect(again.now.worked.isEmpty)
        #expect(again.now.names == journal.now.names)
        #expect(again.now.activities.isEmpty)
        #expect(await second.usage == (await first.usage))
        #expect(try fixture.text("greet.py") == greet)
        #expect(log == "run\n")
        #expect(!empty.exists("new.txt"))
    }

    @Test("wherever the process dies, the next run asks for the rest alone, with the same bytes", arguments: 0..<28)
    func dying(_ steps: Int) async throws {
        let whole = try Fixture(Self.files)
        let reference = ScriptedModel(Self.script.map { .turn($0) })
        let complete = MemoryJournal()
        let expected = try await Self.work(whole.agent(reference, journal: complete), in: whole.tree)

        let fixture = try Fixture(Self.files)
        let journal = MemoryJournal(dyingAfter: steps)
        let model = ScriptedModel(Self.script.map { .turn($0) })
        await #expect(throws: MemoryJournal.Died.self) {
            try await Self.work(fixture.agent(model, journal: journal), in: fixture.tree)
        }
        let asked = model.requests.count
        let rest = ScriptedModel(Self.script.dropFirst(asked).map { .turn($0) })
        let outcome = try await Self.work(
            fixture.agent(rest, journal: journal.reopened(), elapsed: { .seconds(500) }), in: fixture.tree)
        #expect(outcome == expected)
        #expect(rest.isUsedUp)
        let requests = model.requests + rest.requests
        #expect(requests.map(\.messages) == reference.requests.map(\.messages))
        #expect(requests.map(\.system) == reference.requests.map(\.system))
        #expect(requests.map(\.tools) == reference.requests.map(\.tools))
        #expect(try fixture.text("greet.py") == whole.text("greet.py"))
        #expect(try fixture.text("log") == "run\n")
        #expect(complete.now.names.count > 28)
    }
}
