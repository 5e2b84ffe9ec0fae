/// What a task has asked of the model so far.
package struct Usage: Sendable, Hashable, Codable {
    package var requests: Int
    /// All input tokens, the cached ones included.
    package var inputTokens: Int
    /// Of the input tokens, those read from the provider's cache.
    package var cachedTokens: Int
    package var outputTokens: Int
    /// US dollars, about; nil where no price is configured for a model that was used.
    package var cost: Double?
    /// Some of the counts are our own estimate, since the provider sent none.
    package var isEstimated: Bool

    package init(
        requests: Int = 0, inputTokens: Int = 0, cachedTokens: Int = 0, outputTokens: Int = 0, cost: Double? = nil,
        isEstimated: Bool = false
    ) {
        self.requests = requests
        self.inputTokens = inputTokens
        self.cachedTokens = cachedTokens
        self.outputTokens = outputTokens
        self.cost = cost
        self.isEstimated = isEstimated
    }

    private enum CodingKeys: String, CodingKey {
        case requests
        case inputTokens = "input_tokens"
        case cachedTokens = "cached_tokens"
        case outputTokens = "output_tokens"
        case cost
        case isEstimated = "estimated"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        requests = try values.decode(Int.self, forKey: .requests)
        inputTokens = try values.decode(Int.self, forKey: .inputTokens)
        cachedTokens = try values.decode(Int.self, forKey: .cachedTokens)
        outputTokens = try values.decode(Int.self, forKey: .outputTokens)
        cost = try values.decodeIfPresent(Double.self, forKey: .cost)
        isEstimated = try values.decodeIfPresent(Bool.self, forKey: .isEstimated) ?? false
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(requests, forKey: .requests)
        try values.encode(inputTokens, forKey: .inputTokens)
        try values.encode(cachedTokens, forKey: .cachedTokens)
        try values.encode(outputTokens, forKey: .outputTokens)
        try values.encode(cost, forKey: .cost)
        if isEstimated { try values.encode(true, forKey: .isEstimated) }
    }
}

extension Usage {
    /// A turn whose cost is unknown makes the whole cost unknown: a partial sum would mislead.
    package static func + (left: Usage, right: Usage) -> Usage {
        let cost: Double? =
            if left.requests == 0 { right.cost } else if right.requests == 0 { left.cost } else {
                left.cost.flatMap { sum in right.cost.map { sum + $0 } }
            }
        return Usage(
            requests: left.requests + right.requests, inputTokens: left.inputTokens + right.inputTokens,
            cachedTokens: left.cachedTokens + right.cachedTokens,
            outputTokens: left.outputTokens + right.outputTokens, cost: cost,
            isEstimated: left.isEstimated || right.isEstimated)
    }
}
