import Testing

@Suite("The demo")
struct DemoTests {
    @Test("a comment becomes a tested merge request, and a second comment another commit", .timeLimit(.minutes(5)))
    func wholeLoop() async throws {
        let outcome = try await Product.run(["demo"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("1 new failure"))
        #expect(outcome.output.contains("Merge request !1"))
        #expect(outcome.output.contains("Closes #1"))
        #expect(outcome.output.components(separatedByEnding: "completed") == 2)
    }
}

extension String {
    /// How many lines end with a word.
    fileprivate func components(separatedByEnding word: String) -> Int {
        split(separator: "\n").count { $0.hasSuffix(word) }
    }
}
