import Domain
import LanguageModels
import Testing

@testable import Agent

@Suite("Rules that stop a model")
struct LoopRulesTests {
    private func call(_ name: String, _ arguments: String = "{}") -> ToolCall {
        ToolCall(id: "1", name: name, arguments: .object(arguments))
    }

    @Test("the same call with the same result is told at the third time and stopped at the fifth")
    func repeats() {
        var watch = LoopWatch(.init())
        var verdicts: [LoopWatch.Verdict] = []
        for _ in 0..<5 { verdicts.append(watch.observe(call("search"), CallOutcome(content: "x"))) }
        #expect(verdicts[0] == .fine && verdicts[1] == .fine && verdicts[3] == .fine)
        guard case .tell(let told) = verdicts[2], case .stop(let stopped) = verdicts[4] else {
            Issue.record("told \(verdicts[2]), stopped \(verdicts[4])")
            return
        }
        #expect(told.contains("3 times"))
        #expect(stopped.contains("`search` 5 times"))
    }

    @Test("another result, or a change of files in between, is progress")
    func progress() {
        var watch = LoopWatch(.init())
        for round in 0..<20 {
            #expect(watch.observe(call("run_command"), CallOutcome(content: "run \(round)")) == .fine)
        }
        for round in 0..<20 {
            #expect(watch.observe(call("run_command"), CallOutcome(content: "failed")) == .fine)
            let edit = CallOutcome(content: "Edited", changedPaths: ["a"])
            #expect(watch.observe(call("edit_file", "{\"n\":\(round)}"), edit) == .fine)
        }
    }

    @Test("the same change made again and again is a loop, whatever lies between")
    func sameChange() {
        var watch = LoopWatch(.init())
        var stopped = false
        for round in 0..<5 {
            _ = watch.observe(call("read_file"), CallOutcome(content: "version \(round)"))
            if case .stop = watch.observe(call("write_file"), CallOutcome(content: "Overwrote", changedPaths: ["a"])) { stopped = true }
        }
        #expect(stopped)
    }

    @Test("going round among several known looks is told, then stopped")
    func stale() {
        var watch = LoopWatch(.init())
        var verdicts: [LoopWatch.Verdict] = []
        for round in 0..<40 {
            let number = round % 10
            verdicts.append(watch.observe(call("read_file", "{\"n\":\(number)}"), CallOutcome(content: "text \(number)")))
            if case .stop = verdicts[round] { break }
        }
        #expect(verdicts.contains { if case .tell(let text) = $0 { text.contains("brought nothing new") } else { false } })
        guard case .stop(let text) = verdicts.last else {
            Issue.record("not stopped")
            return
        }
        #expect(text.contains("round in circles"))
    }

    @Test("A51: calls that can't be run end the stage when they don't stop")
    func invalid() {
        var watch = LoopWatch(.init())
        var outcome = CallOutcome(content: "no such tool", isError: true)
        outcome.isInvalid = true
        var last = LoopWatch.Verdict.fine
        for number in 0..<6 { last = watch.observe(call("x", "{\"n\":\(number)}"), outcome) }
        guard case .stop(let text) = last else {
            Issue.record("not stopped")
            return
        }
        #expect(text.contains("6 tool calls in a row"))
    }

    @Test("each budget is told at 80 and at 95 hundredths, once")
    func budgets() {
        var settings = AgentSettings()
        settings.maxTokens = 1000
        settings.maxCost = 1
        settings.timeLimit = .seconds(1000)
        settings.maxTurnsPerStage = 100
        var watch = BudgetWatch(settings)
        func usage(_ tokens: Int, _ cost: Double) -> Usage { Usage(requests: 1, inputTokens: tokens, outputTokens: 0, cost: cost) }
        #expect(watch.notices(usage: usage(100, 0.1), elapsedSeconds: 10, turn: 2).isEmpty)
        #expect(watch.notices(usage: usage(800, 0.1), elapsedSeconds: 10, turn: 3).map { $0.contains("800 of the task's 1000 tokens") } == [true])
        #expect(watch.notices(usage: usage(820, 0.1), elapsedSeconds: 10, turn: 4).isEmpty)
        let late = watch.notices(usage: usage(960, 0.96), elapsedSeconds: 960, turn: 97)
        #expect(late.count == 4)
        #expect(late.allSatisfy { $0.contains("End now") })
        #expect(late.contains { $0.contains("0.9600 of the task's 1.0000 US dollars") })
    }

