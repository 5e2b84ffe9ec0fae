package import Domain
package import GitLabAPI
package import Secrets

/// The GitLab that the bot works on, and who it is there.
package struct GitLabAccess: Sendable {
    package var client: GitLabClient
    /// For git over HTTP on the same host; goes nowhere else.
    package var token: Secret
    /// The account that owns the token; nil while GitLab could not be asked.
    package var bot: @Sendable () async throws -> GitLabUser
    /// GitLab's number of the least role that may give commands.
    package var minAccessLevel: Int
    /// Where the bot works at all, whichever way a task came.
    package var projects: ProjectAllowList
    /// Some secret of a webhook counts for some projects only, so that the name a delivery gives a project matters.
    package var bindsSecrets: Bool

    package init(
        client: GitLabClient, token: Secret, bot: @escaping @Sendable () async throws -> GitLabUser,
        minAccessLevel: Int = 30, projects: ProjectAllowList = ProjectAllowList([]), bindsSecrets: Bool = false
    ) {
        self.client = client
        self.token = token
        self.bot = bot
        self.minAccessLevel = minAccessLevel
        self.projects = projects
        self.bindsSecrets = bindsSecrets
    }
}
