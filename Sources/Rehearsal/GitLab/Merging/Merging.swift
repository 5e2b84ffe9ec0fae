import Foundation

extension GitLabWorld {
    /// Merges, with a real merge commit (or fast forward where that is the project's way).
    func merge(_ id: Int, by userID: Int, squash: Bool?, removesSource: Bool?, sha: String?) async throws -> MergeRequest {
        guard let found = mergeRequests[id], let project = projects[found.projectID], let person = users[userID] else {
            throw Refusal.notFound
        }
        guard canMerge(found, project, userID) else { throw Refusal.message(401, "401 Unauthorized") }
        guard found.state == .opened, !found.isDraft else { throw Refusal.message(405, "405 Method Not Allowed") }
        let head = found.versions.last?.head ?? ""
        if let sha, sha != head {
            throw Refusal.message(409, "SHA does not match HEAD of source branch: \(head)")
        }
        if await hasConflicts(found) { throw Refusal.message(422, "Branch cannot be merged") }
        let repository = repository(of: project.id)
        let start = await repository.commit("refs/heads/\(found.targetBranch)") ?? head
        let tree = try await repository.line(["merge-tree", "--write-tree", start, head])
        let message =
            squash == true
            ? found.title
            : "Merge branch '\(found.sourceBranch)' into '\(found.targetBranch)'\n\n\(found.title)\n\nSee merge request \(project.fullPath)!\(found.iid)"
        let parents = squash == true ? ["-p", start] : ["-p", start, "-p", head]
        let output = try await repository.run(
            ["commit-tree", tree] + parents, input: Array(message.utf8), identity: (person.name, person.email))
        let commit = String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        try await repository.update("refs/heads/\(found.targetBranch)", to: commit)
        let date = now()
        mergeRequests[id]?.state = .merged
        mergeRequests[id]?.mergedAt = date
        mergeRequests[id]?.updatedAt = date
        mergeRequests[id]?.mergeUserID = userID
        mergeRequests[id]?.mergeCommit = commit
        systemNote("merged", .mergeRequest(id), by: userID)
        finishTodos(of: .mergeRequest(id))
        if removesSource ?? found.removesSourceBranch {
            try? await self.repository(of: found.sourceProjectID).delete("refs/heads/\(found.sourceBranch)")
        }
        try await refsChanged(in: project.id, by: userID)
        if found.sourceProjectID != project.id { try await refsChanged(in: found.sourceProjectID, by: userID) }
        guard let after = mergeRequests[id] else { throw Refusal.notFound }
        emitMergeRequest(after, action: "merge", changes: [:], by: userID)
        if found.targetBranch == project.defaultBranch {
            for issue in issuesClosed(by: found) {
                var change = IssueChange()
                change.isClosed = true
                try update(issue: issue.id, change, by: userID)
            }
        }
        return after
    }

    func canMerge(_ found: MergeRequest, _ project: Project, _ userID: Int) -> Bool {
        let role = level(of: userID, in: project)
        if let rule = project.protections.first(where: { $0.covers(found.targetBranch) }) {
            return rule.mergeLevel > .none && role >= rule.mergeLevel
        }
        return role >= .developer
    }

    func hasConflicts(_ found: MergeRequest) async -> Bool {
        guard found.state == .opened, let head = found.versions.last?.head else { return false }
        let repository = repository(of: found.projectID)
        guard let start = await repository.commit("refs/heads/\(found.targetBranch)") else { return true }
        return (try? await repository.run(["merge-tree", "--write-tree", start, head])) == nil
    }

    /// The issues that the description's closing words name.
    func issuesClosed(by found: MergeRequest) -> [Issue] {
        let words = #/(?i)\b(?:clos(?:e|es|ed|ing)|fix(?:es|ed|ing)?|resolv(?:e|es|ed|ing)|implement(?:s|ed|ing)?):?\s+(?<list>#\d+(?:(?:,|\s+and)?\s*#\d+)*)/#
        var iids: Set<Int> = []
        for match in found.description.matches(of: words) {
            for number in match.output.list.matches(of: #/#(\d+)/#) {
                if let iid = Int(number.output.1) { iids.insert(iid) }
            }
        }
        return issues.values.filter { $0.projectID == found.projectID && iids.contains($0.iid) }.sorted { $0.iid < $1.iid }
    }

    func mergeRequestsClosing(_ issue: Issue) -> [MergeRequest] {
        mergeRequests.values.filter { found in
            found.projectID == issue.projectID && issuesClosed(by: found).contains { $0.id == issue.id }
        }.sorted { $0.iid < $1.iid }
    }

    /// Merge requests that name the issue anywhere.
    /// As GitLab does, those of other projects too that name the issue with its project's path.
    func mergeRequestsMentioning(_ issue: Issue) -> [MergeRequest] {
        mergeRequests.values.filter { found in
            let path = found.projectID == issue.projectID ? "" : projects[issue.projectID]?.fullPath ?? "?"
            let texts = [found.title, found.description] + notes(on: .mergeRequest(found.id)).map(\.body)
            return texts.contains { text in
                text.ranges(of: "\(path)#\(issue.iid)").contains { range in
                    range.upperBound == text.endIndex || !text[range.upperBound].isNumber
                }
            }
        }.sorted { ($0.projectID, $0.iid) < ($1.projectID, $1.iid) }
    }
}
