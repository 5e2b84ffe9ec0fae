/// One reply of a model. Codable, so that a journal can keep it and no turn is ever asked for twice.
package struct ModelTurn: Sendable, Hashable, Codable {
    package enum Stop: Sendable, Hashable, Codable {
        case finished
        case toolCalls
        /// Cut by the output limit; a last call may be incomplete and is then not in `calls`.
        case outputLimit
        case contextExhausted
        case refused(String?)
        /// The server wants the turn sent back unchanged.
        case paused
    }

    /// What people may see, `<think>` blocks and reasoning removed.
    package var text: String
    package var calls: [ToolCall]
    package var stop: Stop
    package var usage: TokenUsage
    /// The model that answered, as the server names it or as it was asked for.
    package var model: String
    /// US dollars of this turn, about; nil without a configured price.
    package var cost: Double?
    /// The reply as its wire has it (content blocks, a message, output items), to be sent back unchanged; JSON text.
    package var raw: String
    /// Which wire and host `raw` belongs to; another one gets the turn rebuilt from `text` and `calls`.
    package var source: String

    package init(
        text: String, calls: [ToolCall], stop: Stop, usage: TokenUsage, model: String, cost: Double? = nil, raw: String,
        source: String
    ) {
        self.text = text
        self.calls = calls
        self.stop = stop
        self.usage = usage
        self.model = model
        self.cost = cost
        self.raw = raw
        self.source = source
    }
}

package struct TokenUsage: Sendable, Hashable, Codable {
    /// All input, the cached parts included.
    package var input: Int
    package var cacheRead: Int
    package var cacheWrite: Int
    package var output: Int
    package var isEstimated: Bool
    package init(input: Int, cacheRead: Int = 0, cacheWrite: Int = 0, output: Int, isEstimated: Bool = false) {
        self.input = input
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.output = output
        self.isEstimated = isEstimated
    }
}
