package import Transport

/// How patiently a model is called.
package struct CallOptions: Sendable {
    package var timeouts: RequestTimeouts
    package var retry: RetryPolicy
    /// No turn asks for more output, whatever its caller wants.
    package var maxOutputTokens: Int
    package var maxReplyBytes: Int
    package var prices: ModelPrices

    package init(
        timeouts: RequestTimeouts = RequestTimeouts(
            firstByte: .seconds(300), idle: .seconds(120), total: .seconds(1_800)),
        retry: RetryPolicy = RetryPolicy(
            attempts: 7, base: .milliseconds(500), cap: .seconds(60), longestRetryAfter: .seconds(300),
            budget: .seconds(1_200)),
        maxOutputTokens: Int = 128_000, maxReplyBytes: Int = 64 << 20, prices: ModelPrices = ModelPrices()
    ) {
        self.timeouts = timeouts
        self.retry = retry
        self.maxOutputTokens = maxOutputTokens
        self.maxReplyBytes = maxReplyBytes
        self.prices = prices
    }
}
