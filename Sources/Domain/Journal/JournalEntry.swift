package import Foundation

/// One line of a task's journal, the one truth about the task. Entries are only ever appended.
package struct JournalEntry: Sendable, Hashable, Codable {
    /// An open list: readers skip kinds that they don't know.
    package struct Kind: Sendable, Hashable, Codable, RawRepresentable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// A change of status; payload `StatusChange`. What the status webhook sends, in this order.
        package static let status = Kind(rawValue: "status")
        /// The outcome of a finished durable step; payload `StepOutcome`. Not shown to people.
        package static let step = Kind(rawValue: "step")
        /// Something to show in a transcript; payload `Activity`.
        package static let activity = Kind(rawValue: "activity")
        /// Something said to the running task from outside; payload `TaskInput`.
        package static let input = Kind(rawValue: "input")
        /// Who was allowed or refused what; payload `AuditRecord`.
        package static let audit = Kind(rawValue: "audit")
    }

    /// Grows with each entry of the store, over all tasks; never reused.
    package var sequence: Int64
    package var taskID: TaskID
    package var at: Date
    package var kind: Kind
    /// A step's name, a status, an activity's title.
    package var name: String
    /// JSON.
    package var payload: Data

    package init(sequence: Int64, taskID: TaskID, at: Date, kind: Kind, name: String, payload: Data) {
        self.sequence = sequence
        self.taskID = taskID
        self.at = at
        self.kind = kind
        self.name = name
        self.payload = payload
    }
}

/// An entry that has no place in the journal so far.
package struct NewEntry: Sendable {
    package var kind: JournalEntry.Kind
    package var name: String
    package var payload: Data

    package init(kind: JournalEntry.Kind, name: String, payload: Data) {
        self.kind = kind
        self.name = name
        self.payload = payload
    }
}

/// Payload of `status` entries: `data` of the status webhook.
package struct StatusChange: Sendable, Hashable, Codable {
    /// What is sent: `started`, a stage, `completed`, `failed`, `cancelled`, `waiting`.
    package var status: String
    /// 0 to 100, never falling within a task.
    package var progress: Int
    package var iteration: Int?
    package var repo: String?
    package var branch: String?
    package var plan: Plan?
    package var changes: [FileChange]?
    package var testResults: TestReport?
    package var usage: Usage?
    package var mergeRequest: TaskResult.MergeRequest?
    /// One sentence for people.
    package var message: String?
    package var error: String?
    package var errorKind: TaskFailure.Kind?
    /// The whole result, with the last one.
    package var result: TaskResult?

    package init(status: String, progress: Int) {
        self.status = status
        self.progress = progress
    }

    private enum CodingKeys: String, CodingKey {
        case status, progress, iteration, repo, branch, plan, changes, testResults = "test_results", usage
        case mergeRequest = "merge_request", message, error, errorKind = "error_kind", result
    }
}

/// Payload of `activity` entries: a line of the transcript, secrets already removed.
package struct Activity: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable { case said, tool, test, notice, warning }
    package var kind: Kind
    package var title: String
    package var detail: String?
    package var usage: Usage?

    package init(_ kind: Kind, title: String, detail: String? = nil, usage: Usage? = nil) {
        self.kind = kind
        self.title = title
        self.detail = detail
        self.usage = usage
    }
}

/// Payload of `input` entries.
package struct TaskInput: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable { case comment, stop, approval }
    package var kind: Kind
    package var text: String
    package var author: String

    package init(kind: Kind, text: String, author: String) {
        self.kind = kind
        self.text = text
        self.author = author
    }
}

/// Payload of `audit` entries.
package struct AuditRecord: Sendable, Hashable, Codable {
    package var actor: String
    package var action: String
    package var decision: String
    package var detail: String?

    package init(actor: String, action: String, decision: String, detail: String? = nil) {
        self.actor = actor
        self.action = action
        self.decision = decision
        self.detail = detail
    }
}

/// Payload of `step` entries.
package struct StepOutcome: Sendable, Hashable, Codable {
    /// JSON of what the step returned.
    package var value: Data
    /// The work tree after the step as a binary patch against the base commit; nil when the step does not change it.
    package var tree: Data?

    package init(value: Data, tree: Data? = nil) {
        self.value = value
        self.tree = tree
    }
}
