/// A merge request.
package struct GitLabMergeRequest: Sendable, Hashable, Decodable {
    package var id: Int64
    package var iid: Int64
    /// The target project, where the merge request is.
    package var projectID: Int64
    package var title: String
    package var description: String
    /// `opened`, `closed`, `merged` or `locked`.
    package var state: String
    package var sourceBranch: String
    package var targetBranch: String
    package var sourceProjectID: Int64?
    package var targetProjectID: Int64?
    package var headSHA: String?
    package var isDraft: Bool?
    /// The older name of draft.
    package var isWorkInProgress: Bool?
    package var author: GitLabUser?
    package var assignees: [GitLabUser]
    package var reviewers: [GitLabUser]
    package var labels: [String]
    package var webURL: String
    package var detailedMergeStatus: String?
    package var diffRefs: GitLabDiffRefs?
    package var preparedAt: GitLabTime?
    /// A fork's author lets members of the target project push.
    package var allowsCollaboration: Bool
    package var headPipeline: GitLabPipeline?
    /// People's comments. Every GitLab tells it; nil is a sign of a server that tells less.
    package var commentCount: Int?
    package var createdAt: GitLabTime?
    package var updatedAt: GitLabTime?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        iid = try fields.require("iid")
        projectID = try fields.require("project_id")
        title = fields.read("title") ?? ""
        description = fields.read("description") ?? ""
        state = fields.read("state") ?? "unknown"
        sourceBranch = try fields.require("source_branch")
        targetBranch = try fields.require("target_branch")
        sourceProjectID = fields.read("source_project_id")
        targetProjectID = fields.read("target_project_id")
        headSHA = fields.read("sha")
        isDraft = fields.read("draft")
        isWorkInProgress = fields.read("work_in_progress")
        author = fields.read("author")
        assignees = fields.list("assignees")
        reviewers = fields.list("reviewers")
        labels = fields.list("labels")
        webURL = fields.read("web_url") ?? ""
        detailedMergeStatus = fields.read("detailed_merge_status")
        diffRefs = fields.read("diff_refs")
        preparedAt = fields.read("prepared_at")
        allowsCollaboration = fields.read("allow_collaboration") ?? false
        headPipeline = fields.read("head_pipeline")
        commentCount = fields.read("user_notes_count")
        createdAt = fields.read("created_at")
        updatedAt = fields.read("updated_at")
    }

    package var isFromFork: Bool { sourceProjectID == nil || sourceProjectID != targetProjectID }
    package var isOpen: Bool { state == "opened" }
    package var isMarkedDraft: Bool { isDraft ?? isWorkInProgress ?? false }
}
