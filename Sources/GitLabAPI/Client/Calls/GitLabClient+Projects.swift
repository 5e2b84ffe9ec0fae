extension GitLabClient {
    package func project(_ project: ProjectReference) async throws(GitLabFailure) -> GitLabProject {
        try await value(GitLabCall(.get, ["projects", project.part], to: "read the project"))
    }

    package func project(id: Int64) async throws(GitLabFailure) -> GitLabProject { try await project(.id(id)) }

    package func group(_ path: String) async throws(GitLabFailure) -> GitLabGroup {
        try await value(
            GitLabCall(.get, ["groups", .name(path)], query: [("with_projects", "false")], to: "read the group"))
    }

    /// The group's projects and those of its sub-groups.
    package func projects(inGroup path: String, limit: Int = 10_000) async throws(GitLabFailure) -> [GitLabProject] {
        try await list(
            GitLabCall(
                .get, ["groups", .name(path), "projects"], query: [("include_subgroups", "true"), ("archived", "false")],
                to: "list the group's projects"), limit: limit)
    }

    /// The effective membership, inherited ones included; nil for who is no member.
    package func member(userID: Int64, ofProject projectID: Int64) async throws(GitLabFailure) -> GitLabMember? {
        try await valueIfThere(
            GitLabCall(
                .get, ["projects", .number(projectID), "members", "all", .number(userID)], to: "look up a member"))
    }

    package func member(userID: Int64, ofGroup path: String) async throws(GitLabFailure) -> GitLabMember? {
        try await valueIfThere(
            GitLabCall(.get, ["groups", .name(path), "members", "all", .number(userID)], to: "look up a member"))
    }

    package func members(ofProject projectID: Int64, limit: Int = 1_000) async throws(GitLabFailure) -> [GitLabMember] {
        try await list(
            GitLabCall(.get, ["projects", .number(projectID), "members", "all"], to: "list the members"), limit: limit)
    }

    package func labels(projectID: Int64) async throws(GitLabFailure) -> [GitLabLabel] {
        try await list(GitLabCall(.get, ["projects", .number(projectID), "labels"], to: "list the labels"), limit: 2_000)
    }

    /// Nil where the edition has none, none are set, or the bot may not see them.
    package func pushRules(projectID: Int64) async throws(GitLabFailure) -> GitLabPushRules? {
        do {
            return try await valueIfThere(
                GitLabCall(.get, ["projects", .number(projectID), "push_rule"], to: "read the push rules"))
        } catch {
            // Without any rules GitLab answers `null`, and 403 without the licence.
            guard error.reason == .forbidden || error.reason == .unreadable else { throw error }
            return nil
        }
    }
}
