package import Foundation

extension GitLabWorld {
    /// One request that came in, API or git, for tests that must know what was asked and by whom.
    package struct SeenRequest: Sendable {
        package let number: Int
        package let method: String
        package let path: String
        /// The route as GitLab's description writes it; empty for git and unknown paths.
        package let pattern: String
        package let actor: String?
        package var status: Int?
        package let body: GitLabJSON
        package let at: Date
    }

    /// A quick action that really ran, so that a test can prove that none leaked out of somebody's text.
    package struct ExecutedQuickAction: Sendable {
        package let name: String
        package let argument: String
        package let actor: String
        package let target: Noteable
        /// Where the line stood: `note`, `description`, ...
        package let source: String
    }

    /// A push that went through.
    package struct SeenPush: Sendable {
        package let projectID: Int
        package let ref: String
        package let before: String
        package let after: String
        package let actor: String
        package let wasForced: Bool
    }
}
