import Workspaces

/// `edit_file`: replaces one exact piece of a file.
struct EditFile: Tool {
    let name = "edit_file"
    let description = """
        Replaces one piece of a file. `search` must be in the file exactly once, character for character: copy it from \
        read_file without the line numbers, with enough lines around it to be unique. Everything else in the file stays as it is.
        """
    let parameters = [
        ToolParameter("path", "The file, relative to the repository's root."),
        ToolParameter("search", "The piece to be replaced, exactly as it is in the file."),
        ToolParameter("replace", "What is to stand in its place; empty to remove the piece."),
    ]
    let effect = ToolEffect.changesFiles
    let subject: String? = "path"

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let path = try arguments.text("path")
        let search = try arguments.text("search")
        let replacement = try arguments.text("replace")
        let edit = try await room.files { tree in
            let edit = try TextReplacement(of: search, with: replacement, in: try tree.read(path))
            try tree.write(edit.bytes, to: path)
            return edit
        }
        let old = edit.oldLines.count == 1 ? "line \(edit.oldLines.lowerBound)" : "lines \(edit.oldLines.lowerBound)–\(edit.oldLines.upperBound)"
        return ToolOutput(
            "Edited \(path): \(old) replaced by \(replacement.isEmpty ? "nothing" : "\(edit.newLines.count) line\(edit.newLines.count == 1 ? "" : "s")").",
            changedPaths: [path])
    }
}
