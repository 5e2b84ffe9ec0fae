package import Foundation

/// One unit of work, as it was asked for. It never changes after it was accepted, and holds no secret.
package struct CodingTask: Sendable, Hashable, Codable {
    /// Which way the task goes; the contract's verbs.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        // Work: takes a worker's place.
        case change, review, answer, plan, fix
        // Control: answered at once, also while every worker is busy.
        case stop, status, retry, help
        /// The plan that waits in the thread is approved.
        case approve
        /// A further comment for the running task of the same thread.
        case join
        /// The issue or MR was closed, its branch deleted, or the bot unassigned: the running task is to end.
        case withdraw

        package var isControl: Bool {
            switch self {
            case .change, .review, .answer, .plan, .fix: false
            case .stop, .status, .retry, .help, .approve, .join, .withdraw: true
            }
        }
    }

    package enum Origin: Sendable, Hashable, Codable {
        case commandLine
        case api
        case gitLab(GitLabOrigin)
    }

    package enum MergeRequestWish: String, Sendable, Codable { case auto, always, never }

    package var id: TaskID
    package var kind: Kind
    /// Where to clone from, without credentials. For tasks from GitLab it is filled in by the pipeline from the project itself.
    package var repositoryURL: String?
    /// What is wanted, in the person's words.
    package var intent: String
    /// The branch (or tag, or commit) to start from; nil for the remote's default.
    package var branch: String?
    package var origin: Origin
    package var model: String?
    package var maxIterations: Int?
    package var mergeRequest: MergeRequestWish
    /// Where status goes for this task alone; nil for the configured WEBHOOK_URL.
    package var webhookURL: String?
    package var createdAt: Date
    /// The task that this one was made from with `retry`.
    package var retryOf: TaskID?
    /// A review that is only printed.
    package var isDryRun: Bool?
    /// A secret came with it that signs its status; nil where the configured one does. The secret itself is kept nowhere.
    package var hasOwnWebhookSecret: Bool?

    package init(
        id: TaskID, kind: Kind = .change, repositoryURL: String? = nil, intent: String, branch: String? = nil,
        origin: Origin, model: String? = nil, maxIterations: Int? = nil, mergeRequest: MergeRequestWish = .auto,
        webhookURL: String? = nil, createdAt: Date, retryOf: TaskID? = nil
    ) {
        self.id = id
        self.kind = kind
        self.repositoryURL = repositoryURL
        self.intent = intent
        self.branch = branch
        self.origin = origin
        self.model = model
        self.maxIterations = maxIterations
        self.mergeRequest = mergeRequest
        self.webhookURL = webhookURL
        self.createdAt = createdAt
        self.retryOf = retryOf
    }

    package var gitLab: GitLabOrigin? {
        if case .gitLab(let origin) = origin { origin } else { nil }
    }
}

extension CodingTask {
    /// What the keys of tasks begin with that only the command that brought them may work on: it alone has their token, and its
    /// user may mean a folder of this machine. A `retry` asks a service.
    package static let ownKey = "run:"

    /// Which project a task counts for when places are shared out fairly.
    package var projectKey: String {
        let prefix = origin == .commandLine && retryOf == nil ? Self.ownKey : "url:"
        return gitLab.map { "gitlab:\($0.projectID)" } ?? "\(prefix)\(repositoryURL ?? "")"
    }

    /// Tasks with the same key never run at the same time: they would push to the same branch.
    package var branchKey: String {
        guard let gitLab else { return "task:\(id)" }
        return "gitlab:\(gitLab.projectID):\(gitLab.subject.key)"
    }

    /// The issue or merge request whose comments join this task; nil outside GitLab.
    package var threadKey: String? {
        gitLab.map { "gitlab:\($0.projectID):\($0.subject.key)" }
    }
}
