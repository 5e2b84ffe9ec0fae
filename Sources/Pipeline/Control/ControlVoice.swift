import Domain
import GitLabAPI

/// Short answers to control commands, in the thread where they were given; each once.
struct ControlVoice {
    let run: TaskRun
    let origin: GitLabOrigin
    let gitLab: GitLabAccess

    private var target: NoteTarget {
        switch origin.subject {
        case .issue(let iid): .issue(projectID: origin.projectID, iid: iid)
        case .mergeRequest(let iid): .mergeRequest(projectID: origin.projectID, iid: iid)
        }
    }

    func say(_ text: Markdown) async throws {
        let marker = Markdown.marker("reply", run.task.id.rawValue)
        try await run.steps.step("reply") {
            let bot = try await gitLab.bot()
            let said = try await gitLab.client.notes(on: target, limit: 100, newestFirst: true)
            if said.contains(where: { $0.author?.id == bot.id && $0.body.contains(marker.text) }) { return true }
            _ = try await gitLab.client.createNote(
                on: target, OutgoingText("\(text)\n\n\(marker)"), isInternal: origin.isConfidential)
            return true
        }
    }

    /// Whether the command's comment stands in the same thread as another one.
    func isReply(to note: Int64) async throws -> Bool {
        guard let id = origin.discussionID, let thread = try await gitLab.client.discussion(id: id, on: target) else { return false }
        return thread.notes.contains { $0.id == note }
    }

    func react(_ emoji: String) async throws {
        try await gitLab.client.award(emoji, on: target, note: origin.noteID)
    }
}