    @Test(
        "a spent budget is a failure of its kind that names the setting",
        arguments: [
            (Usage(requests: 1, inputTokens: 900, outputTokens: 100), 1.0, "MAX_TOKENS_PER_TASK"),
            (Usage(requests: 1, inputTokens: 900, outputTokens: 10), 1.0, "MAX_TOKENS_PER_TASK"),
            (Usage(requests: 1, inputTokens: 1, outputTokens: 1, cost: 2), 1.0, "MAX_COST_USD_PER_TASK"),
            (Usage(requests: 1, inputTokens: 1, outputTokens: 1, cost: 0), 61.0, "TASK_TIMEOUT"),
        ])
    func spent(_ usage: Usage, _ seconds: Double, _ setting: String) throws {
        var settings = AgentSettings()
        settings.maxTokens = 1000
        settings.timeLimit = .seconds(60)
        if usage.cost != nil { settings.maxCost = 2 }
        let failure = try #require(BudgetWatch.failure(settings, usage: usage, elapsed: .seconds(seconds), nextInput: 200))
        #expect(failure.kind == .budget)
        #expect(failure.message.contains(setting))
    }

    @Test("a money budget without a known price ends the task rather than being ignored")
    func unknownPrice() throws {
        var settings = AgentSettings()
        settings.maxCost = 1
        let failure = try #require(
            BudgetWatch.failure(settings, usage: Usage(requests: 1, inputTokens: 5, outputTokens: 5), elapsed: .zero, nextInput: 0))
        #expect(failure.kind == .configuration)
        #expect(failure.message.contains("MODEL_PRICES_FILE"))
        #expect(BudgetWatch.failure(settings, usage: Usage(), elapsed: .zero, nextInput: 0) == nil)
    }

    @Test(
        "a model's failure keeps its meaning",
        arguments: [
            (ModelFailure(.authentication, "m"), TaskFailure.Kind.authentication), (ModelFailure(.unknownModel, "m"), .configuration),
            (ModelFailure(.refused, "m"), .code), (ModelFailure(.contextExhausted, "m"), .configuration),
            (ModelFailure(.rateLimited, "m", isTransient: true), .network), (ModelFailure(.overloaded, "m", isTransient: true), .network),
            (ModelFailure(.network, "m", isTransient: true), .network), (ModelFailure(.quota, "m"), .budget),
            (ModelFailure(.invalidRequest, "m"), .system), (ModelFailure(.brokenReply, "m"), .network),
            (ModelFailure(.configuration, "m"), .configuration),
        ])
    func failures(_ failure: ModelFailure, _ kind: TaskFailure.Kind) {
        #expect(failure.asTaskFailure.kind == kind)
        #expect(failure.asTaskFailure.isTransient == failure.isTransient)
        #expect(failure.asTaskFailure.message == "m")
    }

    @Test("limits shrink with a small context window")
    func measures() {
        let small = Measures(AgentSettings(), contextWindow: 8192)
        #expect(small.maxOutputTokens == 2048)
        #expect(small.resultLimit < 4000)
        #expect(small.compactionThreshold < 6000)
        let large = Measures(AgentSettings(), contextWindow: 1_000_000)
        #expect(large.maxOutputTokens == 32_000)
        #expect(large.resultLimit == 32 << 10)
        #expect(Measures(AgentSettings(), contextWindow: 0).compactionThreshold > 0)
    }
}
