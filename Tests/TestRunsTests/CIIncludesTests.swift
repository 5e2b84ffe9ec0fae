import Testing

@testable import TestRuns

@Suite("Files that a pipeline includes")
struct CIIncludesTests {
    @Test(
        "A38: the project's own files are found in every form",
        arguments: [
            ("include: /ci/a.yml", ["ci/a.yml"]), ("include: [a.yml, 'b/*.yml']", ["a.yml", "b/*.yml"]), ("include:\n  local: /a.yml", ["a.yml"]),
            ("include:\n  - local: a.yml\n  - project: other/p\n    file: x.yml\n  - template: T.yml\n  - https://x.example/y.yml\n", ["a.yml"]),
            ("include: https://x.example/y.yml", []), ("job: {script: [a]}", []), ("include: [", []), ("", []),
        ])
    func local(text: String, expected: [String]) {
        #expect(CIIncludes.local(in: text) == expected)
    }
}
