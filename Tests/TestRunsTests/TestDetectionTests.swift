import Foundation
import SystemPackage
import TestSupport
import Testing
import Workspaces

@testable import TestRuns

@Suite("How a project's tests are found")
struct TestDetectionTests {
    struct Project: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var files: [String: String]
        /// Programs that the sandbox has.
        var tools: Set<String> = []
        /// Nil: no tests are found.
        var line: String?
        var runner: TestPlan.Runner?
        var source = ""
    }

    static let projects = [
        Project(
            testDescription: "Swift", files: ["Package.swift": "", "Tests/ATests/A.swift": ""], line: "swift test --disable-sandbox", runner: .swift,
            source: "found Package.swift"),
        Project(testDescription: "Swift without tests", files: ["Package.swift": "", "Sources/A/A.swift": ""]),
        Project(
            testDescription: "Python with a pytest configuration", files: ["pyproject.toml": "[tool.pytest.ini_options]", "tests/test_a.py": ""],
            line: "python3 -m pytest -v -p no:cacheprovider", runner: .pytest, source: "found a pytest configuration"),
        Project(
            testDescription: "Python with unittest", files: ["test_a.py": "import unittest\n"], line: "python3 -m unittest discover -v", runner: .unittest,
            source: "found Python tests"),
        Project(
            testDescription: "Python with unittest where pytest is there", files: ["test_a.py": "import unittest\n"], tools: ["pytest"],
            line: "python3 -m pytest -v -p no:cacheprovider", runner: .pytest, source: "found Python tests"),
        Project(testDescription: "Python without tests", files: ["a.py": ""]),
        Project(
            testDescription: "Node", files: ["package.json": #"{"scripts": {"test": "jest"}}"#], line: "npm test", runner: .node,
            source: "found the test script of package.json"),
        Project(
            testDescription: "Node with pnpm", files: ["package.json": #"{"scripts": {"test": "vitest"}}"#, "pnpm-lock.yaml": ""], tools: ["pnpm"],
            line: "pnpm test", runner: .node, source: "found the test script of package.json"),
        Project(
            testDescription: "Node with npm's placeholder", files: ["package.json": #"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#]),
        Project(
            testDescription: "Node without a script", files: ["package.json": "{}", "a.test.js": ""], line: "node --test --test-reporter=tap", runner: .node,
            source: "found Node tests"),
        Project(testDescription: "Go", files: ["go.mod": "", "a/b_test.go": ""], line: "go test -v ./...", runner: .go, source: "found go.mod"),
        Project(testDescription: "Go without tests", files: ["go.mod": "", "a/b.go": ""]),
        Project(testDescription: "Rust", files: ["Cargo.toml": ""], line: "cargo test --offline", runner: .cargo, source: "found Cargo.toml"),
        Project(testDescription: "Maven", files: ["pom.xml": ""], line: "mvn -B -o test", runner: .maven, source: "found pom.xml"),
        Project(
            testDescription: "Maven with its wrapper", files: ["pom.xml": "", "mvnw": ""], line: "./mvnw -B -o test", runner: .maven, source: "found pom.xml"),
        Project(
            testDescription: "Gradle", files: ["build.gradle.kts": "", "gradlew": ""], line: "./gradlew --offline --no-daemon test", runner: .gradle,
            source: "found a Gradle build"),
        Project(
            testDescription: ".NET", files: ["src/A.Tests/A.Tests.csproj": ""], line: "dotnet test --logger \"console;verbosity=normal\"", runner: .dotnet,
            source: "found a .NET project"),
        Project(testDescription: "Ruby specs", files: ["spec/a_spec.rb": ""], line: "rspec", runner: .rspec, source: "found Ruby specs"),
        Project(
            testDescription: "Ruby specs with bundler", files: [".rspec": "", "Gemfile": ""], line: "bundle exec rspec", runner: .rspec,
            source: "found Ruby specs"),
        Project(
            testDescription: "Ruby tests", files: ["test/a_test.rb": "", "Rakefile": ""], line: "rake test", runner: .minitest, source: "found Ruby tests"),
        Project(
            testDescription: "PHP", files: ["phpunit.xml.dist": "", "vendor/bin/phpunit": ""], line: "vendor/bin/phpunit", runner: .phpunit,
            source: "found phpunit.xml"),
        Project(
            testDescription: "CMake", files: ["CMakeLists.txt": "enable_testing()"],
            line: "cmake -S . -B .build-tests >/dev/null && cmake --build .build-tests && ctest --test-dir .build-tests --output-on-failure", runner: .ctest,
            source: "found CMakeLists.txt"),
        Project(testDescription: "CMake without tests", files: ["CMakeLists.txt": "project(a C)"]),
        Project(
            testDescription: "Meson", files: ["meson.build": "test('a', exe)"],
            line: "(test -d .build-tests || meson setup .build-tests) && meson test -C .build-tests --print-errorlogs", runner: .meson,
            source: "found meson.build"),
        Project(
            testDescription: "Make", files: ["Makefile": "all:\n\tcc a.c\ncheck: all\n\t./a\n"], line: "make check", runner: .make,
            source: "found the check target of Makefile"),
        Project(testDescription: "Make without tests", files: ["Makefile": "all:\n\tcc a.c\n"]),
        Project(
            testDescription: "a plain job", files: [".gitlab-ci.yml": "unit-test:\n  before_script: [make deps]\n  script: [pytest -q]\n"], line: "pytest -q",
            runner: .pytest, source: "found the job unit-test of .gitlab-ci.yml"),
        Project(testDescription: "a job with GitLab's variables", files: [".gitlab-ci.yml": "test:\n  script: [\"./t $CI_JOB_ID\"]\n"]),
        Project(testDescription: "nothing", files: ["README.md": ""]),
    ]

    @Test("by what its files give away", arguments: projects)
    func found(_ project: Project) async throws {
        try await withTemporaryFolder { folder in
            let plan = try Self.plan(project, in: "\(folder)")
            #expect(plan?.tests.map(\.line) == project.line.map { [$0] })
            #expect(plan?.tests.first?.runner == project.runner)
            if project.line != nil { #expect(plan?.source == project.source) }
        }
    }

    @Test("a plain job's before_script becomes the set-up, and the project's own lines win over all")
    func own() async throws {
        let files = [".gitlab-ci.yml": "test:\n  before_script: [make deps]\n  script: [make check]\n"]
        try await withTemporaryFolder { folder in
            let project = Project(testDescription: "", files: files)
            let found = try Self.plan(project, in: "\(folder)")
            #expect(found?.setup == ["make deps"])
            var rules = ProjectRules()
            rules.setup = ["npm ci"]
            rules.test = ["npm run check"]
            let plan = TestPlan.find(in: WorkTree(root: FilePath("\(folder)"), owner: nil), rules: rules, hasTool: { _ in true })
            #expect(plan?.setup == ["npm ci"] && plan?.tests.map(\.line) == ["npm run check"] && plan?.source == "from .ai-coder.yml")
            rules.test = []
            #expect(TestPlan.find(in: WorkTree(root: FilePath("\(folder)"), owner: nil), rules: rules, hasTool: { _ in true }) == nil)
        }
    }

    private static func plan(_ project: Project, in folder: String) throws -> TestPlan? {
        for (path, text) in project.files {
            let file = URL(fileURLWithPath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return TestDetection(tree: WorkTree(root: FilePath(folder), owner: nil), hasTool: project.tools.contains).plan()
    }
}
