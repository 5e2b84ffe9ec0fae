import Testing

@testable import Workspaces

@Suite("Patterns of protected paths")
struct PathPatternTests {
    @Test(
        "A38: what a pattern covers",
        arguments: [
            ("/.gitlab", ".gitlab", true), ("/.gitlab", ".gitlab/x/y", true), ("/.gitlab", "a/.gitlab/x", false), ("CODEOWNERS", "docs/codeowners", true),
            ("migrations/**", "migrations/1.sql", true), ("migrations/**", "migrations", false), ("**/x.yml", "x.yml", true), ("**/x.yml", "a/b/x.yml", true),
            ("a/**/b/**/c", "a/b/c", true), ("a/**/b/**/c", "a/x/b/y/z/c/d", true), ("a/**/b/**/c", "a/c/b", false), ("**/a/**/b", "x/a/a/y", false),
            ("/ci/*.yml", "ci/a.yml", true), ("/ci/*.yml", "ci/x/a.yml", false), ("**/**/a", "q/a", true), ("**", "a", true), ("", "a", false),
            ("configs/**.yml", "configs/a.yml", true), ("configs/**.yml", "configs/a/b/c.yml", true), ("configs/**.yml", "configs/a.md", false),
            ("/ci/a**b.yml", "ci/ab.yml", true), ("/ci/a**b.yml", "ci/ax/y/zb.yml", true), ("/ci/a**b.yml", "ci/x/ab.yml", false), ("**.yml", "x/y.yml", true),
            ("/x**/y.yml", "x1/2/y.yml", true), ("/x**/y.yml", "x1/y.yml", true), ("***", "a/b", true), (".gitlab-ci.yml", ".GitLab-CI.yml", true),
            // Signs that make one character of themselves and the slash or the letter beside them.
            ("/.gitlab", ".gitlab/\u{301}x", true), ("migrations/**", "migrations/\u{301}1.sql", true), ("/ci/*.yml", "ci/\u{301}a.yml", true),
            ("**/x.yml", "a\u{600}/x.yml", true), ("/ci/*.yml", "ci/a\u{D4E}.yml", true), ("/ci/?.yml", "ci/a\u{301}.yml", true),
            ("/ci/\u{E9}.yml", "ci/e\u{301}.yml", true),
            ("/a**b/a**b/a**b/a**b/a**b/a**b", "a1b/a2b/a3b/a4b/a5b/a6b", true), ("/ci/**/*.yml", "ci/a.yml", true), ("a/", "x/a/b", true),
            ("/ci/a*", "ci/a/b", true), ("./ci/x.yml", "ci/x.yml", true), ("./ci/x.yml", "a/ci/x.yml", false), ("ci//x.yml", "ci/x.yml", true),
            ("**/", "a", true), ("/", "a", false), ("a/**", "a/b/c", true), ("**/ci", "q/ci/x", true), ("/a**", "ab/c", true), ("/a**", "b/a", false),
        ])
    func covers(pattern: String, path: String, expected: Bool) {
        #expect(PathPattern(pattern).matches(path) == expected)
    }

    @Test("A38: a pattern of many stars on a deep path ends at once", .timeLimit(.minutes(1)))
    func hostile() {
        let pattern = String(repeating: "**/a/", count: 700) + "b"
        let path = String(repeating: "a/", count: 2000) + "c"
        #expect(!PathPattern(pattern).matches(path))
        #expect(!PathPattern(String(repeating: "a**b/", count: 700) + "c").matches(path))
        #expect(!PathPattern(String(repeating: "*a", count: 1500) + "b").matches(String(repeating: "a", count: 4000)))
    }
}
