/// What a text may do despite the filter, and how long it may be.
package struct OutgoingRules: Sendable, Hashable {
    /// What people wrote and models answered is shorter; what is longer nobody reads in a comment.
    package static let defaultLimit = 100_000
    /// Filtering can make a text longer; GitLab refuses beyond a million.
    package static let hardLimit = 900_000

    /// Usernames that may be mentioned, without `@`: the requester.
    package var mentions: Set<String>
    /// References that may stay links, such as `#12` for the issue at hand.
    package var references: Set<String>
    /// In characters, before filtering.
    package var limit: Int

    package init(mentions: Set<String> = [], references: Set<String> = [], limit: Int = defaultLimit) {
        self.mentions = mentions
        self.references = references
        self.limit = limit
    }
}
