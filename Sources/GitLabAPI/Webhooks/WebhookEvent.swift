/// What a delivery tells, with only the parts that the bot needs.
///
/// Keys come and go between GitLab's versions: whatever is missing, null or of another type reads as nil, unknown words
/// are kept as text, and an unknown kind is `other`. None of that is an error.
package enum WebhookEvent: Sendable, Hashable {
    case note(NoteEvent)
    /// Issues, and the work items that GitLab keeps among them (tasks, incidents, epics; see `IssueFacts.typeName`).
    case issue(IssueEvent)
    case mergeRequest(MergeRequestEvent)
    case pipeline(PipelineEvent)
    case job(JobEvent)
    case push(PushEvent)
    case emoji(EmojiEvent)
    case tokenExpiring(TokenExpiringEvent)
    /// A kind the bot has no use for.
    case other(kind: String)
    /// A known kind without something that every use of it needs, such as the note's id.
    case incomplete(kind: String, missing: String)
}

/// The word after `action` in a payload. Open, since GitLab adds new ones.
package struct WebhookAction: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let create = WebhookAction(rawValue: "create")
    package static let update = WebhookAction(rawValue: "update")
    package static let open = WebhookAction(rawValue: "open")
    package static let close = WebhookAction(rawValue: "close")
    package static let reopen = WebhookAction(rawValue: "reopen")
    package static let merge = WebhookAction(rawValue: "merge")
    package static let award = WebhookAction(rawValue: "award")
    package static let revoke = WebhookAction(rawValue: "revoke")
}

/// A person in a payload. Payloads of 2020 and before have no id.
package struct WebhookUser: Sendable, Hashable {
    package var id: Int64?
    package var username: String?
    package var name: String?
    /// Only among reviewers: somebody pressed "re-request review".
    package var isReRequested: Bool

    package init(id: Int64?, username: String?, name: String?, isReRequested: Bool = false) {
        self.id = id
        self.username = username
        self.name = name
        self.isReRequested = isReRequested
    }

    /// Whether this is that user: by id, and by name only where the payload has no id.
    package func isSame(asID otherID: Int64, username otherUsername: String) -> Bool {
        if let id { return id == otherID }
        return username?.lowercased() == otherUsername.lowercased()
    }
}

/// The project of a payload. Its URLs are left out on purpose: addresses come from the configuration alone.
package struct WebhookProject: Sendable, Hashable {
    package var id: Int64?
    package var path: String?
    package var name: String?
    package var defaultBranch: String?
    /// 0 private, 10 internal, 20 public.
    package var visibilityLevel: Int64?
}

/// Who or what was in a list before and after: assignees, reviewers.
package struct WebhookPeopleChange: Sendable, Hashable {
    package var previous: [WebhookUser]
    package var current: [WebhookUser]

    package func adds(id: Int64, username: String) -> Bool {
        Self.contains(current, id, username) && !Self.contains(previous, id, username)
    }

    package func removes(id: Int64, username: String) -> Bool {
        !Self.contains(current, id, username) && Self.contains(previous, id, username)
    }

    /// Asked again: in the list before and after, and only the mark tells.
    package func reRequests(id: Int64, username: String) -> Bool {
        current.contains { $0.isReRequested && $0.isSame(asID: id, username: username) }
    }

    private static func contains(_ users: [WebhookUser], _ id: Int64, _ username: String) -> Bool {
        users.contains { $0.isSame(asID: id, username: username) }
    }
}

/// Labels by title, before and after.
package struct WebhookLabelsChange: Sendable, Hashable {
    package var previous: [String]
    package var current: [String]

    package func adds(_ label: String) -> Bool { current.contains(label) && !previous.contains(label) }
}
