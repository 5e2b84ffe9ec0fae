internal import Transport

extension GitLabClient {
    package func branch(_ name: String, projectID: Int64) async throws(GitLabFailure) -> GitLabBranch? {
        try await valueIfThere(GitLabCall(.get, Self.branches(projectID) + [.name(name)], to: "read the branch"))
    }

    package func branches(projectID: Int64, matching search: String, limit: Int = 1_000) async throws(GitLabFailure)
        -> [GitLabBranch]
    {
        try await list(
            GitLabCall(.get, Self.branches(projectID), query: [("search", search)], to: "list the branches"),
            limit: limit)
    }

    package func createBranch(_ name: String, from ref: String, projectID: Int64) async throws(GitLabFailure) -> GitLabBranch {
        try await value(
            GitLabCall(
                .post, Self.branches(projectID), body: ["branch": .text(name), "ref": .text(ref)],
                to: "create the branch"))
    }

    /// The newest commit that both have; nil when they have none in common.
    package func mergeBase(of first: String, _ second: String, projectID: Int64) async throws(GitLabFailure) -> GitLabCommit? {
        try await valueIfThere(
            GitLabCall(
                .get, ["projects", .number(projectID), "repository", "merge_base"], query: [("refs[]", first), ("refs[]", second)],
                to: "compare two branches"))
    }

    /// For the bot's own left-over branches. One that is gone already is success.
    package func deleteBranch(_ name: String, projectID: Int64) async throws(GitLabFailure) {
        try await delete(GitLabCall(.delete, Self.branches(projectID) + [.name(name)], to: "delete its branch"))
    }

    package func protectedBranches(projectID: Int64) async throws(GitLabFailure) -> [GitLabProtectedBranch] {
        try await list(
            GitLabCall(.get, ["projects", .number(projectID), "protected_branches"], to: "list the protected branches"),
            limit: 1_000)
    }

    /// The file's bytes at that ref; nil when it isn't there. A larger one is `.tooLarge`.
    package func file(
        _ path: String, at ref: String, projectID: Int64, limit: Int = 1 << 20
    ) async throws(GitLabFailure) -> [UInt8]? {
        do {
            return try await reply(
                to: GitLabCall(
                    .get, ["projects", .number(projectID), "repository", "files", .name(path), "raw"],
                    query: [("ref", ref)], to: "read a file", limit: limit)
            ).body
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
    }

    /// What is in a folder; empty when it isn't there.
    package func folder(
        _ path: String, at ref: String, projectID: Int64, limit: Int = 1_000
    ) async throws(GitLabFailure) -> [GitLabTreeEntry] {
        do {
            return try await list(
                GitLabCall(
                    .get, ["projects", .number(projectID), "repository", "tree"], query: [("path", path), ("ref", ref)],
                    to: "list a folder"), limit: limit)
        } catch {
            guard error.reason == .notFound else { throw error }
            return []
        }
    }

    /// The project's default description for merge requests, from its repository.
    package func mergeRequestTemplate(at ref: String, projectID: Int64) async throws(GitLabFailure) -> String? {
        let entries = try await folder(".gitlab/merge_request_templates", at: ref, projectID: projectID, limit: 200)
        guard let entry = entries.first(where: { $0.type == "blob" && $0.name.lowercased() == "default.md" }),
            let bytes = try await file(entry.path, at: ref, projectID: projectID, limit: 256 << 10)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func branches(_ projectID: Int64) -> [PathPart] {
        ["projects", .number(projectID), "repository", "branches"]
    }
}
