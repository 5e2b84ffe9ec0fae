package import Foundation

/// A comment.
package struct GitLabNote: Sendable, Hashable, Decodable {
    package var id: Int64
    package var body: String
    package var author: GitLabUser?
    /// A line of history that GitLab wrote.
    package var isSystem: Bool
    package var isInternal: Bool
    package var type: String?
    package var createdAt: GitLabTime?
    package var updatedAt: GitLabTime?
    package var isResolvable: Bool
    package var isResolved: Bool
    package var resolvedBy: GitLabUser?
    package var position: GitLabDiffPosition?
    /// The older name of internal.
    package var isConfidential: Bool

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        body = fields.read("body") ?? ""
        author = fields.read("author")
        isSystem = fields.read("system") ?? false
        isInternal = fields.read("internal") ?? false
        type = fields.read("type")
        createdAt = fields.read("created_at")
        updatedAt = fields.read("updated_at")
        isResolvable = fields.read("resolvable") ?? false
        isResolved = fields.read("resolved") ?? false
        resolvedBy = fields.read("resolved_by")
        position = fields.read("position")
        isConfidential = fields.read("confidential") ?? false
    }

    /// Whether its words may have been changed later than that. GitLab moves the same time when a thread is resolved: on doubt, yes.
    package func isEdited(since date: Date?) -> Bool {
        guard let date, let updated = updatedAt?.date else { return true }
        return updated.timeIntervalSince(date) > 1
    }

    /// Hidden from those who see only the public part.
    package var isHidden: Bool { isInternal || isConfidential }
}
