import Domain
import Foundation

/// Whose word counts in a project; each person is asked of GitLab once.
struct PermittedPeople: Sendable {
    let gitLab: GitLabAccess
    let projectID: Int64
    let now: Date
    private var known: [Int64: Bool] = [:]

    init(gitLab: GitLabAccess, projectID: Int64, now: Date) {
        (self.gitLab, self.projectID, self.now) = (gitLab, projectID, now)
    }

    /// The bot itself is none of them.
    mutating func contains(_ id: Int64) async throws -> Bool {
        if let known = known[id] { return known }
        let verdict = try await AccessCheck(gitLab: gitLab, now: now).check(.init(id: id, username: "", name: ""), inProject: projectID)
        known[id] = verdict.isAllowed
        return verdict.isAllowed
    }
}
