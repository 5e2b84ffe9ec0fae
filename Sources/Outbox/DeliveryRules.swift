package import Foundation
import Transport

/// How often a message is tried and when, and the time as the outbox sees it.
package struct DeliveryRules: Sendable {
    /// Tries in all, the first included.
    package var tries = 5
    /// For one try, the whole exchange.
    package var timeout: Duration = .seconds(10)
    /// The wait after the first try; it doubles with each further one.
    package var base: TimeInterval = 1
    package var longestWait: TimeInterval = 60
    /// A receiver that asks for more is tried again after this.
    package var longestRetryAfter: TimeInterval = 3600
    /// Tasks that are told of at the same time.
    package var width = 8
    /// How often the outbox looks for what other processes have written.
    package var poll: TimeInterval = 5
    package var now: @Sendable () -> Date = { Date() }
    package var sleep: @Sendable (TimeInterval) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    /// 0 up to 1.
    package var random: @Sendable () -> Double = { .random(in: 0..<1) }

    package init() {}

    enum Verdict: Equatable {
        case delivered
        case again(after: TimeInterval)
        case givenUp
    }

    /// What follows from a try.
    ///
    /// - Parameter failures: failed tries before this one.
    func verdict(status: Int?, headers: HeaderFields, failures: Int) -> Verdict {
        if let status, (200..<300).contains(status) { return .delivered }
        // 410 is a receiver's word that it wants no more; any other refusal may be a misconfiguration under repair.
        guard status != 410, failures + 1 < tries else { return .givenUp }
        if let asked = RetryAfter.read(headers, now: now().timeIntervalSince1970) {
            return .again(after: min(asked / .seconds(1), longestRetryAfter) + base * random())
        }
        let wait = min(base * Double(1 << min(failures, 20)), longestWait)
        return .again(after: wait * (0.75 + 0.5 * random()))
    }
}
