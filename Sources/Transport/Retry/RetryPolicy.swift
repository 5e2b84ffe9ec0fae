/// How often and after which waits something is tried again.
package struct RetryPolicy: Sendable {
    /// Tries in all, the first included.
    package var attempts: Int
    /// The wait after the first try; it doubles with each further one.
    package var base: Duration
    /// No wait of our own is longer.
    package var cap: Duration
    /// A server's `Retry-After` beyond this is not waited for.
    package var longestRetryAfter: Duration
    /// No further try begins when this much time, waits included, would have passed since the first.
    package var budget: Duration
    package var clock: RetryClock

    package init(
        attempts: Int = 4, base: Duration = .milliseconds(500), cap: Duration = .seconds(60),
        longestRetryAfter: Duration = .seconds(120), budget: Duration = .seconds(300), clock: RetryClock = .system
    ) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.longestRetryAfter = longestRetryAfter
        self.budget = budget
        self.clock = clock
    }

    package func start() -> RetrySchedule { RetrySchedule(self) }
}

/// The time as retries see it; tests hand in their own.
package struct RetryClock: Sendable {
    /// Seconds since 1970, for `Retry-After` dates.
    package var date: @Sendable () -> Double
    /// Time passed since some fixed moment; never runs backwards.
    package var elapsed: @Sendable () -> Duration
    package var sleep: @Sendable (Duration) async throws -> Void
    /// 0 up to 1.
    package var random: @Sendable () -> Double

    package init(
        date: @escaping @Sendable () -> Double, elapsed: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double
    ) {
        self.date = date
        self.elapsed = elapsed
        self.sleep = sleep
        self.random = random
    }

    package static let system: RetryClock = {
        let start = ContinuousClock.now
        return RetryClock(
            date: { HTTPDate.now }, elapsed: { ContinuousClock.now - start },
            sleep: { try await Task.sleep(for: $0) }, random: { Double.random(in: 0..<1) })
    }()
}

/// The retries of one call.
package struct RetrySchedule: Sendable {
    private let policy: RetryPolicy
    private let start: Duration
    /// Failed tries so far.
    package private(set) var failures = 0

    init(_ policy: RetryPolicy) {
        self.policy = policy
        start = policy.clock.elapsed()
    }

    /// After a failed try: how long to wait before the next, or nil to give up.
    ///
    /// - Parameter headers: those of the failed reply; its `retry-after-ms` or `Retry-After` is honoured.
    package mutating func delay(after headers: HeaderFields? = nil) -> Duration? {
        failures += 1
        guard failures < policy.attempts else { return nil }
        var delay = min(policy.base * (1 << min(failures - 1, 20)), policy.cap) * (1 - 0.25 * policy.clock.random())
        if let asked = headers.flatMap({ RetryAfter.read($0, now: policy.clock.date()) }) {
            guard asked <= policy.longestRetryAfter else { return nil }
            // Never earlier than asked, and not all callers in the same instant.
            delay = asked + asked * (0.1 * policy.clock.random())
        }
        guard policy.clock.elapsed() - start + delay <= policy.budget else { return nil }
        return delay
    }

    /// Waits as `delay(after:)` says; false to give up.
    package mutating func wait(after headers: HeaderFields? = nil) async throws -> Bool {
        guard let delay = delay(after: headers) else { return false }
        try await policy.clock.sleep(delay)
        return true
    }
}
