import GitLabAPI
import Testing
import Workspaces

@testable import Pipeline

@Suite("The GitLab of a task that brings its own token")
struct TaskGitLabTests {
    @Test(
        "is GITLAB_URL where that holds the repository, else the repository's own site",
        arguments: [
            ("https://git.example.com/gitlab/group/project.git", "https://git.example.com/gitlab"),
            ("https://git.example.com/other/project.git", "https://git.example.com"),
            ("http://git.example.com/gitlab/group/project.git", "http://git.example.com"),
            ("https://another.example.com:8443/group/project", "https://another.example.com:8443"),
            ("git@git.example.com:group/project.git", "https://git.example.com/gitlab"),
            ("ssh://git@another.example.com:2222/group/project.git", "https://another.example.com"),
        ])
    func address(repository: String, expected: String) throws {
        #expect(try Self.gitLab().address(of: RemoteURL(repository))?.base == expected)
    }

    @Test("is nowhere for a repository on this machine")
    func local() throws {
        #expect(try Self.gitLab().address(of: RemoteURL("/srv/project.git")) == nil)
    }

    private static func gitLab() throws -> TaskGitLab {
        TaskGitLab(configured: try #require(GitLabAddress("https://git.example.com/gitlab"))) { _, _ in
            preconditionFailure("No client is asked for.")
        }
    }
}
