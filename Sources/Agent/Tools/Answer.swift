/// `answer`: ends answering.
struct Answer: Tool {
    let name = "answer"
    let description = "Gives the answer and ends the work."
    let parameters = [ToolParameter("text", "The answer in Markdown, in the requester's language.")]
    let effect = ToolEffect.ends

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let text = try arguments.text("text")
        guard text.contains(where: { !$0.isWhitespace }) else { throw ToolProblem("`text` is empty.") }
        return ToolOutput("The answer is taken.", ending: .answer(text))
    }
}
