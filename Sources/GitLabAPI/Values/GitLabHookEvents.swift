/// A kind of event that a webhook can be asked for, by the API's name.
package enum GitLabHookEvents: String, Sendable, Hashable, CaseIterable {
    case note = "note_events"
    case confidentialNote = "confidential_note_events"
    case issues = "issues_events"
    case confidentialIssues = "confidential_issues_events"
    case mergeRequests = "merge_requests_events"
    case pipelines = "pipeline_events"
    case jobs = "job_events"
    case push = "push_events"
    case emoji = "emoji_events"
    case tokenExpiry = "resource_access_token_events"

    /// What the bot needs. The rest only costs deliveries.
    package static let needed: Set<GitLabHookEvents> = [
        .note, .confidentialNote, .issues, .confidentialIssues, .mergeRequests, .pipelines, .push, .emoji,
    ]

    /// The word that a test request wants.
    package var trigger: String { rawValue }
}
