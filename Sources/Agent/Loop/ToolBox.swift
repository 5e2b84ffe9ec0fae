import LanguageModels

/// A stage's tools by name, and the reading of calls.
struct ToolBox: Sendable {
    /// A call that can be run.
    struct Resolved: Sendable {
        let tool: any Tool
        let arguments: ToolArguments

        /// One line for the transcript and the live line.
        var subject: String {
            let text = tool.subject.flatMap { arguments.optionalText($0) } ?? ""
            return String(text.prefix(200).map { $0.isNewline ? " " : $0 })
        }
    }

    private let tools: [String: any Tool]
    private let names: String

    init(_ stage: Stage) {
        tools = Dictionary(stage.tools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        names = stage.tools.map(\.name).joined(separator: ", ")
    }

    func resolve(_ call: ToolCall) throws(ToolProblem) -> Resolved {
        guard let tool = tools[call.name] else {
            let known = Stage.all.contains { $0.tools.contains { $0.name == call.name } }
            let name = InvisibleText.shown(String(call.name.prefix(80)))
            throw ToolProblem(
                known
                    ? "`\(name)` is not available at this stage; there are: \(names)."
                    : "There is no tool `\(name)`; there are: \(names).")
        }
        do {
            return Resolved(tool: tool, arguments: try ToolArguments(call.arguments, for: tool.parameters))
        } catch {
            throw ToolProblem("\(tool.name): \(error.message)")
        }
    }
}
