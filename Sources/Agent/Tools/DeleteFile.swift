import Workspaces

/// `delete_file`: removes one file.
struct DeleteFile: Tool {
    let name = "delete_file"
    let description = "Deletes a file. Folders disappear with their last file."
    let parameters = [ToolParameter("path", "The file, relative to the repository's root.")]
    let effect = ToolEffect.changesFiles
    let subject: String? = "path"

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let path = try arguments.text("path")
        try await room.files { try $0.delete(path) }
        return ToolOutput("Deleted \(path).", changedPaths: [path])
    }
}
