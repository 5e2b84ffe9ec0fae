import Domain
import Foundation
import GitLabAPI

/// The one living note of a task: a checklist of its stages, what it costs so far, and how it ended.
struct ProgressNote {
    let record: TaskRecord
    let change: StatusChange?
    /// The last thing that happened, for instance a tool call.
    let lastActivity: String?
    let usage: Usage?
    let now: Date
    let settings: PipelineSettings
    /// The note on the issue points to the merge request, where the progress is shown in full.
    let mergeRequest: TaskResult.MergeRequest?
    /// More people see the note than the request: no word of the model's, which may repeat the request, stands in it.
    var isReserved = false
    /// What is wrong with the project's own file, and the like.
    var warnings: [String] = []

    /// What a task of this kind goes through.
    private var stages: [(status: TaskStatus, label: String)] {
        switch record.task.kind {
        case .review: [(.cloning, "Clone"), (.analyzing, "Read the change")]
        case .answer: [(.cloning, "Clone"), (.analyzing, "Look for the answer")]
        default:
            [
                (.cloning, "Clone"), (.analyzing, "Analyze and plan"), (.coding, "Code"), (.testing, "Test"),
                (.committing, "Commit and push"),
            ]
        }
    }

    var text: OutgoingText {
        OutgoingText(
            .paragraphs([
                headline, checklist, last, plan, tests, told, ending, footer,
                Markdown.marker("progress", record.task.id.rawValue),
            ]))
    }

    private var status: TaskStatus { record.status }

    private var headline: Markdown {
        switch status {
        case .pending: record.state == .queued ? "**Waiting for a free worker**" : "**Starting**"
        case .completed: "**Done**"
        case .failed: "**Failed**"
        case .cancelled: "**Stopped**"
        case .waiting: "**Waiting**"
        default: "**Working on it**"
        }
    }

    private var checklist: Markdown {
        let current = stages.firstIndex { $0.status == status }
        let reached = current ?? reachedByProgress
        return .lines(
            stages.enumerated().map { index, stage in
                let isDone = status == .completed || index < reached
                let isCurrent = index == current
                let round = stage.status == .coding || stage.status == .testing ? iteration : ""
                return "- [\(isDone ? "x" : " ")] \(isCurrent ? "**\(stage.label)**\(round)" as Markdown : "\(stage.label)")" as Markdown
            })
    }

    /// How many stages a task has behind it that has ended or waits. Coding and testing take turns, so neither is done before the
    /// commit begins.
    private var reachedByProgress: Int {
        switch record.progress {
        case ..<15: 0
        case ..<25: 1
        case ..<85: 2
        case ..<100: 4
        default: 5
        }
    }

    private var iteration: Markdown {
        guard let iteration = change?.iteration, iteration > 1 else { return "" }
        return " (round \(iteration))"
    }

    private var last: Markdown {
        guard !isReserved, !status.isFinal, status != .waiting, let lastActivity else { return "" }
        return Markdown.code(String(lastActivity.prefix(160)))
    }

    private var plan: Markdown {
        guard !isReserved, let plan = change?.plan, mergeRequest == nil else { return "" }
        return Markdown.details("The plan", PlanText(plan: plan).markdown)
    }

    private var tests: Markdown {
        guard let report = change?.testResults ?? record.result?.testResults else { return "" }
        return "Tests: \(report.summary)"
    }

    private var told: Markdown {
        guard !isReserved else { return "" }
        return .lines(warnings.map { "- \(Markdown.literal(String($0.prefix(300))))" as Markdown })
    }

    private var ending: Markdown {
        var lines: [Markdown] = []
        if let mergeRequest { lines.append("Merge request: \(Markdown.mergeRequest(mergeRequest.iid))") }
        if let error = change?.error ?? record.result?.error {
            lines.append(Markdown.literal(error))
            lines.append(next)
        } else if status == .waiting {
            lines.append(Markdown.literal(isReserved ? "Going on later." : change?.message ?? "Going on later."))
        }
        return .paragraphs(lines)
    }

    /// What to do about a failure.
    private var next: Markdown {
        let retry = Markdown.code("\(settings.trigger) retry")
        return switch change?.errorKind ?? record.result?.errorKind {
        case .network: "It may pass: \(retry) starts it again."
        case .authentication: "An operator has to look at the rights or the token; then \(retry)."
        case .code: "Say more precisely what is wanted with \(Markdown.code("\(settings.trigger) do")), or \(retry)."
        case .configuration: "Mend that, then \(retry)."
        case .budget: "Ask for a smaller step, or let an operator raise the limit; then \(retry)."
        case .cancelled: "\(retry) starts it again."
        case .system, nil: "\(retry) starts it again; an operator finds the details in the log."
        }
    }

    private var footer: Markdown {
        var parts: [Markdown] = []
        if let started = record.startedAt {
            let seconds = Int((record.endedAt ?? now).timeIntervalSince(started))
            parts.append("\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60) min")
        }
        if let usage = record.result?.usage ?? usage ?? change?.usage, usage.requests > 0 {
            parts.append("\(UsageText(usage).text)")
        }
        if let url = settings.publicURL {
            parts.append(Markdown.link("details", to: "\(url)/tasks/\(record.task.id)"))
        }
        if !status.isFinal { parts.append("\(Markdown.code("\(settings.trigger) stop")) ends it") }
        guard let first = parts.first else { return "" }
        return parts.dropFirst().reduce(first) { "\($0) · \($1)" as Markdown }
    }
}
