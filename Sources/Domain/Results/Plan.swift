/// What the model intends to do, before anything is changed.
package struct Plan: Sendable, Hashable, Codable {
    package var summary: String
    /// Paths that it expects to touch.
    package var files: [String]
    /// What is to change, a sentence each.
    package var changes: [String]
    /// How the result is to be checked, a sentence each.
    package var tests: [String]

    package init(summary: String, files: [String] = [], changes: [String] = [], tests: [String] = []) {
        self.summary = summary
        self.files = files
        self.changes = changes
        self.tests = tests
    }
}
