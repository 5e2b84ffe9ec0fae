import Workspaces

/// `repository_map`: the repository's folders, and the outlines of the files that matter most.
///
/// Its size does not grow with the repository: folders are counted, and only the best-ranked files are outlined.
struct RepositoryMap: Tool {
    let name = "repository_map"
    let description = """
        Shows how the repository is laid out: its folders with their numbers of files, and the declarations of the most relevant \
        source files. With `focus`, words or paths, the files that have to do with them come first.
        """
    let parameters = [
        ToolParameter("focus", required: false, "Words, names or paths that matter, separated by blanks.")
    ]
    let subject: String? = "focus"

    private static let outlinedFiles = 40
    private static let symbolsPerFile = 40
    private static let sizeLimit = 16 << 10

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let focus = FocusWords(arguments.optionalText("focus") ?? "")
        let listing = try await Self.paths(in: room)
        guard !listing.paths.isEmpty else { return ToolOutput("The repository has no files.") }
        let hits = focus.isEmpty ? [:] : try await Self.hits(of: focus, in: room)
        let best = FileRanking(focus: focus, hits: hits).best(Self.outlinedFiles, of: listing.paths)
        let symbols = try await Self.symbols(of: best, in: room)
        let limit = min(Self.sizeLimit, room.resultLimit - 200)
        var text = FolderSummary(listing.paths, isPartial: listing.isPartial).text
        for path in best {
            let block = Self.outline(of: path, symbols[path] ?? [], focus: focus)
            guard text.utf8.count + block.utf8.count <= limit else { break }
            text += block
        }
        return ToolOutput(text)
    }

    static func paths(in room: ToolRoom) async throws -> (paths: [String], isPartial: Bool) {
        let outcome = try await room.look(
            ["rg", "--no-config", "--files", "--hidden", "--color=never", "--glob=!.git", "./"], outputLimit: 8 << 20)
        guard outcome.ending != .exited(127) else {
            throw ToolProblem("ripgrep is not installed in the sandbox; use list_files.")
        }
        let paths = outcome.output.text.split(separator: "\n").compactMap { $0.hasPrefix("./") ? String($0.dropFirst(2)) : nil }
        return (paths.sorted(), outcome.output.isTruncated)
    }

    private static func hits(of focus: FocusWords, in room: ToolRoom) async throws -> [String: Int] {
        let outcome = try await room.look(
            ["rg", "--no-config", "--count", "--ignore-case", "--fixed-strings", "--hidden", "--color=never", "--glob=!.git"]
                + focus.words.map { "--regexp=\($0)" } + ["--", "./"],
            outputLimit: 2 << 20)
        var hits: [String: Int] = [:]
        for line in outcome.output.text.split(separator: "\n") {
            guard line.hasPrefix("./"), let colon = line.lastIndex(of: ":"), let count = Int(line[line.index(after: colon)...])
            else { continue }
            hits[String(line[..<colon].dropFirst(2))] = count
        }
        return hits
    }

    private static func symbols(of paths: [String], in room: ToolRoom) async throws -> [String: [SourceSymbol]] {
        let swift = paths.filter { if case .swift = SourceLanguage(path: $0) { true } else { false } }
        var symbols = try await room.files { tree in
            var symbols: [String: [SourceSymbol]] = [:]
            for path in swift {
                // A file that can't be read, a link for instance, has no outline.
                guard let bytes = try? tree.read(path, limit: 512 << 10) else { continue }
                symbols[path] = SwiftOutline.symbols(in: String(decoding: bytes, as: UTF8.self))
            }
            return symbols
        }
        let others = paths.filter { if case .knownToCtags = SourceLanguage(path: $0) { true } else { false } }
        guard !others.isEmpty else { return symbols }
        let outcome = try await room.look(CtagsOutline.command(for: others), outputLimit: 1 << 20)
        symbols.merge(CtagsOutline.parse(outcome.output.text)) { swift, _ in swift }
        return symbols
    }

    private static func outline(of path: String, _ symbols: [SourceSymbol], focus: FocusWords) -> String {
        var kept = symbols
        if kept.count > symbolsPerFile {
            // What is in focus stays, then the outermost declarations.
            kept.sort { left, right in
                let (a, b) = (focus.count(in: left.name), focus.count(in: right.name))
                return a != b ? a > b : (left.depth, left.line) < (right.depth, right.line)
            }
            kept = Array(kept.prefix(symbolsPerFile)).sorted { $0.line < $1.line }
        }
        let lines = kept.map { "  \($0.line)\t" + String(repeating: "  ", count: $0.depth) + $0.text + "\n" }
        let rest = symbols.count - kept.count
        return "\(path)\n" + lines.joined() + (rest > 0 ? "  (\(rest) more)\n" : "")
    }
}
