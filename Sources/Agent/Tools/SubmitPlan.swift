import Domain

/// `submit_plan`: ends analyzing.
struct SubmitPlan: Tool {
    let name = "submit_plan"
    let description = """
        Hands in the plan and ends the analysis. If nothing in the repository needs to change, hand in empty `files` and \
        `changes`, and say why in `summary`.
        """
    let parameters = [
        ToolParameter("summary", "What will be done and why, in a few sentences, in the requester's language."),
        ToolParameter("files", .texts, "The paths that will be changed, created or deleted."),
        ToolParameter("changes", .texts, "Each change in one sentence."),
        ToolParameter("tests", .texts, "How the result will be checked: tests to add or adjust, commands to run."),
    ]
    let effect = ToolEffect.ends

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let summary = try arguments.text("summary")
        guard summary.contains(where: { !$0.isWhitespace }) else { throw ToolProblem("`summary` is empty.") }
        let plan = Plan(
            summary: summary, files: arguments.texts("files"), changes: arguments.texts("changes"),
            tests: arguments.texts("tests"))
        return ToolOutput("The plan is taken.", ending: .plan(plan))
    }
}
