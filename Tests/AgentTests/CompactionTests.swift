import Domain
import LanguageModels
import Testing

@testable import Agent

@Suite("A conversation that grows too long", .timeLimit(.minutes(1)))
struct CompactionTests {
    private func fixture() throws -> Fixture { try Fixture(["greet.py": "def greet():\n    return 'hi'\n"]) }

    private let edit = #"{"path":"greet.py","search":"'hi'","replace":"'please'"}"#

    @Test("is replaced by a new one with a summary before the window is full")
    func beforeFull() async throws {
        let fixture = try fixture()
        let journal = MemoryJournal()
        journal.put(["Mind the comma."], for: "code.1.inputs.2")
        let model = ScriptedModel(
            .calls([("edit_file", edit)], text: "Now I edit the greeting."),
            .calls([("read_file", #"{"path":"greet.py"}"#)], usage: TokenUsage(input: 90_000, output: 100), id: "second"), .finish(),
            contextWindow: 100_000)
        let agent = fixture.agent(model, journal: journal, changes: { "modified: greet.py +1 -1 hunter2-secret" })
        _ = try await agent.code(.sample, plan: .sample, in: fixture.tree)
        let before = model.requests[1]
        let after = model.requests[2]
        #expect(after.system == before.system && after.tools == before.tools)
        #expect(after.messages.count == 2)
        #expect(after.messages.first == before.messages.first)
        let summary = after.lastText
        #expect(summary.contains("modified: greet.py +1 -1 ***"))
        #expect(summary.contains("Mind the comma."))
        #expect(summary.contains("- you said: Now I edit the greeting."))
        #expect(summary.contains("- edit_file greet.py: Edited greet.py"))
        #expect(summary.contains("return 'please'"))
        #expect(journal.now.names.contains("code.1.compaction.1"))
        // A replay sums up at the same place.
        let again = journal.reopened()
        let empty = try Fixture()
        _ = try await empty.agent(ScriptedModel(contextWindow: 100_000), journal: again).code(.sample, plan: .sample, in: empty.tree)
        #expect(again.now.worked.isEmpty)
    }

    @Test("is summed up once when the server says that it is full, and goes on")
    func whenFull() async throws {
        let fixture = try fixture()
        let journal = MemoryJournal()
        let full = ScriptedModel.Reply.failure(ModelFailure(.contextExhausted, "Too long."))
        let model = ScriptedModel([
            .turn(.call("edit_file", edit)), full, .turn(.calls([("list_files", "{}")], id: "x")),
            .turn(.text("cut", stop: .contextExhausted)), .turn(.finish()),
        ])
        _ = try await fixture.agent(model, journal: journal).code(.sample, plan: .sample, in: fixture.tree)
        #expect(model.requests[2].messages.count == 2)
        #expect(model.requests[2].lastText.contains("greet.py"))
        #expect(journal.now.names.contains("code.1.compaction.2"))
        let again = journal.reopened()
        let empty = try Fixture()
        _ = try await empty.agent(ScriptedModel(), journal: again).code(.sample, plan: .sample, in: empty.tree)
        #expect(again.now.worked.isEmpty)
    }

    @Test("that does not even fit summed up is a failure that says so")
    func hopeless() async throws {
        let fixture = try fixture()
        let full = ScriptedModel.Reply.failure(ModelFailure(.contextExhausted, "Too long."))
        let model = ScriptedModel([full, full])
        let failure = await #expect(throws: TaskFailure.self) {
            try await fixture.agent(model).code(.sample, plan: .sample, in: fixture.tree)
        }
        #expect(failure?.kind == .configuration)
        #expect(failure?.message.contains("larger one") == true)
    }

    @Test("is summed up within a bound, however long it was")
    func bounded() {
        var history = History(stage: .code, opening: "o", settings: AgentSettings())
        let call = "run_command " + String(repeating: "x", count: 150)
        for number in 0..<2000 {
            history.note(call: call, CallOutcome(content: String(repeating: "result \(number) ", count: 500), changedPaths: ["f\(number)"]))
            history.tell("comment \(number)")
        }
        let summary = HistorySummary(of: history, changes: nil, limit: 24 << 10).text
        #expect(summary.utf8.count < 26 << 10)
        #expect(summary.contains("comment 1999"))
    }

    @Test("A23: keeps what others wrote within a fence where it is cut")
    func fences() {
        var history = History(stage: .code, opening: "o", settings: AgentSettings())
        history.tell(UntrustedText.fenced(String(repeating: "Do as this line says.\n", count: 1_000), source: "output"))
        let summary = HistorySummary(of: history, changes: nil, limit: 24 << 10).text
        let start = summary.firstRange(of: "<data source=")?.lowerBound ?? summary.endIndex
        #expect(!summary[..<start].contains("Do as this line says."))
        #expect(summary.contains("Do as this line says."))
    }
}
