/// A comment was written or its text changed. GitLab sends none for its own history lines and none for deletions.
package struct NoteEvent: Sendable, Hashable {
    /// What the comment stands under.
    package enum Subject: Sendable, Hashable {
        case issue(IssueFacts)
        case mergeRequest(MergeRequestFacts)
        case commit(sha: String?)
        case snippet
        case other(String)
    }

    package var id: Int64
    /// What is stored: GitLab has cut its own quick actions out.
    package var text: String
    /// `create` where the key is missing: edits came with the key.
    package var action: WebhookAction
    package var authorID: Int64?
    /// Who edited last. In an edit the payload's `user` is still the author.
    package var updatedByID: Int64?
    package var isSystem: Bool
    /// Nil for plain comments, `DiscussionNote` in threads, `DiffNote` on a diff.
    package var type: String?
    package var discussionID: String?
    package var createdAt: GitLabTime?
    package var updatedAt: GitLabTime?
    package var isInternal: Bool
    package var subject: Subject
    package var position: WebhookDiffPosition?

    /// Whether these are the words of `user`, whom GitLab names as the author: written, or edited by the author.
    ///
    /// A maintainer may edit somebody's comment, and the event then still carries the author's name.
    package func isInAuthorsWords(of user: WebhookUser?) -> Bool {
        guard let authorID else { return false }
        if let userID = user?.id, userID != authorID { return false }
        if action == .create { return true }
        return action == .update && updatedByID == authorID
    }
}

/// Where on a merge request's diff a comment stands.
package struct WebhookDiffPosition: Sendable, Hashable {
    package struct Line: Sendable, Hashable {
        package var old: Int?
        package var new: Int?
    }

    package var baseSHA: String?
    package var startSHA: String?
    package var headSHA: String?
    package var oldPath: String?
    package var newPath: String?
    /// `text`, `image` or `file`.
    package var type: String?
    /// The commented line; of several the last.
    package var line: Line
    /// The first of several lines.
    package var firstLine: Line?
    package var lastLine: Line?

    /// The comment is about lines that only the old side has.
    package var isOldSide: Bool { line.new == nil && line.old != nil }
    package var startLineNumber: Int? { isOldSide ? firstLine?.old ?? line.old : firstLine?.new ?? line.new }
    package var endLineNumber: Int? { isOldSide ? line.old : line.new }
}
