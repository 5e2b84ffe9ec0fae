package import Domain
package import SystemPackage
package import Workspaces

/// What the operator decides about how tasks run.
package struct PipelineSettings: Sendable {
    package var maxIterations: Int
    package var taskTimeout: Duration
    /// Tasks live in `tasks/<id>` below it.
    package var workspace: FilePath
    package var maxTokensPerTask: Int?
    /// US dollars, about; works only for models with a configured price.
    package var maxCostPerTask: Double?
    package var maxCostPerDay: Double?
    package var mergeRequest: CodingTask.MergeRequestWish
    /// How long a lease stands without a heartbeat.
    package var lease: Duration
    /// Models that a project's `model` may name.
    package var models: [String]
    /// Hosts that a project's `network` may name.
    package var allowedHosts: [String]
    package var commitAuthor: String
    /// `<trigger> do` in texts for people.
    package var trigger: String
    /// The label that starts work; nil for none.
    package var labelTrigger: String?
    /// Repairs of failed pipelines in a row that nobody asked for.
    package var pipelineFixAttempts: Int
    /// Base of links to the dashboard; nil when there is none to show.
    package var publicURL: String?
    /// Whom sandboxed commands run as when the service is root.
    package var sandboxUser: WorkTree.Owner?
    /// SANDBOX=none: said on every merge request.
    package var isUnconfined: Bool

    package init(
        maxIterations: Int = 3, taskTimeout: Duration = .seconds(3600), workspace: FilePath,
        maxTokensPerTask: Int? = nil, maxCostPerTask: Double? = nil, maxCostPerDay: Double? = nil,
        mergeRequest: CodingTask.MergeRequestWish = .auto, lease: Duration = .seconds(30), models: [String] = [], allowedHosts: [String] = [],
        commitAuthor: String = "ai-coder-bot", trigger: String = "/ai", labelTrigger: String? = nil, publicURL: String? = nil,
        isUnconfined: Bool = false, sandboxUser: WorkTree.Owner? = nil, pipelineFixAttempts: Int = 2
    ) {
        self.maxIterations = maxIterations
        self.taskTimeout = taskTimeout
        self.workspace = workspace
        self.maxTokensPerTask = maxTokensPerTask
        self.maxCostPerTask = maxCostPerTask
        self.maxCostPerDay = maxCostPerDay
        self.mergeRequest = mergeRequest
        self.lease = lease
        self.models = models
        self.allowedHosts = allowedHosts
        self.commitAuthor = commitAuthor
        self.trigger = trigger
        self.labelTrigger = labelTrigger
        self.publicURL = publicURL
        self.isUnconfined = isUnconfined
        self.sandboxUser = sandboxUser
        self.pipelineFixAttempts = pipelineFixAttempts
    }
}
