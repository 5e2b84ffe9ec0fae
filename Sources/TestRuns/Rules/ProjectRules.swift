/// A project's own file, `.ai-coder.yml`, from its default branch: what it may set is closed, and none of it reaches beyond
/// what the operator allows.
package struct ProjectRules: Sendable, Hashable, Codable {
    package static let fileName = ".ai-coder.yml"
    /// Bytes; a larger file is not read.
    package static let sizeLimit = 64 << 10

    package struct Review: Sendable, Hashable, Codable {
        package var onPush = false
        package var ignore: [String] = []
        package var instructions: String?
        package init() {}
    }

    package var model: String?
    package var instructions: String?
    /// Shell lines, run once for each work tree.
    package var setup: [String] = []
    /// Shell lines instead of detection; nil to detect.
    package var test: [String]?
    package var lint: [String] = []
    package var image: String?
    package var network: [String] = []
    /// Globs whose change is never pushed unless the request names them; added to the built-in ones.
    package var protected: [String] = []
    package var maxIterations: Int?
    /// Nil: plans are carried out without a person's word.
    package var planRequired: PlanRequirement?
    package var review = Review()

    package init() {}
}

/// What is wrong with the file, told to people with its line.
package struct ProjectRulesProblem: Sendable, Hashable, Codable, CustomStringConvertible {
    /// From 1; nil when it is about the whole file.
    package var line: Int?
    package var message: String

    package init(line: Int?, message: String) {
        self.line = line
        self.message = message
    }

    package var description: String {
        "\(ProjectRules.fileName)\(line.map { ", line \($0)" } ?? ""): \(message)"
    }
}
