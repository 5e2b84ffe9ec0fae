import Domain
import Foundation

/// What all tasks of a day may cost together, and what of it one person or one project may take.
///
/// The whole is the operator's setting; the shares follow from it: as long as nobody else has spent anything in these 24
/// hours, a person (a project) may take it all, and no more than half of it as soon as others have.
struct DailyBudget {
    let store: any TaskQueue
    let limit: Double?
    let now: Date
    /// The one that asks: it tells itself what it has used.
    let task: TaskID?

    private static let window: TimeInterval = 86_400

    init(store: any TaskQueue, limit: Double?, now: Date, task: TaskID? = nil) {
        self.task = task
        self.store = store
        self.limit = limit
        self.now = now
    }

    init(parts: PipelineParts, task: TaskID) {
        self.init(store: parts.store, limit: parts.settings.maxCostPerDay, now: parts.now(), task: task)
    }

    /// - Throws: `TaskFailure` of kind budget when the day's money is spent, or this person's or project's share of it.
    func allow(_ usage: Usage, for origin: GitLabOrigin?) async throws {
        guard let limit else { return }
        guard usage.requests == 0 || usage.cost != nil else {
            throw TaskFailure(
                .configuration,
                "MAX_COST_USD_PER_DAY is set, but no price is known for the model that answered. Add its price to MODEL_PRICES_FILE, or limit tokens instead."
            )
        }
        let spent = try await store.spending(since: now.addingTimeInterval(-Self.window), besides: task)
        let here = usage.cost ?? 0
        let all = spent.reduce(here) { $0 + $1.cost }
        guard all < limit else {
            throw TaskFailure(
                .budget,
                "The tasks of the last 24 hours have cost about \(Self.money(all)), the limit is \(Self.money(limit)). Raise MAX_COST_USD_PER_DAY or try again tomorrow."
            )
        }
        guard let origin else { return }
        try check("@\(origin.requester.username)'s tasks", spent, here, limit) { $0.personID == origin.requester.id }
        try check("The tasks of \(origin.projectPath)", spent, here, limit) { $0.projectID == origin.projectID }
    }

    private func check(
        _ whose: String, _ spent: [Spending], _ here: Double, _ limit: Double, _ isTheirs: (Spending) -> Bool
    ) throws {
        guard spent.contains(where: { !isTheirs($0) }) else { return }
        let theirs = spent.filter(isTheirs).reduce(here) { $0 + $1.cost }
        guard theirs < limit / 2 else {
            throw TaskFailure(
                .budget,
                "\(whose) have cost about \(Self.money(theirs)) in the last 24 hours; half of the day's \(Self.money(limit)) is kept for others. Raise MAX_COST_USD_PER_DAY or try again tomorrow."
            )
        }
    }

    private static func money(_ value: Double) -> String { String(format: "$%.2f", value) }
}
