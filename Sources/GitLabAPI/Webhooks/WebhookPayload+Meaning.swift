import Crypto
import Foundation

extension WebhookPayload {
    /// Project, kind, object, action and time, and whatever else tells two events of the same second apart.
    func makeMeaning(updatedAt: String?) -> String? {
        let parts: [String?]
        switch event {
        case .note(let note):
            guard updatedAt != nil else { return nil }
            parts = ["note", "\(note.id)", note.action.rawValue, updatedAt]
        case .issue(let event):
            guard let id = event.issue.id, updatedAt != nil else { return nil }
            parts = [
                "issue", "\(id)", event.action?.rawValue, updatedAt, Self.key(event.assigneesChange),
                Self.key(event.labelsChange),
            ]
        case .mergeRequest(let event):
            guard let id = event.mergeRequest.id, updatedAt != nil else { return nil }
            parts = [
                "merge_request", "\(id)", event.action?.rawValue, updatedAt, event.mergeRequest.headSHA,
                Self.key(event.reviewersChange), Self.key(event.assigneesChange), Self.key(event.labelsChange),
            ]
        case .pipeline(let event):
            parts = ["pipeline", "\(event.id)", event.status]
        case .job(let event):
            parts = ["job", "\(event.id)", event.status]
        case .push(let event):
            parts = ["push", event.ref, event.before, event.after]
        case .emoji(let event):
            guard let id = event.id else { return nil }
            parts = ["emoji", "\(id)", event.action?.rawValue]
        case .tokenExpiring(let event):
            guard let id = event.tokenID else { return nil }
            parts = ["token", "\(id)", updatedAt]
        case .other, .incomplete:
            return nil
        }
        guard !contradictsItself else { return nil }
        let owner = projectID.map(String.init) ?? "-"
        let meaning = ([owner] + parts.map { $0 ?? "-" }).joined(separator: ":")
        guard meaning.utf8.count > 300 else { return meaning }
        let digest = SHA256.hash(data: Data(meaning.utf8)).prefix(16).map { String($0, radix: 16) }.joined(separator: ".")
        return "\(owner):\(parts[0] ?? "-"):\(digest)"
    }

    private static func key(_ change: WebhookPeopleChange?) -> String? {
        guard let change else { return nil }
        func ids(_ users: [WebhookUser]) -> String {
            users.map { "\($0.id.map(String.init) ?? $0.username ?? "?")\($0.isReRequested ? "!" : "")" }
                .sorted().joined(separator: ",")
        }
        return "\(ids(change.previous))>\(ids(change.current))"
    }

    private static func key(_ change: WebhookLabelsChange?) -> String? {
        guard let change else { return nil }
        return "\(change.previous.sorted().joined(separator: ","))>\(change.current.sorted().joined(separator: ","))"
    }
}
