import Testing

@testable import TestRuns

@Suite("A project's own file")
struct ProjectRulesTests {
    @Test("what it may set is read")
    func reads() {
        let (rules, problems) = ProjectRules.read(
            """
            test: ["npm test"]
            setup: npm ci
            protected: ["migrations/**"]
            max_iterations: 5
            review: {on_push: true}
            """)
        #expect(problems.isEmpty)
        #expect(rules.test == ["npm test"])
        #expect(rules.setup == ["npm ci"])
        #expect(rules.protected == ["migrations/**"])
        #expect(rules.maxIterations == 5)
        #expect(rules.review.onPush)
    }

    @Test(
        "A24: what is wrong is told by its line, and the rest counts",
        arguments: [
            ("sandbox: none\nlint: [a]", 1, "no key"), ("lint: [a]\nmax_iterations: many", 2, "whole number"),
            ("- a\n- b", 1, "key: value"), ("test: [\n", 2, "not YAML"),
        ])
    func problems(text: String, line: Int, words: String) throws {
        let (_, problems) = ProjectRules.read(text)
        let problem = try #require(problems.first)
        #expect(problem.line.map { abs($0 - line) <= 1 } == true)
        #expect(problem.message.contains(words))
    }

    @Test(
        "A24: anchors and aliases are refused with their line, wherever they stand, and nothing of the file counts",
        arguments: [
            ("model: x\ntest: &t [a]\n", 2), ("x: &x 1\ntest: *x\n", 1), ("&k model: x\n", 1), ("model: x\nlint:\n  - &l a\n  - *l\n", 3),
            ("&root\nmodel: x\n", 1), ("review: {<<: *missing}\n", 1), ("model: x\n? *k\n: y\n", 2), ("review:\n  &a ignore: [x]\n", 2),
        ])
    func aliases(text: String, line: Int) throws {
        let (rules, problems) = ProjectRules.read(text)
        #expect(rules == ProjectRules())
        let problem = try #require(problems.first)
        #expect(problem.line == line && problem.message.contains("anchors and aliases"), "\(problem)")
    }

    @Test("A24: an ampersand or star in text is no anchor")
    func plainCharacters() {
        let (rules, problems) = ProjectRules.read("test: [\"a && b\", 'x *y']\nsetup: make -j && echo *\n")
        #expect(problems.isEmpty && rules.test == ["a && b", "x *y"] && rules.setup == ["make -j && echo *"])
    }

    @Test(
        "A24: depth, number and a second document have bounds, told by line", .timeLimit(.minutes(1)),
        arguments: [
            ("test: " + String(repeating: "[", count: 200), 1, "nested deeper"), ("test: " + String(repeating: "[", count: 30_000), 1, ""),
            ("review: {ignore: [[[[[[x]]]]]]}", 1, "nested deeper"),
            ("lint: [" + String(repeating: "a,", count: 3000) + "]", 1, "more than 2000"), ("model: x\n---\nmodel: y\n", 2, "second document"),
            ("model: x\nmodel: y\n", 1, "twice"),
        ])
    func bounds(text: String, line: Int, words: String) throws {
        let (rules, problems) = ProjectRules.read(text)
        let problem = try #require(problems.first)
        #expect(rules == ProjectRules() && (words.isEmpty || problem.message.contains(words)) && problem.line == line, "\(problem)")
    }

    @Test("A24: a pipeline's file whose aliases would unfold without end is not composed", .timeLimit(.minutes(1)))
    func unfolding() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a40\n: x\n? *a39\n: y\n"
        #expect(CITestJob.find(in: text) == nil)
        #expect(CITestJob.find(in: ".s: &s [make test]\ntest:\n  script: *s\n")?.script == ["make test"])
    }

    @Test("A24: a file beyond the size limit is not read")
    func size() {
        // Nothing else is wrong with it.
        let (rules, problems) = ProjectRules.read("model: m\n# " + String(repeating: "m", count: 70_000))
        #expect(rules == ProjectRules())
        #expect(problems.map(\.message) == ["the file is larger than 64 KiB and was not read"])
        #expect(ProjectRules.read("model: m\n# " + String(repeating: "m", count: 60_000)).rules.model == "m")
    }
}
