import Domain
import GitLabAPI

/// The one polite answer to somebody who may not command the bot; none in public projects, where anybody can write.
struct Refusal {
    let gitLab: GitLabAccess
    let origin: GitLabOrigin
    let project: GitLabProject

    func sayOnce() async throws {
        guard project.visibility != "public" else { return }
        let target: NoteTarget =
            switch origin.subject {
            case .issue(let iid): .issue(projectID: origin.projectID, iid: iid)
            case .mergeRequest(let iid): .mergeRequest(projectID: origin.projectID, iid: iid)
            }
        let marker = Markdown.marker("refused", "\(origin.requester.id)")
        let bot = try await gitLab.bot()
        let said = try await gitLab.client.notes(on: target, limit: 300, newestFirst: true)
        guard !said.contains(where: { $0.author?.id == bot.id && $0.body.contains(marker.text) }) else { return }
        let text: Markdown = "\(marker)\n\(Markdown.mention(origin.requester.username)), your role in this project does not allow commands to the bot."
        _ = try await gitLab.client.createNote(on: target, OutgoingText(text), isInternal: origin.isConfidential)
    }
}
