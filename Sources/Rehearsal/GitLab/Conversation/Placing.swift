import Foundation

extension GitLabWorld {
    struct PlacedLine: Sendable {
        let code: String?
        /// The lines of the file on the new side, for suggestions; nil where the position isn't on it.
        let newSide: [String]?
    }

    /// Checks a position against the real diff, as GitLab does before it takes a diff note.
    func place(_ position: DiffPosition, on mergeRequestID: Int) async throws -> PlacedLine {
        let bad = Refusal.badRequest(
            "400 Bad request - Note {:line_code=>[\"can't be blank\", \"must be a valid line code\"]}")
        guard let found = mergeRequests[mergeRequestID] else { throw Refusal.notFound }
        guard
            found.versions.contains(where: {
                $0.base == position.baseSHA && $0.start == position.startSHA && $0.head == position.headSHA
            })
        else { throw bad }
        let repository = repository(of: found.projectID)
        let files = try await repository.diff(position.baseSHA, position.headSHA)
        guard
            let file = files.first(where: { file in
                file.newPath == position.newPath && file.oldPath == position.oldPath
                    || file.isNew && file.newPath == position.newPath || file.isDeleted && file.oldPath == position.oldPath
            })
        else { throw bad }
        if position.kind == "file" { return PlacedLine(code: nil, newSide: nil) }
        guard let code = file.lineCode(oldLine: position.oldLine, newLine: position.newLine) else { throw bad }
        if let range = position.lineRange, !range.isNull {
            guard let end = range["end"], end["old_line"]?.int == position.oldLine, end["new_line"]?.int == position.newLine else { throw bad }
            for edge in [range["start"], end] { try check(edge, in: file, or: bad) }
        }
        var newSide: [String]?
        if position.newLine != nil, let entry = try await repository.entry(at: file.newPath, of: position.headSHA) {
            newSide = String(decoding: try await repository.blob(entry.hash), as: UTF8.self)
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        return PlacedLine(code: code, newSide: newSide)
    }

    /// An end of a range names its line by the code that the line has on this diff, and says on which side it is.
    private func check(_ edge: GitLabJSON?, in file: FileDiff, or refusal: Refusal) throws {
        let (old, new) = (edge?["old_line"]?.int, edge?["new_line"]?.int)
        guard let code = file.lineCode(oldLine: old, newLine: new), edge?["line_code"]?.text == code, edge?["type"]?.text == (old == nil ? "new" : "old")
        else { throw refusal }
    }

    /// The suggestion blocks of a diff note: fences with the info string `suggestion:-A+B`.
    func makeSuggestions(in body: String, position: DiffPosition, newSide: [String]?) -> [Suggestion] {
        guard let line = position.newLine, let newSide else { return [] }
        var result: [Suggestion] = []
        var open: (fence: Substring, above: Int, below: Int, lines: [Substring])?
        for text in body.split(separator: "\n", omittingEmptySubsequences: false) {
            if var block = open {
                if text.trimmingCharacters(in: .whitespaces) == block.fence {
                    let from = max(1, line - block.above)
                    let to = min(max(newSide.count, 1), line + block.below)
                    let old =
                        newSide.indices.contains(from - 1) && from <= to
                        ? newSide[(from - 1)..<min(to, newSide.count)].joined(separator: "\n") + "\n" : ""
                    let new = block.lines.isEmpty ? "" : block.lines.joined(separator: "\n") + "\n"
                    result.append(
                        Suggestion(
                            id: nextID(.suggestion), fromLine: from, toLine: to, from: old, to: new,
                            isApplicable: old != new && position.oldLine == nil || old != new))
                    open = nil
                } else {
                    block.lines.append(text)
                    open = block
                }
                continue
            }
            let fence = text.prefix { $0 == "`" }
            guard fence.count >= 3 else { continue }
            let info = text.dropFirst(fence.count)
            guard info.hasPrefix("suggestion") else { continue }
            let reach = Self.reach(String(info.dropFirst("suggestion".count)))
            open = (fence, reach.above, reach.below, [])
        }
        return result
    }

    /// `:-2+1` is two lines above and one below.
    private static func reach(_ text: String) -> (above: Int, below: Int) {
        guard text.hasPrefix(":-"), let plus = text.firstIndex(of: "+") else { return (0, 0) }
        let above = Int(text[text.index(text.startIndex, offsetBy: 2)..<plus]) ?? 0
        let below = Int(text[text.index(after: plus)...].prefix { $0.isNumber }) ?? 0
        return (min(100, above), min(100, below))
    }
}
