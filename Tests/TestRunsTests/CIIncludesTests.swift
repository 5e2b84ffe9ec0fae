import Testing

@testable import TestRuns

@Suite("Files that a pipeline includes")
struct CIIncludesTests {
    @Test(
        "A38: the project's own files are found in every form",
        arguments: [
            ("include: /ci/a.yml", ["ci/a.yml"]), ("include: [a.yml, 'b/*.yml']", ["a.yml", "b/*.yml"]), ("include:\n  local: /a.yml", ["a.yml"]),
            ("include:\n  - local: a.yml\n  - project: other/p\n    file: x.yml\n  - template: T.yml\n  - https://x.example/y.yml\n", ["a.yml"]),
            ("include: https://x.example/y.yml", []), ("job: {script: [a]}", []), ("", []),
            ("spec:\n  inputs: {x: {}}\n---\ninclude: /a.yml\n", ["a.yml"]), ("a:\n  trigger:\n    include: child/a.yml\n", ["child/a.yml"]),
            ("a:\n  trigger:\n    include:\n      - local: /child/a.yml\n      - artifact: made.yml\n        job: b\n", ["child/a.yml"]),
            (".x: &x\n  include: b.yml\na:\n  trigger: *x\n", ["b.yml"]), ("include: {local: 'ci/$[[ inputs.kind ]].yml'}", ["ci/**.yml"]),
            ("include: {local: 'ci/$KIND/${PART}.yml'}", ["ci/**/**.yml"]), ("include: 'ci/%KIND%/a.yml'", ["ci/**/a.yml"]),
            ("include: ./ci//a.yml", ["ci/a.yml"]), ("include: {local: /ci/x/../a.yml}", ["ci/a.yml"]), ("include: ../a.yml", ["a.yml"]),
            // The project may be this one, at the pipeline's own commit.
            ("include: {project: $CI_PROJECT_PATH, ref: $CI_COMMIT_SHA, file: /ci/a.yml}", ["ci/a.yml"]),
            ("include: {project: g/$NAME, file: [/a.yml, b.yml]}", ["a.yml", "b.yml"]),
            ("include: {component: $CI_SERVER_FQDN/$CI_PROJECT_PATH/scan@$CI_COMMIT_SHA}", ["templates/scan.yml", "templates/scan/template.yml"]),
            ("include: {component: x.example/g/p/scan@1.0}", []),
            ("include: {component: x.example/g/p/$WHAT@$CI_COMMIT_SHA}", ["templates/**.yml", "templates/**/template.yml"]),
            ("include: {remote: 'https://x.example/g/p/-/raw/$CI_COMMIT_SHA/ci/a.yml?inline=false'}", ["**/a.yml"]),
            ("include: '$CI_PROJECT_URL/-/raw/$CI_COMMIT_SHA/ci/a.yml'", ["**/-/raw/**/ci/a.yml", "**/a.yml"]),
        ])
    func local(text: String, expected: [String]) {
        #expect(CIIncludes.local(in: text) == expected)
    }

    @Test(
        "A38: what can't be read to its end is told, so that nothing passes for harmless",
        arguments: [
            "include: [", "include: {local: [a.yml]}", "include: *nowhere", "a: 1\ninclude: a.yml\na: 2", "a: 1\n---\ninclude: a.yml\n---\nb: *nowhere",
            String(repeating: "# a comment\n", count: 30_000) + "include: a.yml",
            "include: a" + String(repeating: "/$[[", count: 60_000), "include: {remote: 'https://h/-/raw/$A/" + String(repeating: "$[[", count: 60_000) + "'}",
            "a: " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
        ])
    func unreadable(text: String) {
        #expect(CIIncludes.local(in: text) == nil)
    }
}
