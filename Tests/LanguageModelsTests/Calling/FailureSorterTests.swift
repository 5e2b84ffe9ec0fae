import Secrets
import Testing
import Transport

@testable import LanguageModels

@Suite struct FailureSorterTests {
    private func verdict(_ status: Int, _ words: String, headers: HeaderFields = [:], base: String = "http://localhost:8080", code: String? = nil) -> TryVerdict
    {
        let host = ModelHost(baseURL: base, key: Secret("k"), keySetting: "ANTHROPIC_API_KEY", urlSetting: "ANTHROPIC_BASE_URL")
        return FailureSorter(host: host, wire: .anthropic, model: "m", now: 0)
            .verdict(.refused(status: status, headers: headers, error: ServiceError(code: code, message: words)))
    }

    @Test(
        "each status leads where the services say",
        arguments: [
            (400, "bad", ModelFailure.Reason.invalidRequest, false), (401, "key", .authentication, false), (402, "x", .quota, false),
            (403, "x", .authentication, false), (404, "page", .configuration, false), (404, "model: x", .unknownModel, false),
            (408, "x", .overloaded, true), (409, "x", .overloaded, true), (413, "too large", .contextExhausted, false), (429, "x", .rateLimited, true),
            (500, "x", .overloaded, true), (502, "x", .overloaded, true), (503, "x", .overloaded, true), (504, "x", .overloaded, true),
            (529, "x", .overloaded, true), (302, "", .configuration, false),
            (400, "This model's maximum context length is 128000 tokens", .contextExhausted, false),
            (400, "the request exceeds the available context size", .contextExhausted, false),
            (400, "prompt is too long: 3 tokens > 2 maximum", .contextExhausted, false),
            (400, "Model Not Exist", .unknownModel, false), (400, "deepseek-x is not a valid model ID", .unknownModel, false),
            (429, "You exceeded your current quota", .quota, false),
        ])
    func statuses(_ status: Int, _ words: String, _ reason: ModelFailure.Reason, _ isRepeated: Bool) {
        let verdict = verdict(status, words)
        #expect(verdict.failure.reason == reason)
        #expect(verdict.isWorthRepeating == isRepeated)
        #expect(verdict.failure.message.contains("_"), "names a setting: \(verdict.failure.message)")
    }

    @Test("Anthropic's 429 without a time to wait is a monthly cap; others' is not")
    func monthlyCap() {
        #expect(verdict(429, "limit", base: "https://api.anthropic.com").failure.reason == .quota)
        let timed = verdict(429, "limit", headers: ["retry-after": "3"], base: "https://api.anthropic.com")
        #expect(timed.isWorthRepeating && timed.failure.retryAfter == .seconds(3))
        #expect(verdict(429, "limit", base: "https://openrouter.ai/api/v1").isWorthRepeating)
    }

    @Test(
        "the wire that OpenAI's models want is chosen by name",
        arguments: [
            ("gpt-5.4", true), ("gpt-6-sol", true), ("gpt-6.1-terra", true), ("gpt-5.3", false), ("gpt-4o", false), ("gpt-5-mini", false),
            ("o3", false), ("o3-pro", true), ("gpt-5-codex", true), ("gpt-4.1-2025-04-14", false), ("my-model", false),
        ])
    func wires(_ model: String, _ needsResponses: Bool) {
        #expect(OpenAIModel.needsResponses(model) == needsResponses)
    }

    @Test(
        "context is guessed cautiously",
        arguments: [
            ("claude-sonnet-5-5", true, 1_000_000), ("claude-sonnet-5-5", false, 200_000), ("claude-opus-4-8", true, 1_000_000),
            ("claude-sonnet-4-5-20250929", true, 200_000), ("gpt-6-sol", true, 922_000), ("gpt-6-sol", false, 128_000), ("qwen3", false, 128_000),
        ])
    func windows(_ model: String, _ isFirstParty: Bool, _ expected: Int) {
        #expect(ContextWindows.guess(model, isFirstParty: isFirstParty) == expected)
    }

    @Test("keys go in the header that the host reads")
    func keyHeaders() {
        func host(_ url: String, _ header: ModelHost.KeyHeader = .automatic) -> ModelHost {
            ModelHost(baseURL: url, key: Secret("k"), keyHeader: header, keySetting: "", urlSetting: "")
        }
        let official = host("https://api.anthropic.com").headers(for: .anthropic)
        #expect(official["x-api-key"] == "k" && official["authorization"] == nil)
        let other = host("https://api.deepseek.com/anthropic").headers(for: .anthropic)
        #expect(other["x-api-key"] == "k" && other["authorization"] == "Bearer k")
        #expect(host("https://gateway", .bearer).headers(for: .anthropic)["x-api-key"] == nil)
        let azure = host("https://n.openai.azure.com/openai/v1").headers(for: .chat)
        #expect(azure["api-key"] == "k" && azure["authorization"] == nil)
    }

    @Test(
        "a refusal is answered by the one change it asks for",
        arguments: [
            ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", WireKind.chat),
            ("Unknown parameter stream_options", .chat), ("reasoning_content is not supported", .chat),
            ("The `reasoning_content` in the thinking mode must be passed back to the API.", .chat),
            ("messages.1.content.0: Invalid `signature` in `thinking` block", .anthropic), ("cache_control: Extra inputs are not permitted", .anthropic),
            ("include: unknown value reasoning.encrypted_content", .responses),
        ])
    func adaptations(_ words: String, _ wire: WireKind) {
        #expect(adapted(to: words, wire) != nil)
        #expect(adapted(to: words, wire, status: 500) == nil)
    }

    private func adapted(to words: String, _ wire: WireKind, status: Int = 400) -> Adaptations? {
        var adaptations = Adaptations()
        let isChanged = adaptations.adapt(
            to: ServiceError(message: words), status: status, wire: wire, sentOutputLimit: 4_096)
        return isChanged ? adaptations : nil
    }

    @Test(
        "nothing is changed for refusals of other kinds",
        arguments: [
            "tool names must be unique", "prompt is too long: 1200000 tokens > 1000000 maximum",
        ])
    func noAdaptation(_ words: String) {
        #expect(adapted(to: words, .anthropic) == nil)
    }

    @Test("settings choose provider, model and key, and say what is missing")
    func settings() throws {
        #expect(ModelSettings(anthropicKey: Secret("a"), openAIKey: Secret("b")).effectiveProvider == .anthropic)
        #expect(ModelSettings(openAIKey: Secret("b")).effectiveProvider == .openai)
        #expect(ModelSettings(anthropicKey: Secret("a")).effectiveModel == "claude-sonnet-5-5")
        #expect(ModelSettings(provider: .anthropic, anthropicKey: Secret("")).hasAnthropicKey == false)
        let rig = try Rig()
        let failure = #expect(throws: ModelFailure.self) { try makeModel(ModelSettings(), transport: rig.transport, logger: Rig.quiet) }
        #expect(failure?.reason == .configuration && failure?.message.contains("ANTHROPIC_API_KEY") == true)
        #expect(throws: ModelFailure.self) {
            try makeModel(ModelSettings(anthropicKey: Secret("k"), anthropicURL: "not a url"), transport: rig.transport, logger: Rig.quiet)
        }
    }
}
