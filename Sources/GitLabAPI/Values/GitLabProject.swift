/// A project, with what matters to clone it, push to it and show it.
package struct GitLabProject: Sendable, Hashable, Decodable {
    package var id: Int64
    /// `group/sub/project`
    package var path: String
    package var name: String
    /// Nil in an empty repository.
    package var defaultBranch: String?
    package var webURL: String
    package var httpURL: String?
    package var sshURL: String?
    /// `private`, `internal` or `public`; as hidden as can be when GitLab does not say.
    package var visibility: String
    package var isArchived: Bool
    package var isEmpty: Bool
    /// `disabled`, `private` or `enabled`.
    package var mergeRequestsAccess: String?
    /// The older form of the same.
    package var mergeRequestsEnabled: Bool?
    package var issuesAccess: String?
    package var removesSourceBranch: Bool?
    /// Where its pipeline is defined: a path, a URL, or `file@group/project`; nil or empty for the usual file.
    package var pipelinePath: String?
    /// The token user's own rights, without those through invited groups.
    package var permissions: Permissions?

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        path = try fields.require("path_with_namespace")
        name = fields.read("name") ?? ""
        defaultBranch = fields.read("default_branch")
        webURL = fields.read("web_url") ?? ""
        httpURL = fields.read("http_url_to_repo")
        sshURL = fields.read("ssh_url_to_repo")
        visibility = fields.read("visibility") ?? "private"
        isArchived = fields.read("archived") ?? false
        isEmpty = fields.read("empty_repo") ?? false
        mergeRequestsAccess = fields.read("merge_requests_access_level")
        mergeRequestsEnabled = fields.read("merge_requests_enabled")
        issuesAccess = fields.read("issues_access_level")
        pipelinePath = fields.read("ci_config_path")
        removesSourceBranch = fields.read("remove_source_branch_after_merge")
        permissions = fields.read("permissions")
    }

    package var isPrivate: Bool { visibility == "private" }
    package var acceptsMergeRequests: Bool {
        mergeRequestsAccess.map { $0 != "disabled" } ?? mergeRequestsEnabled ?? true
    }

    package struct Permissions: Sendable, Hashable, Decodable {
        package var projectAccess: Int?
        package var groupAccess: Int?

        package var highest: Int { max(projectAccess ?? 0, groupAccess ?? 0) }

        package init(from decoder: any Decoder) throws {
            let fields = try Fields(decoder)
            projectAccess = fields.read("project_access", as: Access.self)?.level
            groupAccess = fields.read("group_access", as: Access.self)?.level
        }

        private struct Access: Decodable {
            let level: Int
            init(from decoder: any Decoder) throws { level = try Fields(decoder).require("access_level") }
        }
    }
}
