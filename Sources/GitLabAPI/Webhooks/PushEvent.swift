/// Commits came to a branch, or a branch came or went. The pusher is the payload's `actor`.
package struct PushEvent: Sendable, Hashable {
    /// `refs/heads/...`
    package var ref: String
    package var before: String?
    package var after: String?
    package var commitCount: Int64?

    package var branch: String? { ref.hasPrefix("refs/heads/") ? String(ref.dropFirst(11)) : nil }
    package var isBranchDeletion: Bool { branch != nil && Self.isNothing(after) }
    package var isBranchCreation: Bool { branch != nil && Self.isNothing(before) && !Self.isNothing(after) }

    private static func isNothing(_ sha: String?) -> Bool {
        guard let sha else { return false }
        return sha.utf8.count >= 40 && sha.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
    }
}

/// A reaction was given or taken back.
package struct EmojiEvent: Sendable, Hashable {
    package var id: Int64?
    package var name: String
    package var action: WebhookAction?
    package var userID: Int64?
    /// `Issue`, `MergeRequest`, `Note`, ...
    package var awardableType: String?
    package var awardableID: Int64?
    package var noteID: Int64?
    package var noteAuthorID: Int64?
    package var issueIID: Int64?
    package var mergeRequestIID: Int64?
}

/// An access token of a project or group is about to expire: perhaps the bot's own.
package struct TokenExpiringEvent: Sendable, Hashable {
    package var tokenID: Int64?
    package var tokenName: String?
    /// The bot user of the token.
    package var userID: Int64?
    package var expiresAt: GitLabTime?
    package var groupPath: String?
}
