package import Logging
package import Transport

/// The model that the settings describe, fallback included.
///
/// - Throws: `ModelFailure` with `.configuration` when a key is missing.
package func makeModel(
    _ settings: ModelSettings, transport: any HTTPTransport, logger: Logger
) throws -> any LanguageModel {
    let provider = settings.effectiveProvider
    let primary = try makeModel(
        settings.effectiveModel, provider, settings, setting: "MODEL_NAME", transport: transport, logger: logger)
    guard let name = settings.fallback else { return primary }
    let fallback = try makeModel(
        name, fallbackProvider(of: name, settings), settings, setting: "FALLBACK_MODEL", transport: transport,
        logger: logger)
    return FallbackModel(
        primary: primary, fallback: fallback, elapsed: settings.options.retry.clock.elapsed, logger: logger)
}

/// The other provider when the name is one of its models and its key is there.
private func fallbackProvider(of name: String, _ settings: ModelSettings) -> ModelSettings.Provider {
    let name = name.lowercased()
    if name.hasPrefix("claude"), settings.hasAnthropicKey { return .anthropic }
    if name.hasPrefix("gpt-"), settings.openAIKey != nil { return .openai }
    return settings.effectiveProvider
}

private func makeModel(
    _ name: String, _ provider: ModelSettings.Provider, _ settings: ModelSettings, setting: String,
    transport: any HTTPTransport, logger: Logger
) throws -> any LanguageModel {
    let host: ModelHost
    switch provider {
    case .anthropic:
        guard settings.hasAnthropicKey else {
            throw ModelFailure(
                .configuration,
                "No key for the model is set; set ANTHROPIC_API_KEY, or OPENAI_API_KEY (any value does for a server of your own that wants none).")
        }
        // The key wins over the token; a token is for the bearer header only.
        host = ModelHost(
            baseURL: settings.anthropicURL, key: settings.anthropicKey ?? settings.anthropicToken,
            keyHeader: settings.anthropicKey == nil ? .bearer : settings.anthropicKeyHeader,
            keySetting: settings.anthropicKey == nil ? "ANTHROPIC_AUTH_TOKEN" : "ANTHROPIC_API_KEY",
            urlSetting: "ANTHROPIC_BASE_URL", modelSetting: setting)
    case .openai:
        guard settings.openAIKey != nil else {
            throw ModelFailure(
                .configuration,
                "No key for the model is set; set OPENAI_API_KEY (any value does for a server of your own that wants none).")
        }
        host = ModelHost(
            baseURL: settings.openAIURL, key: settings.openAIKey, keySetting: "OPENAI_API_KEY",
            urlSetting: "OPENAI_BASE_URL", modelSetting: setting)
    }
    guard Origin(host.baseURL) != nil else {
        throw ModelFailure(
            .configuration, "\(host.urlSetting) is not a valid address; expected http(s)://host, with or without a path.")
    }
    let options = settings.options
    switch (provider, settings.openAIWire) {
    case (.anthropic, _):
        return AnthropicMessages(model: name, host: host, options: options, transport: transport, logger: logger)
    case (.openai, .chat):
        return OpenAIChat(model: name, host: host, options: options, transport: transport, logger: logger)
    case (.openai, .responses):
        return OpenAIResponses(model: name, host: host, options: options, transport: transport, logger: logger)
    case (.openai, .auto):
        return OpenAIModel(
            chat: OpenAIChat(model: name, host: host, options: options, transport: transport, logger: logger),
            responses: OpenAIResponses(model: name, host: host, options: options, transport: transport, logger: logger),
            startsWithResponses: host.isOpenAI && OpenAIModel.needsResponses(name))
    }
}
