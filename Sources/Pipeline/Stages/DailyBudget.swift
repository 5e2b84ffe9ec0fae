import Domain
import Foundation

/// What all tasks of a day may cost together.
struct DailyBudget {
    let parts: PipelineParts

    /// - Throws: `TaskFailure` of kind budget when the day's money is spent.
    func allow(_ usage: Usage) async throws {
        guard let limit = parts.settings.maxCostPerDay else { return }
        let spent = try await parts.store.costSince(parts.now().addingTimeInterval(-86400))
        let here = usage.cost ?? 0
        guard spent + here < limit else {
            throw TaskFailure(
                .budget,
                String(
                    format: "The tasks of the last 24 hours have cost about $%.2f, the limit is $%.2f. Raise MAX_COST_USD_PER_DAY or try again tomorrow.",
                    spent + here, limit))
        }
    }
}
