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
            ("/x**/y.yml", "x1/2/y.yml", true), ("/x**/y.yml", "x1/y.yml", true), ("***", "a/b", true),
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
