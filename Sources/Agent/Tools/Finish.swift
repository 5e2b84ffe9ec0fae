/// `finish`: ends a round of coding.
struct Finish: Tool {
    let name = "finish"
    let description = """
        Says that the work is done; the tests are run then. The summary becomes the text of the commit and of the merge request.
        """
    let parameters = [
        ToolParameter(
            "summary",
            """
            First line: a title in the imperative, at most 72 characters, no full stop. Then an empty line. Then why the change \
            was made and what it does, for a reviewer.
            """)
    ]
    let effect = ToolEffect.ends

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let summary = try arguments.text("summary")
        guard summary.contains(where: { !$0.isWhitespace }) else { throw ToolProblem("`summary` is empty.") }
        return ToolOutput("The work is handed in.", ending: .finished(summary: summary))
    }
}
