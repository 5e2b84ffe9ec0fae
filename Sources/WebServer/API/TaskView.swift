import Domain
import Foundation

/// A task as the API shows it.
struct TaskView: Encodable {
    private let record: TaskRecord

    init(_ record: TaskRecord) { self.record = record }

    private enum Key: String, CodingKey {
        case taskID = "task_id", status, kind, state, progress, attempts, intent, repoURL = "repo_url", branch, model
        case maxIterations = "max_iterations", source, gitLab = "gitlab", retryOf = "retry_of", createdAt = "created_at"
        case startedAt = "started_at", endedAt = "ended_at", notBefore = "not_before", result, error, errorKind = "error_kind"
    }

    func encode(to encoder: any Encoder) throws {
        let task = record.task
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(task.id, forKey: .taskID)
        try values.encode(record.status, forKey: .status)
        try values.encode(task.kind, forKey: .kind)
        try values.encode(record.state, forKey: .state)
        try values.encode(record.progress, forKey: .progress)
        try values.encode(record.attempts, forKey: .attempts)
        try values.encode(task.intent, forKey: .intent)
        try values.encode(task.repositoryURL, forKey: .repoURL)
        try values.encode(task.branch, forKey: .branch)
        try values.encode(task.model, forKey: .model)
        try values.encode(task.maxIterations, forKey: .maxIterations)
        try values.encode(record.source, forKey: .source)
        try values.encode(task.gitLab.map(GitLabView.init), forKey: .gitLab)
        try values.encode(task.retryOf, forKey: .retryOf)
        try values.encode(record.createdAt, forKey: .createdAt)
        try values.encode(record.startedAt, forKey: .startedAt)
        try values.encode(record.endedAt, forKey: .endedAt)
        try values.encode(record.notBefore, forKey: .notBefore)
        try values.encode(record.result, forKey: .result)
        try values.encodeIfPresent(record.result?.error, forKey: .error)
        try values.encodeIfPresent(record.result?.errorKind, forKey: .errorKind)
    }

    private struct GitLabView: Encodable {
        let project_id: Int64
        let project: String
        let subject: String
        let iid: Int64
        let trigger: String
        let requested_by: String
        let note_id: Int64?
        let confidential: Bool

        init(_ origin: GitLabOrigin) {
            project_id = origin.projectID
            project = origin.projectPath
            iid = origin.subject.iid
            subject =
                switch origin.subject {
                case .issue: "issue"
                case .mergeRequest: "merge_request"
                }
            trigger = origin.trigger.rawValue
            requested_by = origin.requester.username
            note_id = origin.noteID
            confidential = origin.isConfidential
        }
    }
}

extension TaskRecord {
    /// Where the task came from, in one word.
    var source: String {
        switch task.origin {
        case .commandLine: "command_line"
        case .api: "api"
        case .gitLab: "gitlab"
        }
    }
}

/// A journal entry as the API shows it.
struct EventView: Encodable {
    let sequence: Int64
    let at: Date
    let kind: String
    let name: String
    let data: RawJSON

    /// Steps are the pipeline's own and are not shown.
    static let kinds: Set<JournalEntry.Kind> = [.status, .activity, .input, .audit]

    init(_ entry: JournalEntry) {
        sequence = entry.sequence
        at = entry.at
        kind = entry.kind.rawValue
        name = entry.name
        data = RawJSON(entry.payload)
    }
}

/// JSON that is there already, put into other JSON.
enum RawJSON: Codable {
    case null, bool(Bool), integer(Int64), number(Double), string(String), array([RawJSON]), object([String: RawJSON])

    init(_ data: Data) { self = (try? JSONDecoder().decode(RawJSON.self, from: data)) ?? .null }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let array = try? value.decode([RawJSON].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: RawJSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .string(let text): try value.encode(text)
        case .array(let array): try value.encode(array)
        case .object(let object): try value.encode(object)
        }
    }
}
