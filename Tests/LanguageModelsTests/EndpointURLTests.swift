import LanguageModels
import Testing

@Suite struct EndpointURLTests {
    @Test(
        "a base URL works as users write it",
        arguments: [
            ("https://api.anthropic.com", WireKind.anthropic, "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/messages"),
            ("https://api.anthropic.com/v1", .anthropic, "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1/v1/messages"),
            (
                "  https://api.deepseek.com/anthropic// ", .anthropic, "https://api.deepseek.com/anthropic/v1/messages",
                "https://api.deepseek.com/anthropic/messages"
            ),
            ("https://api.z.ai/api/anthropic", .anthropic, "https://api.z.ai/api/anthropic/v1/messages", "https://api.z.ai/api/anthropic/messages"),
            ("https://x/v1/messages", .anthropic, "https://x/v1/messages", nil),
            ("https://api.openai.com/v1", .chat, "https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/v1/chat/completions"),
            ("https://api.openai.com", .chat, "https://api.openai.com/v1/chat/completions", "https://api.openai.com/chat/completions"),
            ("https://api.deepseek.com", .chat, "https://api.deepseek.com/v1/chat/completions", "https://api.deepseek.com/chat/completions"),
            ("https://api.z.ai/api/paas/v4", .chat, "https://api.z.ai/api/paas/v4/chat/completions", "https://api.z.ai/api/paas/v4/v1/chat/completions"),
            ("https://host/v1beta/openai/", .chat, "https://host/v1beta/openai/chat/completions", "https://host/v1beta/openai/v1/chat/completions"),
            ("https://openrouter.ai/api/v1/chat/completions/", .chat, "https://openrouter.ai/api/v1/chat/completions", nil),
            ("http://localhost:11434", .responses, "http://localhost:11434/v1/responses", "http://localhost:11434/responses"),
            ("https://gateway/llm", .responses, "https://gateway/llm/responses", "https://gateway/llm/v1/responses"),
            (
                "https://n.openai.azure.com/openai/v1?api-version=preview", .responses, "https://n.openai.azure.com/openai/v1/responses?api-version=preview",
                "https://n.openai.azure.com/openai/v1/v1/responses?api-version=preview"
            ),
        ] as [(String, WireKind, String, String?)])
    func resolves(_ base: String, _ wire: WireKind, _ url: String, _ alternate: String?) {
        let endpoint = EndpointURL(base: base, wire: wire)
        #expect(endpoint.url == url)
        #expect(endpoint.alternate == alternate)
    }
}
