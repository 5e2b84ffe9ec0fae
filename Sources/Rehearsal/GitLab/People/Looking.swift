/// What tests and the demo look at.
extension GitLabWorld {
    package func branches(of project: String) async throws -> [String: String] {
        let refs = try await repository(of: try known(project).id).branches()
        return Dictionary(
            refs.compactMap { ref, commit in
                ref.hasPrefix("refs/heads/") ? (String(ref.dropFirst("refs/heads/".count)), commit) : nil
            }
        ) { $1 }
    }

    /// A file's text on a branch, nil when there is none.
    package func file(_ path: String, on branch: String, of project: String) async throws -> String? {
        let repository = repository(of: try known(project).id)
        guard let commit = await repository.commit("refs/heads/\(branch)"),
            let entry = try await repository.entry(at: path, of: commit)
        else { return nil }
        return String(decoding: try await repository.blob(entry.hash), as: UTF8.self)
    }

    /// Full commit messages of a branch, newest first.
    package func commitMessages(on branch: String, of project: String) async throws -> [String] {
        let repository = repository(of: try known(project).id)
        guard let commit = await repository.commit("refs/heads/\(branch)") else { return [] }
        return try await repository.log([commit]).map(\.message)
    }

    /// The parents of a branch's newest commit, the first one first.
    package func parents(on branch: String, of project: String) async throws -> [String] {
        let repository = repository(of: try known(project).id)
        guard let commit = await repository.commit("refs/heads/\(branch)") else { return [] }
        return try await repository.record(of: commit)?.parents ?? []
    }

    /// Whether a thread is resolved, by one of its comments.
    package func isResolved(threadOf note: Int) -> Bool {
        guard let thread = notes[note]?.discussionID else { return false }
        let resolvable = notes.values.filter { $0.discussionID == thread && $0.isResolvable }
        return !resolvable.isEmpty && resolvable.allSatisfy(\.isResolved)
    }

    /// The text of a merge request's diff.
    package func diff(ofMergeRequest iid: Int, of project: String) async throws -> String {
        let found = try knownMergeRequest(project, iid)
        guard let version = found.versions.last else { return "" }
        return try await repository(of: found.projectID).text(["diff", version.base, version.head])
    }

    package func comments(on place: Place, withSystem: Bool = false) throws -> [Note] {
        notes(on: try noteable(at: place)).filter { withSystem || !$0.isSystem }
    }

    package func mergeRequests(of project: String) throws -> [MergeRequest] {
        let id = try known(project).id
        return mergeRequests.values.filter { $0.projectID == id }.sorted { $0.iid < $1.iid }
    }

    package func issue(_ iid: Int, of project: String) throws -> Issue { try knownIssue(project, iid) }
    package func mergeRequest(_ iid: Int, of project: String) throws -> MergeRequest { try knownMergeRequest(project, iid) }

    package func awards(on note: Int) -> [Award] {
        awards.values.filter { $0.target == .note(note) }.sorted { $0.id < $1.id }
    }

    package func awards(on place: Place) throws -> [Award] {
        let target = Award.Target.noteable(try noteable(at: place))
        return awards.values.filter { $0.target == target }.sorted { $0.id < $1.id }
    }

    package func username(ofUser id: Int) -> String { users[id]?.username ?? "" }

    /// Where a clone comes from.
    package func cloneURL(of project: String) throws -> String { "\(projectURL(try known(project))).git" }
}
