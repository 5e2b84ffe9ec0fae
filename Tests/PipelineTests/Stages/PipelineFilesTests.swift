import Testing

@testable import Pipeline

@Suite("What a pipeline is made of")
struct PipelineFilesTests {
    private static func protected(_ files: [String: String], first: String? = nil) async throws -> Set<String> {
        let found = Found()
        try await ReviewedRepository.run { repository in
            let (git, checkout) = try repository.checkout(of: files)
            found.patterns = try await Set(PipelineFiles(git: git, checkout: checkout, first: first).protected())
        }
        return found.patterns
    }

    private static let tooLong = "# " + String(repeating: "x", count: 2_000_000)

    private final class Found { var patterns: Set<String> = [] }

    @Test("A38: the first file, what it includes, and what that includes are protected, and no others")
    func chain() async throws {
        let files = [".gitlab-ci.yml": "include: /ci/a.yml", "ci/a.yml": "include: 'more/*.yml'", "more/b.yml": "include: c.yml", "docs/x.yml": "a: 1"]
        #expect(try await Self.protected(files) == ["/.gitlab-ci.yml", "/ci/a.yml", "/more/*.yml", "/c.yml"])
        #expect(try await Self.protected(["ops/ci.yml": "include: /a.yml"], first: "/ops/ci.yml") == ["/ops/ci.yml", "/a.yml"])
        #expect(try await Self.protected(files, first: "https://gitlab.example.com/ci.yml") == [])
    }

    @Test(
        "A38: where a file of the pipeline can't be read, every YAML file is protected",
        arguments: ["include: [", "include: {local: [a]}", "a: 1\ninclude: /x.yml\na: 2", tooLong])
    func doubt(_ text: String) async throws {
        let unread = try await Self.protected([".gitlab-ci.yml": "include: /ci/a.yml", "ci/a.yml": text])
        #expect(unread.isSuperset(of: ["/.gitlab-ci.yml", "/ci/a.yml", "**/*.yml", "**/*.yaml"]), "\(unread)")
    }
}
