import Foundation

extension GitLabWorld {
    static let zeroes = String(repeating: "0", count: 40)

    /// Compares the branches with what was last seen, after a push or a commit through the API: merge requests get their new
    /// heads, push events go out, pipelines start.
    func refsChanged(in projectID: Int, by userID: Int) async throws {
        let repository = repository(of: projectID)
        let current = try await repository.branches()
        guard let before = projects[projectID]?.refs, before != current else { return }
        projects[projectID]?.refs = current
        if projects[projectID]?.defaultBranch == nil, let first = current.keys.sorted().first(where: { $0.hasPrefix("refs/heads/") }) {
            projects[projectID]?.defaultBranch = String(first.dropFirst("refs/heads/".count))
        }
        let changed = Set(before.keys).union(current.keys).filter { before[$0] != current[$0] }.sorted()
        for ref in changed {
            let old = before[ref] ?? Self.zeroes
            let new = current[ref] ?? Self.zeroes
            var wasForced = false
            if old != Self.zeroes, new != Self.zeroes { wasForced = !(await repository.isAncestor(old, of: new)) }
            notePush(
                SeenPush(
                    projectID: projectID, ref: ref, before: old, after: new, actor: users[userID]?.username ?? "",
                    wasForced: wasForced))
            // A push that touches more than three branches sends no push hooks at all.
            if changed.count <= 3 { try await emitPush(projectID, ref: ref, before: old, after: new, by: userID) }
            guard ref.hasPrefix("refs/heads/") else { continue }
            let branch = String(ref.dropFirst("refs/heads/".count))
            try await moveMergeRequests(projectID, branch: branch, to: new, from: old, by: userID)
            if new != Self.zeroes, projects[projectID]?.startsPipelines == true {
                startPipeline(in: projectID, ref: branch, sha: new, by: userID)
            }
        }
    }

    private func moveMergeRequests(_ projectID: Int, branch: String, to head: String, from old: String, by userID: Int) async throws {
        let open = mergeRequests.values.filter {
            $0.sourceProjectID == projectID && $0.sourceBranch == branch && $0.state == .opened
        }
        for found in open.sorted(by: { $0.id < $1.id }) where head != Self.zeroes {
            let repository = repository(of: found.projectID)
            if found.projectID != projectID {
                try await repository.run(
                    ["fetch", "--quiet", "--no-tags", self.repository(of: projectID).path, "refs/heads/\(branch)"])
            }
            let start = await repository.commit("refs/heads/\(found.targetBranch)") ?? found.versions.last?.start ?? head
            let base = await repository.mergeBase(start, head) ?? start
            await remember(head, in: found.projectID)
            try await repository.update("refs/merge-requests/\(found.iid)/head", to: head)
            let date = now()
            mergeRequests[found.id]?.versions.append(
                Version(id: nextID(.version), base: base, start: start, head: head, createdAt: date))
            mergeRequests[found.id]?.updatedAt = date
            if let text = try await Self.addedCommits(repository, from: old, to: head) { systemNote(text, .mergeRequest(found.id), by: userID) }
            if let after = mergeRequests[found.id] {
                emitMergeRequest(after, action: "update", changes: [:], by: userID, oldRevision: old)
            }
        }
    }

    /// As GitLab writes it down; nil when a push only took commits away, of which GitLab says nothing.
    private static func addedCommits(_ repository: BareRepository, from old: String, to head: String) async throws -> String? {
        let isKnown = old != zeroes ? await repository.commit(old) != nil : false
        let commits = try await repository.log(isKnown ? [head, "^\(old)"] : [head], limit: 100)
        guard !commits.isEmpty else { return nil }
        let items = commits.reversed().map { "<li>\($0.id.prefix(8)) - \($0.title.replacing("&", with: "&amp;").replacing("<", with: "&lt;"))</li>" }
        return "added \(commits.count) commit\(commits.count == 1 ? "" : "s")\n\n<ul>\(items.joined())</ul>\n\n[Compare with previous version](diffs)"
    }
}
