import Workspaces

/// `move_file`: gives a file another path.
struct MoveFile: Tool {
    let name = "move_file"
    let description = "Moves or renames a file; folders of the new path are made. The new path must be free."
    let parameters = [
        ToolParameter("from", "The file as it is now, relative to the repository's root."),
        ToolParameter("to", "Its new path, relative to the repository's root."),
    ]
    let effect = ToolEffect.changesFiles
    let subject: String? = "from"

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let from = try arguments.text("from")
        let to = try arguments.text("to")
        try await room.files { tree in
            guard try tree.kind(of: to) == nil else { throw ToolProblem("`\(to)` exists already; delete it first.") }
            try tree.move(from, to: to)
        }
        return ToolOutput("Moved \(from) to \(to).", changedPaths: [from, to])
    }
}
