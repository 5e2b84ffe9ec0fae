import Domain
import GitLabAPI

extension GitLabDesk {
    /// What a thread holds. Where the whole thread is what is asked for, the words of people who may not command are none of it:
    /// anybody can answer in a public project's thread.
    func spoken(in thread: GitLabDiscussion) async throws -> [GitLabNote] {
        guard origin.trigger == .thread else { return thread.notes }
        let bot = try await gitLab.bot()
        var people = PermittedPeople(gitLab: gitLab, projectID: project.id, now: run.parts.now())
        var notes: [GitLabNote] = []
        for note in thread.notes {
            guard let id = note.author?.id else { continue }
            var isHeard = id == bot.id
            if !isHeard { isHeard = try await people.contains(id) }
            if isHeard { notes.append(note) }
        }
        return notes
    }
}
