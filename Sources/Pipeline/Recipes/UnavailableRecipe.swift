import Domain

/// Commands that this version knows but can't carry out: said so, instead of silence.
struct UnavailableRecipe {
    let run: TaskRun
    let command: String

    func perform() async throws {
        _ = try await Reception(run: run).open()
        throw TaskFailure(
            .configuration, "\(run.parts.settings.trigger) \(command) is not available in this version of AI Coder.")
    }
}
