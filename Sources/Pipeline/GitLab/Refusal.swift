import Domain
import GitLabAPI

/// The one polite answer to somebody who may not command the bot; none in public projects, where anybody can write, and none
/// where the bot does not belong.
struct Refusal {
    let gitLab: GitLabAccess
    let origin: GitLabOrigin
    let project: GitLabProject
    /// `AccessCheck.Verdict`'s.
    var reason = "role_too_low"

    private static let silent: Set<String> = ["project_not_allowed", "project_not_visible", "bot_not_a_member"]

    func sayOnce() async throws {
        guard project.visibility != "public", !Self.silent.contains(reason) else { return }
        let target: NoteTarget =
            switch origin.subject {
            case .issue(let iid): .issue(projectID: origin.projectID, iid: iid)
            case .mergeRequest(let iid): .mergeRequest(projectID: origin.projectID, iid: iid)
            }
        let marker = Markdown.marker("refused", "\(origin.requester.id)")
        let bot = try await gitLab.bot()
        let said = try await gitLab.client.notes(on: target, limit: 300, newestFirst: true)
        guard !said.contains(where: { $0.author?.id == bot.id && $0.body.contains(marker.text) }) else { return }
        let person = Markdown.mention(origin.requester.username)
        let text: Markdown =
            reason == "bot_role_too_low"
            ? "\(marker)\n\(person), the bot's own account needs the role Developer in this project before it can work here. A Maintainer can give it."
            : "\(marker)\n\(person), your role in this project does not allow commands to the bot."
        _ = try await gitLab.client.createNote(on: target, OutgoingText(text), isInternal: origin.isConfidential)
    }

    /// What the task ends with.
    var failure: TaskFailure {
        switch reason {
        case "project_not_allowed", "project_not_visible":
            TaskFailure(.configuration, "The bot does not work in \(project.path): PROJECTS does not name it, nor a group that it is in.")
        case "bot_not_a_member", "bot_role_too_low":
            TaskFailure(
                .configuration, "The bot's account has not the role Developer in \(project.path). Make it a member with that role, and ask again.")
        default:
            TaskFailure(
                .authentication, "@\(origin.requester.username) may not give commands to the bot in \(project.path); that takes a higher role there.")
        }
    }
}
