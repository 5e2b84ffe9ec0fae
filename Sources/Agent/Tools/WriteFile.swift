import Workspaces

/// `write_file`: makes a file, or gives it an entirely new content.
struct WriteFile: Tool {
    let name = "write_file"
    let description = """
        Writes a whole file, and makes its folders. For a new file; to change part of an existing one use edit_file.
        """
    let parameters = [
        ToolParameter("path", "The file, relative to the repository's root."),
        ToolParameter("content", "The whole content."),
    ]
    let effect = ToolEffect.changesFiles
    let subject: String? = "path"

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let path = try arguments.text("path")
        let content = Array(try arguments.text("content").utf8)
        let text = try await room.files { tree in
            guard try tree.kind(of: path) != nil else {
                try tree.write(content, to: path)
                return "Created \(path), \(FileLines(content).count) lines."
            }
            let old = FileLines(try tree.read(path))
            // A project that has carriage returns keeps them: otherwise every line of the file would count as changed.
            let new = old.usesCarriageReturns ? content.withCarriageReturns : content
            guard new != old.bytes else { return "\(path) has that content already; nothing changed." }
            try tree.write(new, to: path)
            return "Overwrote \(path): \(old.count) lines before, \(FileLines(new).count) now."
        }
        return ToolOutput(text, changedPaths: [path])
    }
}
