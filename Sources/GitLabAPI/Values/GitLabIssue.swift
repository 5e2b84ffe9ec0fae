/// An issue, or a task or incident, which the API treats the same.
package struct GitLabIssue: Sendable, Hashable, Decodable {
    package var id: Int64
    package var iid: Int64
    package var projectID: Int64
    package var title: String
    package var description: String
    /// `opened` or `closed`.
    package var state: String
    package var labels: [String]
    package var author: GitLabUser?
    package var assignees: [GitLabUser]
    /// True where GitLab does not say.
    package var isConfidential: Bool
    package var webURL: String
    package var createdAt: GitLabTime?
    package var updatedAt: GitLabTime?
    package var typeName: String?
    /// People's comments. Every GitLab tells it; nil is a sign of a server that tells less.
    package var commentCount: Int?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        iid = try fields.require("iid")
        projectID = try fields.require("project_id")
        title = fields.read("title") ?? ""
        description = fields.read("description") ?? ""
        state = fields.read("state") ?? "unknown"
        labels = fields.list("labels")
        author = fields.read("author")
        assignees = fields.list("assignees")
        isConfidential = fields.read("confidential") ?? true
        webURL = fields.read("web_url") ?? ""
        createdAt = fields.read("created_at")
        updatedAt = fields.read("updated_at")
        typeName = fields.read("issue_type")
        commentCount = fields.read("user_notes_count")
    }
}
