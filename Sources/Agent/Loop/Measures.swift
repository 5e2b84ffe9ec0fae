import LanguageModels

/// The settings' limits, cut to what the model's context window can hold.
struct Measures: Sendable, Hashable {
    let maxOutputTokens: Int
    /// Bytes of one result, and of all results of one turn.
    let resultLimit: Int
    let turnLimit: Int
    /// Bytes of the data in a stage's first message.
    let contextLimit: Int
    /// Bytes of a summary that takes a history's place.
    let summaryLimit: Int
    /// Estimated tokens of a request from which on the history is summed up before it is sent.
    let compactionThreshold: Int

    init(_ settings: AgentSettings, contextWindow: Int) {
        let window = max(contextWindow, 4096)
        maxOutputTokens = max(256, min(settings.maxOutputTokens, window / 4))
        // Four bytes count as a token, so a tenth of the window in tokens is four tenths of it in bytes.
        resultLimit = max(1024, min(settings.resultLimit, window / 10 * 4))
        turnLimit = max(resultLimit, min(3 * settings.resultLimit, window / 5 * 4))
        contextLimit = min(settings.contextLimit, window)
        summaryLimit = min(24 << 10, window / 2)
        compactionThreshold = min(window - maxOutputTokens - 1024, window / 100 * 85)
    }
}
