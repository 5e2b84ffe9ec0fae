import Domain

/// What a test report says to the model that is to mend the failures: bounded, and only what is its business.
enum RepairText {
    private static let names = 50
    private static let commands = 6

    static func text(_ report: TestReport, iteration: Int, limit: Int) -> String {
        Template(Prompts.repair).filled([
            "summary": InvisibleText.shown(report.summary),
            "failures": failures(report),
            "commands": commands(report, limit: limit),
        ])
    }

    static func text(problem: String, limit: Int) -> String {
        Template(Prompts.problem).filled([
            "problem": UntrustedText.fenced(BoundedText.cut(problem, to: limit), source: "the harness")
        ])
    }

    private static func failures(_ report: TestReport) -> String {
        var parts: [String] = []
        func list(_ title: String, _ names: [String]) {
            guard !names.isEmpty else { return }
            let more = names.count - Self.names
            parts.append(
                title + "\n" + names.prefix(Self.names).map { "- \(InvisibleText.shown(String($0.prefix(300))))" }.joined(separator: "\n")
                    + (more > 0 ? "\n- and \(more) more" : ""))
        }
        list("New failures, which your change has brought:", report.newFailures)
        list("Failing before your change already; leave them alone unless the request is about them:", report.oldFailures)
        list("Now and then failing without any change:", report.flaky)
        return parts.isEmpty ? "(no single tests are named)" : parts.joined(separator: "\n\n")
    }

    private static func commands(_ report: TestReport, limit: Int) -> String {
        let failed = report.commands.filter { $0.exitCode != 0 || $0.timedOut }
        guard !failed.isEmpty else { return "(every command ended with exit code 0)" }
        let shown = failed.prefix(Self.commands)
        let shares = Opening.shares(shown.map(\.outputTail.utf8.count), limit: limit)
        let texts = zip(shown, shares).map { command, share in
            let ending = command.timedOut ? "timed out" : command.exitCode.map { "exit code \($0)" } ?? "ended from outside"
            return UntrustedText.fenced(
                BoundedText.cut(command.outputTail, to: share, keeping: .tail),
                source: "end of the output of \(command.line.prefix(200)) (\(ending))")
        }
        return texts.joined(separator: "\n\n")
    }
}
