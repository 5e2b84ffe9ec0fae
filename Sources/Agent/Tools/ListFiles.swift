import Workspaces

/// `list_files`: what is in a folder, or which files match a glob.
struct ListFiles: Tool {
    let name = "list_files"
    let description = """
        Lists a folder (the repository's root by default), folders with a slash at the end. With a glob, such as `**/*.py`, lists \
        all matching files below it.
        """
    let parameters = [
        ToolParameter("path", required: false, "The folder, relative to the repository's root."),
        ToolParameter("glob", required: false, "Which files; `*` stays within a folder, `**` crosses folders."),
    ]
    let subject: String? = "path"

    private static let entryLimit = 500

    private static func shown(_ entry: FileListing.Entry) -> String {
        switch entry.kind {
        case .regular: entry.path
        case .directory: entry.path + "/"
        case .link: entry.path + " (link)"
        case .special: entry.path + " (not a regular file)"
        }
    }

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let path = arguments.optionalText("path") ?? ""
        let glob = arguments.optionalText("glob").flatMap { $0.isEmpty ? nil : $0 }
        let listing = try await room.files { try $0.list(path, glob: glob, limit: Self.entryLimit) }
        guard !listing.entries.isEmpty else {
            return ToolOutput(glob == nil ? "(an empty folder)" : "No file matches.")
        }
        var text = listing.entries.map(Self.shown).joined(separator: "\n")
        if listing.isTruncated { text += "\n(more than \(Self.entryLimit); narrow it with path or glob)" }
        return ToolOutput(text)
    }
}
