/// What a tool call led to, as the journal keeps it. Text in it has been through the redactor.
struct CallOutcome: Sendable, Hashable, Codable {
    var content: String
    var isError = false
    /// The call could not be read or did not fit its tool's schema.
    var isInvalid = false
    var changedPaths: [String] = []
    var ending: StageEnding?
    /// How long the task had been running, so that a replay tells the model the same.
    var elapsedSeconds: Double = 0
}
