import Workspaces

/// `read_file`: shows a file, or some of its lines, with line numbers.
struct ReadFile: Tool {
    let name = "read_file"
    let description = """
        Reads a text file. Each line is shown as its number, a tab and its text; the number and the tab are not part of the file. \
        A long file is shown in parts: go on with start_line.
        """
    let parameters = [
        ToolParameter("path", "The file, relative to the repository's root."),
        ToolParameter("start_line", .integer(minimum: 1), required: false, "The first line wanted; 1 by default."),
        ToolParameter("end_line", .integer(minimum: 1), required: false, "The last line wanted."),
    ]
    let subject: String? = "path"

    private static let longestLine = 2000

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let path = try arguments.text("path")
        let first = arguments.optionalInteger("start_line") ?? 1
        let last = arguments.optionalInteger("end_line")
        guard last.map({ $0 >= first }) ?? true else {
            throw ToolProblem("`end_line` comes before `start_line`.")
        }
        let limit = room.resultLimit - 400
        let text = try await room.files { tree in
            if try tree.kind(of: path) == .directory {
                throw ToolProblem("`\(path)` is a folder; use list_files.")
            }
            return try Self.show(FileLines(try tree.read(path)), from: first, to: last, limit: limit)
        }
        return ToolOutput(text)
    }

    static func show(_ lines: FileLines, from first: Int, to last: Int?, limit: Int) throws(ToolProblem) -> String {
        guard !lines.bytes.prefix(8192).contains(0) else {
            return "(a binary file of \(lines.bytes.count) bytes)"
        }
        guard lines.count > 0 else { return "(an empty file)" }
        guard first <= lines.count else {
            throw ToolProblem("The file has only \(lines.count) lines.")
        }
        var shown = ""
        var number = first
        let end = min(last ?? lines.count, lines.count)
        while number <= end {
            var line = lines.text(number - 1)
            if line.utf8.count > longestLine {
                line = String(line.prefix(longestLine / 2)) + "[… \(line.utf8.count) bytes, cut …]"
            }
            guard shown.utf8.count + line.utf8.count + 8 <= limit || number == first else { break }
            shown += "\(number)\t\(line)\n"
            number += 1
        }
        var notes: [String] = []
        if number <= end {
            notes.append("lines \(first)–\(number - 1) of \(lines.count); go on with start_line \(number)")
        } else if first > 1 || end < lines.count {
            notes.append("lines \(first)–\(end) of \(lines.count)")
        }
        if lines.usesCarriageReturns { notes.append("lines end with CR LF, which edits keep") }
        if end == lines.count, number > end, !lines.endsWithNewline { notes.append("no newline at the end of the file") }
        if String(validating: lines.bytes, as: UTF8.self) == nil { notes.append("not UTF-8; some characters are shown as �") }
        return notes.isEmpty ? shown : shown + "(" + notes.joined(separator: "; ") + ")"
    }
}
