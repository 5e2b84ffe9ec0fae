/// `submit_review`: ends reviewing. A finding that does not lie within the diff is sent back to be corrected.
struct SubmitReview: Tool {
    let name = "submit_review"
    let description = """
        Hands in the review and ends it. Every finding must lie on lines that the diff shows; what concerns the change as a whole \
        belongs in the summary. No findings is a good review too.
        """
    let parameters = [
        ToolParameter("summary", "What the change does and how good it is, in a few sentences, in the requester's language."),
        ToolParameter(
            "findings",
            .objects([
                ToolParameter("path", "The file, as the diff names it."),
                ToolParameter("line", .integer(minimum: 1), "The first line concerned."),
                ToolParameter("end_line", .integer(minimum: 1), required: false, "The last line, when there are several."),
                ToolParameter(
                    "side", required: false, "Which numbering `line` has: `new` (the default) or `old`, for deleted lines."),
                ToolParameter("severity", "critical, major, minor or nit."),
                ToolParameter("title", "The finding in one sentence."),
                ToolParameter("body", "Why it matters and what to do, with evidence."),
                ToolParameter(
                    "suggestion", required: false,
                    "What is to stand in place of exactly these lines, with their indentation and without a code fence; only when it is sure."
                ),
            ]), "The findings, the gravest first."),
        ToolParameter(
            "still_open", .texts, required: false,
            "Names (such as E1) of earlier findings that are not mended although the code they are about was changed."),
    ]
    let effect = ToolEffect.ends

    /// After so many corrections the review is taken as it is: who publishes finds a place for findings that are still astray.
    private static let corrections = 2

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let summary = try arguments.text("summary")
        var findings: [ReviewOutcome.Finding] = []
        var problems: [String] = []
        for (index, object) in arguments.objects("findings").enumerated() {
            do {
                let finding = try Self.finding(object)
                findings.append(finding)
                try room.scope?.check(finding)
            } catch let problem {
                problems.append("findings[\(index)]: \(problem.message)")
            }
        }
        guard problems.isEmpty || room.refusedEndings >= Self.corrections else {
            throw ToolProblem(
                problems.prefix(20).joined(separator: "\n") + "\nCorrect these findings or leave them out, and hand in all again.")
        }
        let outcome = ReviewOutcome(summary: summary, findings: findings, stillOpen: arguments.texts("still_open"))
        return ToolOutput("The review is taken.", ending: .review(outcome))
    }

    private static func finding(_ object: ToolArguments) throws(ToolProblem) -> ReviewOutcome.Finding {
        let sideName = object.optionalText("side") ?? "new"
        guard let side = ReviewOutcome.Side(rawValue: sideName) else {
            throw ToolProblem("`side` must be `new` or `old`.")
        }
        let line = try object.integer("line")
        let endLine = object.optionalInteger("end_line")
        guard endLine.map({ $0 >= line }) ?? true else { throw ToolProblem("`end_line` comes before `line`.") }
        return ReviewOutcome.Finding(
            path: try object.text("path"), line: line, endLine: endLine == line ? nil : endLine, side: side,
            severity: severity(try object.text("severity")), title: try object.text("title"), body: try object.text("body"),
            suggestion: side == .new ? object.optionalText("suggestion") : nil)
    }

    /// Models have words of their own for this; none is worth another turn.
    private static func severity(_ word: String) -> ReviewOutcome.Severity {
        switch word.lowercased() {
        case "critical", "blocker", "blocking": .critical
        case "major", "high", "error", "important": .major
        case "nit", "info", "trivial", "style", "suggestion", "low": .nit
        default: .minor
        }
    }
}

extension ReviewScope {
    fileprivate func check(_ finding: ReviewOutcome.Finding) throws(ToolProblem) {
        guard let lines = files[finding.path] else {
            throw ToolProblem("`\(finding.path)` is not in the diff.")
        }
        let ranges = finding.side == .new ? lines.new : lines.old
        let end = finding.endLine ?? finding.line
        guard ranges.contains(where: { $0.contains(finding.line) && $0.contains(end) }) else {
            let shown = ranges.prefix(12).map { "\($0.lowerBound)–\($0.upperBound)" }.joined(separator: ", ")
            throw ToolProblem(
                "lines \(finding.line)–\(end) (\(finding.side.rawValue)) are not within one part of the diff; it shows \(shown.isEmpty ? "none on this side" : shown)."
            )
        }
    }
}
