/// Which commands judge the work, and where they were found.
package struct TestPlan: Sendable, Hashable, Codable {
    /// Whose output a command prints; decides how tests are told apart in it.
    package enum Runner: String, Sendable, Codable {
        case pytest, unittest, node, go, cargo, swift, maven, gradle, dotnet, rspec, minitest, phpunit, ctest, meson, make, unknown
    }

    package struct Command: Sendable, Hashable, Codable {
        /// A line for the shell in the sandbox.
        package var line: String
        package var runner: Runner
        /// Programs without which it can't run.
        package var needs: [String]
        /// Where JUnit XML appears in the work tree.
        package var reports: [String]
        package init(_ line: String, runner: Runner = .unknown, needs: [String] = [], reports: [String] = []) {
            self.line = line
            self.runner = runner
            self.needs = needs
            self.reports = reports
        }
    }

    package var setup: [String]
    package var tests: [Command]
    package var lint: [String]
    /// For people: `from .ai-coder.yml`, `found package.json`.
    package var source: String

    package init(setup: [String] = [], tests: [Command], lint: [String] = [], source: String) {
        self.setup = setup
        self.tests = tests
        self.lint = lint
        self.source = source
    }
}
