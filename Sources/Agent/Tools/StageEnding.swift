import Domain

/// What a stage ended with, as the ending tools hand it over.
enum StageEnding: Sendable, Hashable, Codable {
    case plan(Plan)
    case question(String)
    case finished(summary: String)
    case answer(String)
    case review(ReviewOutcome)
}
