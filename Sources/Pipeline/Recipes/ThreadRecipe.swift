import Domain
import GitLabAPI

/// One of several threads: as any `do`, but it has no note of its progress, so its thread is told when nothing came of it.
struct ThreadRecipe {
    let run: TaskRun

    func perform() async throws {
        do {
            try await ChangeRecipe(run: run).perform()
        } catch let failure as TaskFailure where [.code, .budget, .configuration].contains(failure.kind) && !failure.isTransient {
            guard let origin = run.task.gitLab, let gitLab = run.parts.gitLab else { throw failure }
            let target = NoteTarget.mergeRequest(projectID: origin.projectID, iid: origin.subject.iid)
            let marker = Markdown.marker("closing", run.task.id.rawValue)
            try await run.steps.step("note.failure") {
                let bot = try await gitLab.bot()
                let said = try await gitLab.client.notes(on: target, limit: 200, newestFirst: true)
                guard !said.contains(where: { $0.author?.id == bot.id && $0.body.contains(marker.text) }), let thread = origin.discussionID
                else { return true }
                let text: Markdown = "\(Markdown.mention(origin.requester.username)), I did not get this done: \(Markdown.literal(failure.message))"
                _ = try await gitLab.client.reply(to: thread, on: target, OutgoingText("\(text)\n\n\(marker)"))
                return true
            }
            throw failure
        }
    }
}
