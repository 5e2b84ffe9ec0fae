import GitLabAPI

/// What people are told about a failed pipeline: what is repaired, what is not theirs to repair, and what was learned when the
/// bot gives up.
struct RepairReport {
    let pipeline: FailedPipeline
    let target: String
    let repairs: [RepairCase.Repair]

    private var name: Markdown {
        let text = "pipeline #\(pipeline.id)"
        return pipeline.url.map { Markdown.link(text, to: $0) } ?? Markdown.literal(text)
    }

    private func names(_ jobs: [FailedPipeline.Job]) -> Markdown {
        let names = jobs.map { job in job.url.map { Markdown.link(job.name, to: $0) } ?? Markdown.code(job.name) }
        return names.dropFirst().reduce(names.first ?? "") { "\($0), \($1)" as Markdown }
    }

    /// Before what was done.
    func prelude(limit: Int?) -> Markdown {
        let attempt: Markdown = limit.map { " This is repair \(Markdown.literal("\(repairs.count + 1) of \($0)")) in a row." } ?? ""
        return .paragraphs(["The \(name) failed in \(names(pipeline.repairable)).\(attempt)", others])
    }

    /// Nothing in it is for the bot to repair.
    var reasonToLeave: Markdown {
        .paragraphs([
            "the \(name) failed, and nothing was changed:",
            pipeline.jobs.isEmpty ? "No job of it has failed by itself: the configuration or a child pipeline may be the reason." : "", others,
        ])
    }

    var handover: Markdown {
        let count = Markdown.literal(repairs.count == 1 ? "one repair" : "\(repairs.count) repairs in a row")
        return .paragraphs([
            repairs.isEmpty
                ? "the \(name) failed in \(names(pipeline.repairable)). Pipelines are not repaired unasked here, so it is yours."
                : "the \(name) still fails after \(count), so I hand it to you.",
            tried, learned, others,
        ])
    }

    func failure(_ message: String) -> Markdown {
        .paragraphs(["I could not repair the \(name), so I hand it to you: \(Markdown.literal(message))", tried, learned, others])
    }

    private var tried: Markdown {
        guard !repairs.isEmpty else { return "" }
        return "**Tried so far**\n\n\(Markdown.lines(repairs.reversed().map { "- \(Markdown.code($0.commit)) \(Markdown.literal($0.title))" as Markdown }))"
    }

    private var learned: Markdown {
        .paragraphs(
            pipeline.repairable.map { job in
                .paragraphs([
                    "**What fails now in \(Markdown.code(job.name))**",
                    Markdown.block(job.errors.isEmpty ? String(job.excerpt.suffix(1500)) : job.errors.joined(separator: "\n")),
                ])
            })
    }

    private var others: Markdown {
        let broken = pipeline.jobs.filter(\.wasBroken)
        let outside = pipeline.jobs.filter { $0.isOutsideCode && !$0.wasBroken }
        return .paragraphs([
            broken.isEmpty
                ? ""
                : "Broken before: \(names(broken)) \(broken.count == 1 ? "fails" : "fail" as Markdown) on \(Markdown.code(target)) in the same way, so this is not mended here.",
            outside.isEmpty
                ? ""
                : .lines(
                    outside.map { "Not the code's fault: \(names([$0])) ended with \(Markdown.code($0.reason ?? "")). Run it again." as Markdown }),
            pipeline.moreJobs == 0 ? "" : "\(Markdown.literal("\(pipeline.moreJobs)")) more failed jobs were not looked at.",
        ])
    }
}
