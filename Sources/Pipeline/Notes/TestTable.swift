import Domain
import Foundation
import GitLabAPI

/// What the tests said: one row for each command, and the failures sorted by what they were before the change.
struct TestTable {
    let report: TestReport

    var markdown: Markdown {
        .paragraphs([Markdown.literal(report.summary), commands, failures, output])
    }

    private var commands: Markdown {
        guard !report.commands.isEmpty else { return "" }
        return .table(
            ["Command", "Exit code", "Time", "Passed", "Failed", "Skipped"],
            report.commands.prefix(40).map { command in
                [
                    Markdown.code(String(command.line.prefix(200))),
                    Markdown.literal(command.timedOut ? "time limit" : command.exitCode.map { "\($0)" } ?? "ended"),
                    Markdown.literal(String(format: "%.1f s", command.durationSeconds)),
                    Markdown.literal(command.counts.map { "\($0.passed)" } ?? ""),
                    Markdown.literal(command.counts.map { "\($0.failed)" } ?? ""),
                    Markdown.literal(command.counts.map { "\($0.skipped)" } ?? ""),
                ]
            })
    }

    private var failures: Markdown {
        let rows =
            [
                ("new", report.newFailures), ("failed before, too", report.oldFailures), ("repaired", report.repaired),
                ("flaky", report.flaky),
            ].flatMap { kind, names in names.prefix(30).map { [Markdown.code($0), Markdown.literal(kind)] } }
        return rows.isEmpty ? "" : .table(["Test", "State"], rows)
    }

    private var output: Markdown {
        guard report.verdict == .failed, let failed = report.commands.last(where: { $0.exitCode != 0 && !$0.outputTail.isEmpty })
        else { return "" }
        return .details("The end of the output", Markdown.block(String(failed.outputTail.suffix(3000))))
    }
}
