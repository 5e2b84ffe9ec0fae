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
            let body = OutgoingText("\(text)\n\n\(marker)")
            if let thread = try await thread() {
                do {
                    _ = try await gitLab.client.reply(to: thread, on: target, body)
                    return true
                } catch let failure as GitLabFailure where failure.reason == .notFound {
                    // Somebody deleted the thread meanwhile.
                }
            }
            _ = try await gitLab.client.createNote(on: target, body, isInternal: origin.isConfidential)
            return true
        }
    }

    /// Where the command was given, when that is a thread: a single comment stays one.
    private func thread() async throws -> String? {
        guard let id = origin.discussionID, let thread = try await gitLab.client.discussion(id: id, on: target), !thread.isSingleNote
        else { return nil }
        return id
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
