/// One delivery's body, read. Start with `WebhookPayload.decode`.
///
/// Everything in it is a hint: who may do what, and where the project lives, is asked of GitLab when it matters.
package struct WebhookPayload: Sendable, Hashable {
    /// `object_kind`, or `event_name` where a body has only that.
    package var kind: String
    /// `note`, `confidential_note`, ...: more exact than the kind in some versions.
    package var eventType: String?
    package var event: WebhookEvent
    /// Who did it, except for edited notes, where this is the note's author.
    package var actor: WebhookUser?
    package var project: WebhookProject?
    /// Every project id that the body claims for itself. More than one means that the body contradicts itself.
    package var claimedProjectIDs: Set<Int64>
    /// The issue is confidential or the note internal, by any of the signs that some version of GitLab gives.
    package var isConfidential: Bool
    /// Equal for all deliveries of one event, whichever hook they came by; nil where that can't be told.
    package var meaning: String?

    /// The project, when the body agrees with itself about it.
    package var projectID: Int64? { claimedProjectIDs.count == 1 ? claimedProjectIDs.first : nil }
    package var contradictsItself: Bool { claimedProjectIDs.count > 1 }

    /// What to use instead of `meaning` once the event leads to a task: a note starts one task at most, however often
    /// it is edited.
    package var startingMeaning: String? {
        guard case .note(let note) = event, let projectID else { return meaning }
        return "\(projectID):note:\(note.id)"
    }

    /// Reads a body of any kind. It fails only for what is no JSON object, or is made to hurt a reader.
    ///
    /// - Parameter eventHeader: the value of `X-Gitlab-Event`. For some old versions only this tells that an event is
    ///   confidential.
    package static func decode(_ body: [UInt8], eventHeader: String? = nil) throws(PayloadFailure) -> WebhookPayload {
        guard let root = try JSONText(body).root.object() else {
            throw PayloadFailure(.notJSON, "The body is not a JSON object.")
        }
        return try PayloadReader(root: root, eventHeader: eventHeader).read()
    }
}
