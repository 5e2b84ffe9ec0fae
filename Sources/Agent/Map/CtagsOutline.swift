/// Outlines by universal-ctags, for all languages that it knows.
enum CtagsOutline {
    /// The repository's own ctags options are left alone; the format has a tab between path, line, kind, scope, name and parameters.
    static func command(for paths: [String]) -> [String] {
        ["ctags", "--quiet=yes", "--options=NONE", "--sort=no", "-x", "--_xformat=%F\t%n\t%K\t%s\t%N\t%S"] + paths.map { "./" + $0 }
    }

    /// Symbols by path.
    static func parse(_ output: String) -> [String: [SourceSymbol]] {
        var symbols: [String: [SourceSymbol]] = [:]
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 5, omittingEmptySubsequences: false)
            guard fields.count == 6, let number = Int(fields[1]) else { continue }
            let (kind, scope, name) = (fields[2], fields[3], fields[4])
            let signature = fields[5] == "-" ? "" : fields[5]
            guard shown.contains(kind) || (kind == "member" && !signature.isEmpty), !name.hasPrefix("__anon") else { continue }
            let path = fields[0].hasPrefix("./") ? String(fields[0].dropFirst(2)) : String(fields[0])
            let text = "\(kind == "member" ? "method" : kind) \(scope.isEmpty ? "" : scope + ".")\(name)\(signature)"
            symbols[path, default: []].append(
                SourceSymbol(line: number, text: String(text.prefix(160)), name: String(name), depth: scope.isEmpty ? 0 : 1))
        }
        return symbols
    }

    private static let shown: Set<Substring> = [
        "class", "struct", "union", "enum", "interface", "trait", "protocol", "module", "namespace", "package", "type", "typedef",
        "alias", "function", "func", "method", "singletonMethod", "constructor", "subroutine", "procedure", "macro", "implementation",
        "object", "table", "view", "message", "service", "rpc", "component", "generator", "record", "delegate",
    ]
}
