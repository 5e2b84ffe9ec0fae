import Agent
import Testing

@testable import Pipeline

@Suite("Review instructions of another tool's file")
struct ReviewInstructionsTests {
    private static let yaml = """
        instructions:
          - name: Ruby
            fileFilters: ["*.rb", "lib/**/*.rake", "!spec/**"]
            instructions: Mind the style.
          - {name: All, instructions: Be kind.}
          - {name: No specs, fileFilters: ["!spec/**"], instructions: Ask for specs.}
          - {name: Empty, fileFilters: ["*.rb"]}
        """

    @Test(
        "each holds for the files that its filters name",
        arguments: [
            (["app/a.rb"], ["Ruby", "All", "No specs"]), (["spec/a.rb"], ["All"]), (["lib/x/y.rake"], ["Ruby", "All", "No specs"]),
            (["a.py"], ["All", "No specs"]), (["spec/a.rb", "b.rb"], ["Ruby", "All", "No specs"]),
        ])
    func filters(_ paths: [String], _ names: [String]) {
        let found = ReviewInstructions(yaml: Self.yaml).matching(paths)
        #expect(found.count == names.count)
        for (instruction, name) in zip(found, names) { #expect(instruction.path.contains("(\(name))")) }
    }

    @Test("what can't be read says nothing", arguments: ["", "[", "instructions: 7", "instructions: [7, {}]", String(repeating: "a: b\n", count: 20_000)])
    func unreadable(_ text: String) { #expect(ReviewInstructions(yaml: text).matching(["a.rb"]).isEmpty) }
}
