import Workspaces

/// `search`: a regular expression over the repository's files, by ripgrep in the sandbox.
struct Search: Tool {
    let name = "search"
    let description = """
        Searches the files for a regular expression (ripgrep's syntax) and shows path, line number and line of each match. Ignored \
        files (.gitignore) and binary ones are left out. A pattern in small letters matches capitals too.
        """
    let parameters = [
        ToolParameter("pattern", "The regular expression."),
        ToolParameter("path", required: false, "A file or folder to search in."),
        ToolParameter("glob", required: false, "Which files, for instance `*.swift` or `!**/generated/**`."),
    ]
    let subject: String? = "pattern"

    private static let matchLimit = 200

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let pattern = try arguments.text("pattern")
        guard !pattern.isEmpty else { throw ToolProblem("`pattern` is empty.") }
        let glob = arguments.optionalText("glob")
        for text in [pattern, glob ?? ""] where text.unicodeScalars.contains("\0") {
            throw ToolProblem("A NUL character can't be searched for.")
        }
        let path = arguments.optionalText("path") ?? ""
        if !path.isEmpty {
            // The same policy as for every other tool: nothing but the work tree.
            guard let kind = try await room.files({ try $0.kind(of: path) }) else {
                throw ToolProblem("`\(path)` does not exist.")
            }
            switch kind {
            case .regular, .directory: break
            case .link, .special: throw ToolProblem("`\(path)` is not a file or folder.")
            }
        }
        let arguments = Self.command(pattern: pattern, path: path, glob: glob)
        let outcome = try await room.look(arguments, outputLimit: 512 << 10)
        return ToolOutput(try Self.report(outcome, limit: room.resultLimit))
    }

    static func command(pattern: String, path: String, glob: String?) -> [String] {
        var command = [
            "rg", "--no-config", "--line-number", "--with-filename", "--no-heading", "--color=never", "--hidden", "--smart-case",
            "--max-columns=400", "--max-columns-preview", "--max-count=100", "--sort=path", "--glob=!.git",
        ]
        if let glob, !glob.isEmpty { command.append("--glob=\(glob)") }
        return command + ["--regexp=\(pattern)", "--", path.isEmpty ? "./" : "./\(path)"]
    }

    static func report(_ outcome: CommandOutcome, limit: Int) throws(ToolProblem) -> String {
        switch outcome.ending {
        case .exited(0), .exited(2): break
        case .exited(1): return "No matches."
        case .timedOut: throw ToolProblem("The search took too long; narrow it with path or glob.")
        case .exited(127): throw ToolProblem("ripgrep is not installed in the sandbox; use run_command with grep.")
        default: throw ToolProblem("The search failed: \(outcome.output.text.prefix(2000))")
        }
        // Exit 2 comes with matches when some file could not be read, and with a message alone when the pattern is wrong.
        if outcome.ending == .exited(2), !outcome.output.text.contains("\n./"), !outcome.output.text.hasPrefix("./") {
            throw ToolProblem("The search failed: \(outcome.output.text.prefix(2000))")
        }
        let lines = outcome.output.text.split(separator: "\n")
        var shown = ""
        var count = 0
        for line in lines {
            let line = line.hasPrefix("./") ? line.dropFirst(2) : line
            guard count < matchLimit, shown.utf8.count + line.utf8.count + 120 < limit else { break }
            shown += line + "\n"
            count += 1
        }
        if count < lines.count || outcome.output.isTruncated {
            shown += "(\(count) of \(outcome.output.isTruncated ? "more than " : "")\(lines.count) lines; narrow the search to see the rest)"
        }
        return shown
    }
}
