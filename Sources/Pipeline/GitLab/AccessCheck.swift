import Domain
import Foundation
import GitLabAPI

/// Whether a person may command the bot in a project: asked of GitLab by number, never read from a payload. On doubt, no.
struct AccessCheck {
    let gitLab: GitLabAccess
    let now: Date

    enum Verdict: Sendable, Hashable {
        case allowed(level: Int)
        /// In snake case, for the audit.
        case refused(reason: String)

        var isAllowed: Bool { if case .allowed = self { true } else { false } }
        var refusal: String? { if case .refused(let reason) = self { reason } else { nil } }
    }

    /// The least role of the bot's own account: with less it could not push its branches.
    static let ownLevel = 30

    /// - Throws: `GitLabFailure` when GitLab can't be asked: then nothing is done, now.
    func check(_ person: GitLabOrigin.Person, inProject projectID: Int64) async throws -> Verdict {
        guard person.id > 0 else { return .refused(reason: "unknown_person") }
        let bot = try await gitLab.bot()
        guard person.id != bot.id else { return .refused(reason: "own_action") }
        // A stranger has every role in a project of his own: what counts first is whether the bot belongs there.
        if let refusal = try await place(projectID).refusal { return .refused(reason: refusal) }
        guard let member = try await gitLab.client.member(userID: person.id, ofProject: projectID) else {
            return .refused(reason: "not_a_member")
        }
        guard member.reaches(gitLab.minAccessLevel, at: GitLabTime(now)) else {
            return .refused(reason: "role_too_low")
        }
        // Payloads don't tell; project and group tokens have accounts like people.
        guard let user = try await gitLab.client.user(id: person.id), !user.isBot else {
            return .refused(reason: "bot")
        }
        return .allowed(level: member.accessLevel)
    }

    /// Whether the bot works in the project at all: it is one of PROJECTS, and the bot's own account is a member that may push.
    func place(_ projectID: Int64) async throws -> Verdict {
        if !gitLab.projects.isEmpty {
            guard let path = try await project(projectID)?.path else { return .refused(reason: "project_not_visible") }
            guard gitLab.projects.allows(path: path) else { return .refused(reason: "project_not_allowed") }
        }
        guard let member = try await gitLab.client.member(userID: gitLab.bot().id, ofProject: projectID) else {
            // Not every way into a project is listed; the project tells the token's rights, on servers that tell them at all.
            guard let project = try await project(projectID) else { return .refused(reason: "bot_not_a_member") }
            guard let permissions = project.permissions else { return .allowed(level: Self.ownLevel) }
            guard permissions.highest > 0 else { return .refused(reason: "bot_not_a_member") }
            return permissions.highest < Self.ownLevel ? .refused(reason: "bot_role_too_low") : .allowed(level: permissions.highest)
        }
        guard member.reaches(Self.ownLevel, at: GitLabTime(now)) else { return .refused(reason: "bot_role_too_low") }
        return .allowed(level: member.accessLevel)
    }

    /// As GitLab has it now; what a payload or a to-do calls the project plays no part.
    private func project(_ id: Int64) async throws -> GitLabProject? {
        do {
            return try await gitLab.client.project(id: id)
        } catch {
            guard error.reason == .notFound || error.reason == .forbidden else { throw error }
            return nil
        }
    }
}
