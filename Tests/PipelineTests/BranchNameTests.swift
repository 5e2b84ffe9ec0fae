import Testing
import Workspaces

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

    @Test("A38: what turns a pipeline, a review or git itself is protected in every project", arguments: [".lfsconfig", "a/.gitattributes", "docs/CODEOWNERS"])
    func builtIn(path: String) {
        #expect(ProtectedFiles.builtIn.contains { PathPattern($0).matches(path) })
    }

    @Test(
        "A38: a protected file is named only as a word of its own",
        arguments: [
            ("change .gitlab-ci.yml please", true), ("change the pipeline", false), ("see my.gitlab-ci.yml-old", false),
            ("`.gitlab-ci.yml`: add a job", true), ("mend .gitlab-ci.yml.", true), ("restore .gitlab-ci.yml.bak", false), ("see x.gitlab-ci.yml", false),
            ("list .gitlab-ci.yml/x", false), ("/.gitlab-ci.yml needs a job", true), ("see https://h/g/p/-/blob/main/.gitlab-ci.yml#L3", true),
            ("mend sub/.gitlab-ci.yml", false),
        ])
    func named(request: String, expected: Bool) {
        #expect(ProtectedFiles.names(".gitlab-ci.yml", in: request) == expected)
    }

    @Test(
        "A38: a file of the same name elsewhere is not the one that was named",
        arguments: [
            ("change k8s/deploy.yml", false), ("change deploy.yml", true), ("change ci/deploy.yml", true), ("change ./ci/deploy.yml", true),
            ("change /ops/ci/deploy.yml", true), ("change https://h/g/p/-/blob/main/ops/ci/deploy.yml", true),
            ("change https://h/g/p/-/blob/main/k8s/deploy.yml", false), ("k8s/deploy.yml and ci/deploy.yml differ", true),
        ])
    func elsewhere(request: String, expected: Bool) {
        #expect(ProtectedFiles.names("ops/ci/deploy.yml", in: request) == expected)
    }

    @Test(
        "A38: who names a file only to have it left alone permits nothing",
        arguments: [
            ("Add a job, but do not touch `ci/deploy.yml`.", false), ("Don't change anything in ci/deploy.yml", false), ("Never edit deploy.yml", false),
            ("Mend the build without changing ci/deploy.yml", false), ("Edit all files except ci/deploy.yml", false),
            ("Leave ci/deploy.yml as it is, and mend the build", false), ("ci/deploy.yml must not be changed", false), ("不要修改 ci/deploy.yml", false),
            ("Do not touch ci/deploy.yml. No, do: change ci/deploy.yml", true), ("The job does not run, mend ci/deploy.yml", true),
            ("Don't forget to update ci/deploy.yml", true), ("The job does not run so change ci/deploy.yml", true),
            ("Never ever change ci/deploy.yml", false), ("Mend it without making any changes to ci/deploy.yml", false),
            ("Change ci/deploy.yml, but do not touch ci/test.yml", true), ("Keep the name and edit ci/deploy.yml", true),
        ])
    func leftAlone(request: String, expected: Bool) {
        #expect(ProtectedFiles.names("ci/deploy.yml", in: request) == expected)
    }
}
