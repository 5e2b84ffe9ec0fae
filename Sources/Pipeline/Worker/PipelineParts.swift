package import Agent
package import Domain
package import Foundation
package import LanguageModels
package import Logging
package import Secrets
package import SystemPackage
package import Workspaces

/// What every task needs, built once by the executable.
package struct PipelineParts: Sendable {
    package var store: any Store
    package var git: GitClient
    /// The walls, proven to stand; throws when they don't, and then no task runs.
    package var sandbox: @Sendable () async throws -> any Sandbox
    /// The model for a task; nil for the configured one. Throws `TaskFailure` of kind configuration without a key.
    package var model: @Sendable (_ wish: String?) throws -> any LanguageModel
    /// Nil where no GitLab is configured: tasks then end with the push.
    package var gitLab: GitLabAccess?
    /// For tasks that bring a token of their own, also where no GitLab is configured.
    package var taskGitLab: TaskGitLab?
    package var credentials: TaskCredentials
    /// For ssh remotes; nil when none is configured.
    package var sshKey: SSHKey?
    /// For a live line; must return at once.
    package var progress: (@Sendable (TaskID, AgentProgress) -> Void)?
    package var settings: PipelineSettings
    package var redactor: Redactor
    package var now: @Sendable () -> Date
    package var logger: Logger

    package init(
        store: any Store, git: GitClient, sandbox: @escaping @Sendable () async throws -> any Sandbox,
        model: @escaping @Sendable (_ wish: String?) throws -> any LanguageModel, gitLab: GitLabAccess?,
        taskGitLab: TaskGitLab? = nil, credentials: TaskCredentials, sshKey: SSHKey? = nil,
        progress: (@Sendable (TaskID, AgentProgress) -> Void)? = nil, settings: PipelineSettings, redactor: Redactor,
        now: @escaping @Sendable () -> Date = { Date() }, logger: Logger
    ) {
        self.store = store
        self.git = git
        self.sandbox = sandbox
        self.model = model
        self.gitLab = gitLab
        self.taskGitLab = taskGitLab
        self.credentials = credentials
        self.sshKey = sshKey
        self.progress = progress
        self.settings = settings
        self.redactor = redactor
        self.now = now
        self.logger = logger
    }
}

extension PipelineParts {
    func logger(for id: TaskID) -> Logger {
        var logger = logger
        logger[metadataKey: "task.id"] = "\(id)"
        return logger
    }

    package struct SSHKey: Sendable {
        package var key: FilePath
        package var knownHosts: FilePath?
        package init(key: FilePath, knownHosts: FilePath?) {
            self.key = key
            self.knownHosts = knownHosts
        }
    }
}
