/// The story that `ai-coder demo` tells: a small project, an issue, two comments, and a model that knows its lines. The first
/// implementation fails a test and is mended; a second comment on the merge request adds a commit. Needs `sh` and nothing else.
package struct DemoScene: Sendable {
    package let projectPath = "greenhouse/portal"
    /// Maintainer, who asks.
    package let person = "dana"
    package let bot = "ai-coder"
    package let files: [String: String] = DemoProject.files
    package let issueTitle = "Add a login page"
    package let issueDescription = """
        Visitors should be able to sign in at `/login` with a name and a password.

        - The accounts are in `data/users`, one `name:sha256` a line.
        - A wrong password must not tell whether the name exists.
        - What people type must never come back as markup.
        """
    /// On the issue.
    package let firstComment = "/ai do add a login page as described, with tests"
    /// On the merge request.
    package let secondComment = "/ai do keep the name in the form after a wrong password, so that nobody types it twice"
    package let script: ModelScript = DemoScript.script

    package init() {}

    /// The people and the project, without the issue; the bot gets a token.
    package func prepare(_ world: GitLabWorld) async throws -> (botToken: String, personToken: String) {
        await world.createUser(person, name: "Dana Cole")
        await world.createUser(bot, name: "AI Coder", isBot: true)
        try await world.createProject(projectPath, by: person, files: files)
        try await world.setMember(bot, of: projectPath, .developer)
        return (try await world.createToken(for: bot), try await world.createToken(for: person))
    }
}
