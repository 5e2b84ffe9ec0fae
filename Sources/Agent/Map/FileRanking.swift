/// Sorts a repository's paths by how much they are likely to say about it, or about what is in focus.
struct FileRanking: Sendable {
    let focus: FocusWords
    /// Lines with a word of the focus, by path.
    let hits: [String: Int]

    init(focus: FocusWords, hits: [String: Int] = [:]) {
        self.focus = focus
        self.hits = hits
    }

    /// The best `count` of them, the best first; equal ones by path.
    func best(_ count: Int, of paths: [String]) -> [String] {
        let scored = paths.compactMap { path in score(path).map { (path: path, score: $0) } }
        return scored.sorted { ($1.score, $0.path) < ($0.score, $1.path) }.prefix(count).map(\.path)
    }

    /// Nil for what has no outline worth showing.
    private func score(_ path: String) -> Int? {
        let parts = path.split(separator: "/")
        guard let name = parts.last, SourceLanguage(path: path) != nil else { return nil }
        var score = 100 - 6 * min(parts.count - 1, 8)
        let folders = parts.dropLast().map { $0.lowercased() }
        if folders.contains(where: { Self.foreign.contains($0) }) { score -= 80 }
        if Self.isTest(name.lowercased(), folders) { score -= 25 }
        if ["main", "app", "index", "lib", "mod", "server", "cli"].contains(name.prefix(while: { $0 != "." }).lowercased()) {
            score += 12
        }
        guard !focus.isEmpty else { return score }
        score += 60 * focus.count(in: String(name)) + 20 * focus.count(in: folders.joined(separator: "/"))
        if let lines = hits[path] { score += 25 + 8 * min(8, Int.bitWidth - lines.leadingZeroBitCount) }
        return score
    }

    private static let foreign: Set<String> = [
        "vendor", "third_party", "thirdparty", "node_modules", "dist", "build", "generated", "external", "extern", "deps",
        "site-packages", "migrations", "fixtures", "testdata",
    ]

    private static func isTest(_ name: String, _ folders: [String]) -> Bool {
        name.contains("test") || name.contains("spec") || folders.contains { $0.hasPrefix("test") || $0 == "spec" || $0 == "__tests__" }
    }
}

/// Who makes the outline of a file.
enum SourceLanguage: Sendable {
    case swift
    case knownToCtags

    init?(path: String) {
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
        switch path[path.index(after: dot)...].lowercased() {
        case "swift": self = .swift
        case "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "hxx", "m", "mm", "cs", "java", "kt", "kts", "go", "rs", "py", "pyi", "rb",
            "php", "js", "jsx", "mjs", "cjs", "ts", "tsx", "lua", "pl", "pm", "ex", "exs", "erl", "hs", "ml", "jl", "r", "sh", "bash",
            "sql", "proto", "vim", "el", "clj", "f90", "d", "tcl", "zig", "dart", "scala", "vue":
            self = .knownToCtags
        default: return nil
        }
    }
}
