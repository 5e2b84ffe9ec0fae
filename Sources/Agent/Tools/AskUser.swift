/// `ask_user`: ends analyzing with a question.
struct AskUser: Tool {
    let name = "ask_user"
    let description = """
        Asks the requester and ends the analysis; the work waits for the answer, perhaps for days. Only for what neither the \
        repository nor good sense can settle and where a wrong guess would cost much.
        """
    let parameters = [ToolParameter("question", "The question, in the requester's language, with the choices that you see.")]
    let effect = ToolEffect.ends

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let question = try arguments.text("question")
        guard question.contains(where: { !$0.isWhitespace }) else { throw ToolProblem("`question` is empty.") }
        return ToolOutput("The question is asked.", ending: .question(question))
    }
}
