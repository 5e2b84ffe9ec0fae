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

    @Test("A24: a file beyond the size limit is not read")
    func size() {
        let (rules, problems) = ProjectRules.read("model: " + String(repeating: "m", count: 70_000))
        #expect(rules == ProjectRules())
        #expect(problems.count == 1)
    }
}
