import Domain
import GitLabAPI

/// What people with a say made of the bot's findings: in words, or with a thumb.
struct FindingOpinions {
    let client: GitLabClient
    let target: NoteTarget
    let botID: Int64
    var people: PermittedPeople
    /// Reactions are asked for one comment at a time.
    private var looks = 0
    private static let mostLooks = 60

    init(client: GitLabClient, target: NoteTarget, botID: Int64, people: PermittedPeople) {
        (self.client, self.target, self.botID, self.people) = (client, target, botID, people)
    }

    /// What permitted people answered in a thread of the bot's, oldest first.
    mutating func replies(in discussion: GitLabDiscussion) async throws -> [GitLabNote] {
        var replies: [GitLabNote] = []
        for note in discussion.notes.dropFirst() where !note.isSystem {
            if let id = note.author?.id, id != botID, try await people.contains(id) { replies.append(note) }
        }
        return replies
    }

    mutating func isWavedOff(_ discussion: GitLabDiscussion) async throws -> Bool {
        guard discussion.notes.dropFirst().contains(where: { Rejection.isMeant(by: $0.body) }) else { return false }
        return try await replies(in: discussion).contains { Rejection.isMeant(by: $0.body) }
    }

    mutating func hasThumbDown(_ note: GitLabNote) async throws -> Bool {
        guard looks < Self.mostLooks else { return false }
        looks += 1
        for award in try await client.awards(on: target, note: note.id) where award.name.hasPrefix("thumbsdown") {
            if let id = award.user?.id, id != botID, try await people.contains(id) { return true }
        }
        return false
    }
}
