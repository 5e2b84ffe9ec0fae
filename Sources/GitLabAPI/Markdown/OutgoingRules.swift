/// What a text may do despite the filter.
package struct OutgoingRules: Sendable, Hashable {
    package static let defaultLimit = 200_000

    /// Usernames that may be mentioned, without `@`: the requester.
    package var mentions: Set<String>
    /// References that may stay links, such as `#12` for the issue at hand.
    package var references: Set<String>
    /// In characters; GitLab's own limit is a million.
    package var limit: Int

    package init(mentions: Set<String> = [], references: Set<String> = [], limit: Int = defaultLimit) {
        self.mentions = mentions
        self.references = references
        self.limit = limit
    }
}
