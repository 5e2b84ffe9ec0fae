import Domain
package import Workspaces

/// Runs a project's own commands in the sandbox and reads what they say. What a model claims about tests is never asked.
package struct TestRunner: Sendable {
    private let sandbox: any Sandbox
    private let commandTime: Duration
    private let allowedHosts: [String]
    private let image: String?
    private let preparedTrees = PreparedTrees()

    /// - Parameters:
    ///   - commandTime: for each command.
    ///   - allowedHosts: what the project asked for within what the operator allows.
    package init(
        sandbox: any Sandbox, commandTime: Duration = .seconds(600), allowedHosts: [String] = [], image: String? = nil
    ) {
        self.sandbox = sandbox
        self.commandTime = commandTime
        self.allowedHosts = allowedHosts
        self.image = image
    }

    /// Which of these programs the sandbox has.
    package func tools(in tree: WorkTree) async throws -> Set<String> {
        let names = [
            "swift", "python3", "pytest", "node", "npm", "yarn", "pnpm", "go", "gofmt", "cargo", "java", "mvn", "gradle", "dotnet",
            "ruby", "bundle", "rspec", "php", "cmake", "ctest", "meson", "make", "bash", "sh",
        ]
        let probe = SandboxedCommand(
            .shell("for t in \(names.joined(separator: " ")); do command -v $t >/dev/null 2>&1 && echo $t; done; true"),
            timeLimit: .seconds(20), outputLimit: 4096, treeIsWritable: false, image: image)
        let outcome = try await sandbox.run(probe, in: tree)
        return Set(outcome.output.text.split(whereSeparator: \.isWhitespace).map(String.init)).intersection(names)
    }

    /// Runs the plan's set-up lines in a tree, once for each tree; lines that failed are tried again the next time.
    ///
    /// - Returns: why no test can be run there, in one sentence; nil when all went well.
    package func setUp(_ plan: TestPlan, in tree: WorkTree) async throws -> String? {
        var run = TestRun()
        try await setUp(plan, in: tree, into: &run)
        return run.obstacle
    }

    /// Set-up where that is still to be done, tests and lint, then a syntax check of the changed files for the languages at hand.
    package func run(
        _ plan: TestPlan?, in tree: WorkTree, changed: [String], tools: Set<String>
    ) async throws -> TestRun {
        var run = TestRun(source: plan?.source)
        if let plan {
            if let missing = plan.tests.flatMap(\.needs).first(where: { !tools.contains($0) && !$0.contains("/") }) {
                run.obstacle = "The tests (\(plan.source)) need `\(missing)`, which is not installed where AI Coder runs."
            } else {
                try await runCommands(of: plan, in: tree, into: &run)
            }
        }
        try await checkSyntax(of: changed, in: tree, tools: tools, into: &run)
        if plan == nil, run.commands.isEmpty { run.obstacle = nil }
        return run
    }

    private func runCommands(of plan: TestPlan, in tree: WorkTree, into run: inout TestRun) async throws {
        try await setUp(plan, in: tree, into: &run)
        guard run.obstacle == nil else { return }
        var output = TestOutput()
        for test in plan.tests {
            var (command, text) = try await execute(.shell(test.line), shown: test.line, purpose: .test, in: tree, into: &run)
            var parsed = TestOutput.parse(text, runner: test.runner)
            readReports(of: test, in: tree, into: &parsed)
            parsed.judge(test, exitCode: command.exitCode, text: text)
            command.counts = parsed.counts
            run.commands[run.commands.count - 1] = command
            output.merge(parsed)
        }
        for line in plan.lint {
            let (command, _) = try await execute(.shell(line), shown: line, purpose: .lint, in: tree, into: &run)
            run.check(line, command.exitCode == 0 ? .passed : .failed)
        }
        run.outcomes.merge(output.outcomes) { _, new in new }
        run.counts = output.counts
    }

    private func setUp(_ plan: TestPlan, in tree: WorkTree, into run: inout TestRun) async throws {
        if let done = await preparedTrees.commands(of: plan.setup, in: tree) {
            run.commands += done
            return
        }
        let before = run.commands.count
        for line in plan.setup {
            let (command, _) = try await execute(.shell(line), shown: line, purpose: .setup, in: tree, into: &run)
            guard command.exitCode == 0 else {
                run.check(line, .failed)
                run.obstacle = "The set-up command `\(line.prefix(120))` failed, so no test was run.\(networkHint(command))"
                return
            }
        }
        await preparedTrees.note(Array(run.commands[before...]), of: plan.setup, in: tree)
    }

    /// A command that looked for the network and has none, with what would give it some.
    private func networkHint(_ command: TestReport.Command) -> String {
        let signs = [
            "could not resolve", "couldn't resolve", "name resolution", "enotfound", "eai_again", "network is unreachable", "no such host",
            "name or service not known", "nodename nor servname",
        ]
        let output = command.outputTail.lowercased()
        guard allowedHosts.isEmpty, signs.contains(where: { output.contains($0) }) else { return "" }
        return " The sandbox has no network: hosts are opened by `network` in \(ProjectRules.fileName), within the operator's SANDBOX_ALLOW_HOSTS."
    }

    /// Bytes of one report, and of all that one command left. A project can leave any number of them, and one under many names by links.
    private static let (reportSize, reportRoom) = (8 << 20, 64 << 20)

    private func readReports(of test: TestPlan.Command, in tree: WorkTree, into output: inout TestOutput) {
        var found: [String: Int] = [:]
        for glob in test.reports {
            guard let listing = try? tree.list("", glob: glob, limit: 500) else { continue }
            for entry in listing.entries {
                if case .regular(let size, _) = entry.kind, size <= Self.reportSize { found[entry.path] = size }
            }
        }
        var room = Self.reportRoom
        for (path, size) in found.sorted(by: { $0.key < $1.key }) where size <= room {
            room -= size
            guard let bytes = try? tree.read(path, limit: Self.reportSize), let report = JUnitReport.parse(bytes) else { continue }
            output.merge(report)
        }
    }

    private func checkSyntax(
        of changed: [String], in tree: WorkTree, tools: Set<String>, into run: inout TestRun
    ) async throws {
        for check in SyntaxCheck.all where tools.contains(check.tool) {
            let files = changed.filter { check.covers($0) && (try? tree.kind(of: $0)) != nil }.prefix(200)
            guard !files.isEmpty else { continue }
            let shown = "\(check.name): \(files.prefix(5).joined(separator: " "))\(files.count > 5 ? " …" : "")"
            let (command, text) = try await execute(
                .arguments(check.command + files.map { $0.hasPrefix("-") ? "./\($0)" : $0 }), shown: shown, purpose: .syntax,
                in: tree, writable: false, into: &run)
            for file in files {
                let isBroken = command.exitCode != 0 && (files.count == 1 || text.contains(file))
                run.check("syntax of \(file)", isBroken ? .failed : .passed)
            }
        }
    }

    private func execute(
        _ program: SandboxedCommand.Program, shown: String, purpose: TestReport.Command.Purpose, in tree: WorkTree,
        writable: Bool = true, into run: inout TestRun
    ) async throws -> (TestReport.Command, String) {
        // What only looks at the code has no business outside.
        let hosts = purpose == .setup || purpose == .test ? allowedHosts : []
        let outcome = try await sandbox.run(
            SandboxedCommand(program, timeLimit: commandTime, treeIsWritable: writable, allowedHosts: hosts, image: image), in: tree)
        var command = TestReport.Command(
            line: shown, purpose: purpose, exitCode: nil, durationSeconds: outcome.duration.inSeconds,
            outputTail: String(outcome.output.text.suffix(4000)))
        switch outcome.ending {
        case .exited(let code): command.exitCode = Int(code)
        case .signalled(let signal): command.outputTail += "\n[ended by signal \(signal)]"
        case .timedOut: command.timedOut = true
        case .limit(let limit): command.outputTail += "\n[ended: \(limit)]"
        }
        if !outcome.refusedHosts.isEmpty {
            command.outputTail += "\n[refused by the network rules: \(outcome.refusedHosts.prefix(20).joined(separator: ", "))]"
        }
        run.commands.append(command)
        run.refusedHosts += outcome.refusedHosts.filter { !run.refusedHosts.contains($0) }
        return (command, outcome.output.text)
    }
}

extension Duration {
    /// To the millisecond.
    fileprivate var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + (Double(attoseconds) / 1e15).rounded() / 1000
    }
}
