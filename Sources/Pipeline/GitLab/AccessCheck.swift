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
    }

    /// - Throws: `GitLabFailure` when GitLab can't be asked: then nothing is done, now.
    func check(_ person: GitLabOrigin.Person, inProject projectID: Int64) async throws -> Verdict {
        guard person.id > 0 else { return .refused(reason: "unknown_person") }
        let bot = try await gitLab.bot()
        guard person.id != bot.id else { return .refused(reason: "own_action") }
        guard let member = try await gitLab.client.member(userID: person.id, ofProject: projectID) else {
            return .refused(reason: "not_a_member")
        }
        guard member.reaches(gitLab.minAccessLevel, at: GitLabTime(now)) else {
            return .refused(reason: "role_too_low")
        }
        // Payloads don't tell; project and group tokens have accounts like people. Where profiles can't be read, names tell.
        let user = try await gitLab.client.user(id: person.id)
        guard !(user?.isBot ?? GitLabUser.isNameOfBot(member.username)) else {
            return .refused(reason: "bot")
        }
        return .allowed(level: member.accessLevel)
    }
}
