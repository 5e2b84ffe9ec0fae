package import Secrets

/// Which model is used and how it is reached, as configured.
package struct ModelSettings: Sendable {
    package enum Provider: String, Sendable, Hashable, CaseIterable {
        case anthropic
        case openai
    }

    package enum OpenAIWire: String, Sendable, Hashable, CaseIterable {
        case auto
        case chat
        case responses
    }

    /// AI_PROVIDER; nil: by which key is set.
    package var provider: Provider?
    package var anthropicKey: Secret?
    package var anthropicToken: Secret?
    package var anthropicURL: String
    package var openAIKey: Secret?
    package var openAIURL: String
    package var openAIWire: OpenAIWire
    /// MODEL_NAME; nil: the provider's default.
    package var model: String?
    package var fallback: String?
    package var anthropicKeyHeader: ModelHost.KeyHeader
    package var options: CallOptions

    package static let defaultAnthropicURL = "https://api.anthropic.com"
    package static let defaultOpenAIURL = "https://api.openai.com/v1"
    package static let defaultAnthropicModel = "claude-sonnet-5-5"
    package static let defaultOpenAIModel = "gpt-6.1-terra"

    package init(
        provider: Provider? = nil, anthropicKey: Secret? = nil, anthropicToken: Secret? = nil,
        anthropicURL: String? = nil, openAIKey: Secret? = nil, openAIURL: String? = nil, openAIWire: OpenAIWire = .auto,
        model: String? = nil, fallback: String? = nil, anthropicKeyHeader: ModelHost.KeyHeader = .automatic,
        options: CallOptions = CallOptions()
    ) {
        self.provider = provider
        self.anthropicKey = anthropicKey.flatMap(Self.present)
        self.anthropicToken = anthropicToken.flatMap(Self.present)
        self.anthropicURL = anthropicURL.flatMap(Self.present) ?? Self.defaultAnthropicURL
        self.openAIKey = openAIKey.flatMap(Self.present)
        self.openAIURL = openAIURL.flatMap(Self.present) ?? Self.defaultOpenAIURL
        self.openAIWire = openAIWire
        self.model = model.flatMap(Self.present)
        self.fallback = fallback.flatMap(Self.present)
        self.anthropicKeyHeader = anthropicKeyHeader
        self.options = options
    }

    private static func present(_ secret: Secret) -> Secret? { present(secret.reveal()) == nil ? nil : secret }
    private static func present(_ text: String) -> String? { text.allSatisfy(\.isWhitespace) ? nil : text }

    package var hasAnthropicKey: Bool { anthropicKey != nil || anthropicToken != nil }

    /// What is used when nothing says otherwise.
    package var effectiveProvider: Provider { provider ?? (!hasAnthropicKey && openAIKey != nil ? .openai : .anthropic) }

    /// What is used when nothing says otherwise.
    package var effectiveModel: String {
        model ?? (effectiveProvider == .anthropic ? Self.defaultAnthropicModel : Self.defaultOpenAIModel)
    }

    /// All that must not be seen.
    package var secrets: [Secret] { [anthropicKey, anthropicToken, openAIKey].compactMap(\.self) }
}
