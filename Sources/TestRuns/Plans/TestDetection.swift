package import Workspaces

extension TestPlan {
    /// The project's own commands if it names them, else what its files give away; nil when no tests can be found.
    ///
    /// - Parameter hasTool: whether a program can be run in the sandbox.
    package static func find(in tree: WorkTree, rules: ProjectRules, hasTool: @escaping (String) -> Bool) -> TestPlan? {
        if let lines = rules.test {
            guard !lines.isEmpty else { return nil }
            return TestPlan(
                setup: rules.setup, tests: lines.map { Command($0, runner: runner(of: $0)) }, lint: rules.lint,
                source: "from \(ProjectRules.fileName)")
        }
        var found = TestDetection(tree: tree, hasTool: hasTool).plan()
        if found == nil, !rules.lint.isEmpty { found = TestPlan(tests: [], source: "from \(ProjectRules.fileName)") }
        found?.setup = rules.setup
        found?.lint = rules.lint
        return found
    }

    /// Which runner a line of the project's own calls, to read its output.
    package static func runner(of line: String) -> Runner {
        let words = Set(line.split(whereSeparator: { " \t;&|()\"'".contains($0) }).map(String.init))
        let table: [(String, Runner)] = [
            ("pytest", .pytest), ("py.test", .pytest), ("unittest", .unittest), ("go", .go), ("cargo", .cargo),
            ("swift", .swift), ("mvn", .maven), ("./mvnw", .maven), ("gradle", .gradle), ("./gradlew", .gradle),
            ("dotnet", .dotnet), ("rspec", .rspec), ("phpunit", .phpunit), ("vendor/bin/phpunit", .phpunit),
            ("ctest", .ctest), ("meson", .meson), ("node", .node), ("npm", .node), ("yarn", .node), ("pnpm", .node),
            ("npx", .node), ("make", .make), ("rake", .minitest),
        ]
        return table.first { words.contains($0.0) }?.1 ?? .unknown
    }
}

/// Looks at the files of a work tree for the ways that test suites are usually started.
struct TestDetection {
    let tree: WorkTree
    let hasTool: (String) -> Bool

    func plan() -> TestPlan? {
        for find in [swift, python, node, go, rust, java, dotnet, ruby, php, cOrCpp, make, ciJob] {
            if let plan = find() { return plan }
        }
        return nil
    }

    private func has(_ path: String) -> Bool {
        if case .regular = (try? tree.kind(of: path)) ?? nil { true } else { false }
    }

