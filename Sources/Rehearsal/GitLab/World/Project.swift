package import Foundation

extension GitLabWorld {
    package struct Project: Sendable {
        package let id: Int
        package var name: String
        package var path: String
        package var namespacePath: String
        package var namespaceID: Int?
        package var description: String?
        package var visibility: Visibility
        package var isArchived = false
        package var defaultBranch: String?
        package let creatorID: Int
        package var forkedFrom: Int?
        package let createdAt: Date
        package var members: [Int: Member] = [:]
        package var protections: [Protection] = []
        package var labels: [Label] = []
        package var nextIssueIID = 1
        package var nextMergeRequestIID = 1
        package var nextPipelineIID = 1
        /// What the branches pointed at when events were last made of it.
        package var refs: [String: String] = [:]
        package var settings: [String: GitLabJSON] = [
            "merge_method": "merge", "squash_option": "default_off", "remove_source_branch_after_merge": true,
            "only_allow_merge_if_pipeline_succeeds": false, "issues_enabled": true, "merge_requests_enabled": true,
            "jobs_enabled": true, "only_allow_merge_if_all_discussions_are_resolved": false,
            "merge_requests_template": nil, "issues_template": nil, "ci_config_path": nil,
            "autoclose_referenced_issues": true, "lfs_enabled": false, "shared_runners_enabled": true,
        ]
        /// Whether a push starts a pipeline by itself.
        package var startsPipelines = false

        package var fullPath: String { "\(namespacePath)/\(path)" }
    }

    package struct Protection: Sendable {
        package let id: Int
        /// A name or a pattern with `*`.
        package let name: String
        package var pushLevel: AccessLevel
        package var mergeLevel: AccessLevel
        package var allowsForcePush = false

        func covers(_ branch: String) -> Bool { Wildcard.matches(branch, pattern: name) }
    }

    package struct Label: Sendable {
        package let id: Int
        package var name: String
        package var color: String
        package var description: String?
        package let createdAt: Date
    }
}

/// `*` stands for any text, slashes included, as in protected branch names.
enum Wildcard {
    static func matches(_ text: String, pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return text == pattern }
        guard text.hasPrefix(first), text.hasSuffix(last), text.count >= first.count + last.count else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
