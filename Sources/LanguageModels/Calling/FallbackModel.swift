package import Logging
internal import Synchronization
internal import Transport

/// A model with another one behind it, for when the first is out of order or its account is spent.
///
/// After a change the second one is asked for a while, so that not each turn waits for all retries of the first.
package struct FallbackModel: LanguageModel {
    private let primary: any LanguageModel
    private let fallback: any LanguageModel
    private let rest: Duration
    private let elapsed: @Sendable () -> Duration
    private let logger: Logger
    private let state = State()

    private final class State: Sendable {
        let restsUntil = Mutex<Duration?>(nil)
    }

    package init(
        primary: any LanguageModel, fallback: any LanguageModel, rest: Duration = .seconds(600),
        elapsed: @escaping @Sendable () -> Duration, logger: Logger
    ) {
        self.primary = primary
        self.fallback = fallback
        self.rest = rest
        self.elapsed = elapsed
        self.logger = logger
    }

    package var name: String { primary.name }
    package var contextWindow: Int { min(primary.contextWindow, fallback.contextWindow) }

    package func turn(
        _ conversation: Conversation, maxOutputTokens: Int, progress: @escaping @Sendable (String) -> Void
    ) async throws -> ModelTurn {
        let isResting = state.restsUntil.withLock { until in until.map { elapsed() < $0 } ?? false }
        var first: ModelFailure?
        if !isResting {
            do {
                return try await primary.turn(conversation, maxOutputTokens: maxOutputTokens, progress: progress)
            } catch let failure as ModelFailure where failure.isTransient || failure.reason == .quota {
                first = failure
                state.restsUntil.withLock { $0 = elapsed() + rest }
                logger.notice(
                    "The model is out of order, using the fallback",
                    metadata: ["model.name": "\(primary.name)", "model.fallback": "\(fallback.name)"])
            }
        }
        do {
            return try await fallback.turn(conversation, maxOutputTokens: maxOutputTokens, progress: progress)
        } catch let failure as ModelFailure {
            state.restsUntil.withLock { $0 = nil }
            guard let first else { throw failure }
            // Where the first one's trouble passes, the task is worth going on with whatever is wrong with the second.
            var both = first
            both.message = "\(first.message) The fallback failed too: \(failure.message)"
            throw both
        }
    }
}