    func text(_ path: String) -> String? {
        guard let bytes = try? tree.read(path, limit: 1 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func anyFile(_ glob: String, in path: String = "") -> Bool {
        guard let listing = try? tree.list(path, glob: glob, limit: 1) else { return false }
        return !listing.entries.isEmpty
    }

    private func plan(_ source: String, _ command: TestPlan.Command) -> TestPlan {
        TestPlan(tests: [command], source: "found \(source)")
    }

    private func swift() -> TestPlan? {
        guard has("Package.swift"), anyFile("Tests/**/*.swift") else { return nil }
        // The sandbox is the wall; the package manager's own would need what the sandbox forbids.
        return plan("Package.swift", .init("swift test --disable-sandbox", runner: .swift, needs: ["swift"]))
    }

    private func python() -> TestPlan? {
        let hasTests = ["test_*.py", "**/test_*.py", "*_test.py", "**/*_test.py"].contains { anyFile($0) }
        guard hasTests else { return nil }
        let configured =
            ["pytest.ini", "conftest.py", "tests/conftest.py"].contains(where: has)
            || ["pyproject.toml", "setup.cfg", "tox.ini"].contains { text($0)?.contains("pytest") == true }
        let importsPytest = usesPytest()
        if configured || importsPytest || hasTool("pytest") {
            return plan(
                configured ? "a pytest configuration" : "Python tests",
                .init("python3 -m pytest -v -p no:cacheprovider", runner: .pytest, needs: ["python3"]))
        }
        return plan("Python tests", .init("python3 -m unittest discover -v", runner: .unittest, needs: ["python3"]))
    }

    private func usesPytest() -> Bool {
        guard let listing = try? tree.list("", glob: "**/test_*.py", limit: 5) else { return false }
        return listing.entries.contains { entry in
            guard let text = text(entry.path) else { return false }
            return text.contains("import pytest") || !text.contains("unittest")
        }
    }

    private func node() -> TestPlan? {
        guard let text = text("package.json") else { return nil }
        let package = PackageJSON(text)
        if let script = package?.testScript, !script.contains("no test specified") {
            let runner = has("pnpm-lock.yaml") ? "pnpm" : has("yarn.lock") ? "yarn" : "npm"
            let program = hasTool(runner) ? runner : "npm"
            return plan("the test script of package.json", .init("\(program) test", runner: .node, needs: [program]))
        }
        guard ["**/*.test.js", "**/*.test.mjs", "test/**/*.js", "*.test.js"].contains(where: { anyFile($0) }) else { return nil }
        return plan("Node tests", .init("node --test --test-reporter=tap", runner: .node, needs: ["node"]))
    }

    private func go() -> TestPlan? {
        guard has("go.mod"), ["*_test.go", "**/*_test.go"].contains(where: { anyFile($0) }) else { return nil }
        return plan("go.mod", .init("go test -v ./...", runner: .go, needs: ["go"]))
    }

    private func rust() -> TestPlan? {
        guard has("Cargo.toml") else { return nil }
        return plan("Cargo.toml", .init("cargo test --offline", runner: .cargo, needs: ["cargo"]))
    }

    private func java() -> TestPlan? {
        if has("pom.xml") {
            let program = has("mvnw") ? "./mvnw" : "mvn"
            return plan(
                "pom.xml",
                .init(
                    "\(program) -B -o test", runner: .maven, needs: ["java"],
                    reports: ["**/target/surefire-reports/*.xml", "target/surefire-reports/*.xml"]))
        }
        guard has("build.gradle") || has("build.gradle.kts") else { return nil }
        let program = has("gradlew") ? "./gradlew" : "gradle"
        return plan(
            "a Gradle build",
            .init(
                "\(program) --offline --no-daemon test", runner: .gradle, needs: ["java"],
                reports: ["**/build/test-results/test/*.xml", "build/test-results/test/*.xml"]))
    }

    private func dotnet() -> TestPlan? {
        guard ["*.sln", "*.csproj", "**/*.csproj", "**/*.fsproj"].contains(where: { anyFile($0) }) else { return nil }
        return plan(
            "a .NET project",
            .init("dotnet test --logger \"console;verbosity=normal\"", runner: .dotnet, needs: ["dotnet"]))
    }

    private func ruby() -> TestPlan? {
        if has(".rspec") || anyFile("spec/**/*_spec.rb") {
            let line = has("Gemfile") ? "bundle exec rspec" : "rspec"
            return plan("Ruby specs", .init(line, runner: .rspec, needs: ["ruby"]))
        }
        guard anyFile("test/**/*_test.rb") || anyFile("test/**/test_*.rb") else { return nil }
        if has("Rakefile") {
            return plan("Ruby tests", .init(has("Gemfile") ? "bundle exec rake test" : "rake test", runner: .minitest, needs: ["ruby"]))
        }
        return plan(
            "Ruby tests",
            .init(
                "ruby -Ilib -Itest -e 'Dir[\"test/**/{test_*,*_test}.rb\"].sort.each { |f| require File.expand_path(f) }' -- -v",
                runner: .minitest, needs: ["ruby"]))
    }

    private func php() -> TestPlan? {
        guard has("phpunit.xml") || has("phpunit.xml.dist") else { return nil }
        let program = has("vendor/bin/phpunit") ? "vendor/bin/phpunit" : "phpunit"
        return plan("phpunit.xml", .init(program, runner: .phpunit, needs: ["php"]))
    }

    private func cOrCpp() -> TestPlan? {
        if let text = text("CMakeLists.txt"), text.lowercased().contains("enable_testing") || text.lowercased().contains("add_test") || text.contains("CTest") {
            return plan(
                "CMakeLists.txt",
                .init(
                    "cmake -S . -B .build-tests >/dev/null && cmake --build .build-tests && ctest --test-dir .build-tests --output-on-failure",
                    runner: .ctest, needs: ["cmake"]))
        }
        if let text = text("meson.build"), text.contains("test(") {
            return plan(
                "meson.build",
                .init(
                    "(test -d .build-tests || meson setup .build-tests) && meson test -C .build-tests --print-errorlogs", runner: .meson,
                    needs: ["meson"]))
        }
        return nil
    }

    private func make() -> TestPlan? {
        for name in ["Makefile", "makefile", "GNUmakefile"] {
            guard let text = text(name) else { continue }
            for target in ["test", "check", "tests"] where text.split(separator: "\n").contains(where: { $0.hasPrefix("\(target):") }) {
                return plan("the \(target) target of \(name)", .init("make \(target)", runner: .make, needs: ["make"]))
            }
        }
        return nil
    }

    private func ciJob() -> TestPlan? {
        guard let text = text(".gitlab-ci.yml"), let job = CITestJob.find(in: text) else { return nil }
        return TestPlan(
            setup: job.before, tests: job.script.map { .init($0, runner: TestPlan.runner(of: $0)) },
            source: "found the job \(job.name) of .gitlab-ci.yml")
    }
}
