import Domain
import GitLabAPI

/// A plan as people read it.
struct PlanText {
    let plan: Plan

    var markdown: Markdown {
        .paragraphs([
            Markdown(untrusted: String(plan.summary.prefix(4000))),
            list("Files", plan.files.map { Markdown.code($0) }),
            list("Changes", plan.changes.map { Markdown(untrusted: oneLine($0)) }),
            list("Checks", plan.tests.map { Markdown(untrusted: oneLine($0)) }),
        ])
    }

    private func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private func list(_ title: String, _ items: [Markdown]) -> Markdown {
        guard !items.isEmpty else { return "" }
        return "**\(title)**\n\n\(Markdown.lines(items.prefix(30).map { "- \($0)" as Markdown }))"
    }
}
