import LanguageModels
import Testing

@Suite struct ModelPricesTests {
    private func cost(_ json: String, _ usage: WireUsage, _ model: String = "m") throws -> Double? {
        try ModelPrices(json: Array(json.utf8)).cost(of: usage, models: [model])
    }

    @Test("plain, cached, written and output tokens have their own prices")
    func ours() throws {
        let json = #"{"m": {"input": 2, "output": 10, "cache_read": 0.1, "cache_write": 2.5, "cache_write_1h": 4}}"#
        let usage = WireUsage(
            input: 1_000_000, cacheRead: 600_000, cacheWrite: 200_000, cacheWriteHour: 100_000, output: 100_000)
        let cost = try #require(try cost(json, usage))
        #expect(abs(cost - (0.4 + 0.06 + 0.25 + 0.4 + 1)) < 1e-9)
    }

    @Test("an entry of LiteLLM's table can be pasted, its tiers included")
    func liteLLM() throws {
        let json = """
            {"sample_spec": {"input_cost_per_token": 0}, "openai/gpt-6-sol": {"input_cost_per_token": 2e-06,
            "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 2e-07, "litellm_provider": "openai",
            "input_cost_per_token_above_272k_tokens": 4e-06, "output_cost_per_token_above_272k_tokens": 1.5e-05,
            "cache_creation_input_token_cost_above_1hr": 4e-06, "max_input_tokens": 922000, "supports_vision": true},
            "image": {"output_cost_per_image": 1}}
            """
        let plain = try #require(try cost(json, WireUsage(input: 100_000, output: 1_000), "gpt-6-sol"))
        #expect(abs(plain - 0.21) < 1e-9)
        let large = try #require(try cost(json, WireUsage(input: 300_000, output: 1_000), "gpt-6-sol"))
        #expect(abs(large - 1.215) < 1e-9)
        #expect(try cost(json, WireUsage(input: 1, output: 1), "image") == nil)
    }

    @Test("our own tiers", arguments: [(100, 100.0), (200, 200.0), (300, 1_200.0)])
    func tiers(_ input: Int, _ expected: Double) throws {
        let json = #"{"m": {"input": 1000000, "output": 1, "above_tokens": {"200": {"input": 4000000}}}}"#
        #expect(try cost(json, WireUsage(input: input)) == expected)
    }

    @Test(
        "a model is found by name, last part, pattern or without its date; the closest wins",
        arguments: [
            ("claude-sonnet-5-5", 2.0), ("claude-sonnet-5-5-20260901", 2), ("anthropic/claude-sonnet-5-5", 2),
            ("claude-opus-5", 4), ("claude-haiku-5", 9), ("CLAUDE-OPUS-7", 4), ("mistral", nil),
        ] as [(String, Double?)])
    func names(_ model: String, _ price: Double?) throws {
        let json = #"{"claude-sonnet-5-5": {"input": 2000000}, "claude-*": {"input": 9000000}, "claude-opus-*": {"input": 4000000}}"#
        #expect(try cost(json, WireUsage(input: 1), model) == price)
    }

    @Test(
        "a bad file is told by model and field",
        arguments: [
            ("[]", "object of models"), ("{", "not valid JSON"), (#"{"m": 3}"#, "m: an object"),
            (#"{"m": {"input": "x"}}"#, "m: input: a number"), (#"{"m": {"input": -1}}"#, "m: input"),
            (#"{"m": {"input": 1, "above_tokens": {"x": 1}}}"#, "above_tokens"),
        ])
    func problems(_ json: String, _ words: String) {
        let problem = #expect(throws: ModelPricesProblem.self) { try ModelPrices(json: Array(json.utf8)) }
        #expect(problem?.message.contains(words) == true)
    }
}
