import Domain
import Foundation
import GitLabAPI

/// Title and description of a merge request: the plan while the work goes on, the evidence when it is done.
struct MergeRequestText {
    let title: OutgoingTitle
    let description: OutgoingText

    init(run: TaskRun, plan: Plan, closes: Int64?, requester: String, isHidden: Bool) {
        title = OutgoingTitle(untrusted: isHidden ? "Work in progress" : plan.summary, isDraft: true)
        description = OutgoingText(
            .paragraphs([
                "The work has begun; this text becomes the evidence when it is done.",
                isHidden ? "" : PlanText(plan: plan).markdown,
                closes.map(Markdown.closes(issue:)) ?? "",
                Self.footer(run, usage: nil, requester: requester),
            ]))
    }

    init(
        run: TaskRun, evidence: Evidence, closes: Int64? = nil, requester: String? = nil, isHidden: Bool = false,
        template: String? = nil
    ) {
        title = OutgoingTitle(
            untrusted: isHidden ? "Change files as asked" : evidence.title, isDraft: evidence.staysDraft)
        let rules = OutgoingRules(mentions: requester.map { [$0] } ?? [])
        let summary = isHidden ? "" : Markdown(untrusted: String(evidence.summary.prefix(20_000)), rules: rules)
        let changes = Markdown.lines(
            evidence.changes.prefix(100).map { "- \($0.kind.rawValue): \(Markdown.code($0.path))" as Markdown })
        description = OutgoingText(
            .paragraphs([
                WarningList(warnings: evidence.warnings).markdown,
                evidence.report.verdict == .failed
                    ? "**New test failures remain.** The request stays a draft: take it from here, or ask again." : "",
                run.parts.settings.isUnconfined ? "**Commands ran without a sandbox** (`SANDBOX=none`)." : "",
                summary,
                "### What changed",
                changes,
                "### Tests",
                TestTable(report: evidence.report).markdown,
                isHidden ? "" : Markdown.details("The plan", PlanText(plan: evidence.plan).markdown),
                template.map { Markdown(untrusted: String($0.prefix(20_000))) } ?? "",
                closes.map(Markdown.closes(issue:)) ?? "",
                Self.footer(run, usage: evidence.usage, requester: requester),
            ]))
    }

    private static func footer(_ run: TaskRun, usage: Usage?, requester: String?) -> Markdown {
        var parts: [Markdown] = ["Task \(Markdown.code(run.task.id.rawValue))"]
        if let requester { parts.append("asked for by \(Markdown.code("@" + requester))") }
        if let usage, usage.requests > 0 { parts.append("\(UsageText(usage).text)") }
        if let url = run.parts.settings.publicURL { parts.append(Markdown.link("details", to: "\(url)/tasks/\(run.task.id)")) }
        let line = parts.dropFirst().reduce(parts[0]) { "\($0) · \($1)" as Markdown }
        return "---\n\(line)\n\(Markdown.marker("task", run.task.id.rawValue))"
    }
}
