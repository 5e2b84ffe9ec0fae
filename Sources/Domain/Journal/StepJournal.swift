/// How straight code becomes durable: a step whose outcome is in the journal is not done again.
///
/// Names are unique within a task and the same on each run of the code, for instance `code.1.turn.3`.
/// Activities are recorded inside a step's work, so that a replay does not record them twice.
package protocol StepJournal: Sendable {
    /// Returns the recorded outcome of `name`, or does the work and records it durably before it returns.
    ///
    /// - Parameter changesTree: the work may change the work tree; its state is then recorded together with the outcome.
    @discardableResult
    func step<Outcome: Codable & Sendable>(
        _ name: String, changesTree: Bool, _ work: () async throws -> Outcome
    ) async throws -> Outcome

    /// Adds a line to the transcript. Not durable on its own: it may be written with the next step.
    func record(_ activity: Activity) async throws

    /// Comments that joined the task since the last call, oldest first. A durable step of its own under `name`.
    func newInputs(_ name: String) async throws -> [TaskInput]
}

extension StepJournal {
    @discardableResult
    package func step<Outcome: Codable & Sendable>(
        _ name: String, _ work: () async throws -> Outcome
    ) async throws -> Outcome {
        try await step(name, changesTree: false, work)
    }
}
