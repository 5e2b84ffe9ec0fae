import Testing

@testable import Pipeline

@Suite("Names and protected files")
struct BranchNameTests {
    @Test(
        "a branch is named by the issue and the title's first words",
        arguments: [
            ("Add a login page", "ai/7-add-a-login-page"), ("", "ai/7"), ("添加登录页面", "ai/7"), ("../../etc --x", "ai/7-etc-x"),
            ("A very long title that goes on and on beyond any sense", "ai/7-a-very-long-title-that-goes-on-and-on"),
        ])
    func branch(title: String, name: String) {
        #expect(BranchName.forIssue(7, title: title) == name)
    }

    @Test(
        "A38: a protected file is named only as a word of its own",
        arguments: [
            ("change .gitlab-ci.yml please", true), ("change the pipeline", false), ("see my.gitlab-ci.yml-old", false),
            ("`.gitlab-ci.yml`: add a job", true),
        ])
    func named(request: String, expected: Bool) {
        #expect(ProtectedFiles.names(".gitlab-ci.yml", in: request) == expected)
    }
}
