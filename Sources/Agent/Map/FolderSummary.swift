/// What lies where, in a few lines, however large the repository is.
struct FolderSummary: Sendable {
    let text: String

    private static let rows = 30
    private static let rootFiles = 40

    init(_ paths: [String], isPartial: Bool) {
        var folders: [String: Int] = [:]
        var kinds: [String: Int] = [:]
        var rootFiles: [String] = []
        for path in paths {
            let parts = path.split(separator: "/")
            if parts.count == 1 { rootFiles.append(path) } else { folders[parts.prefix(parts.count > 2 ? 2 : 1).joined(separator: "/"), default: 0] += 1 }
            if let name = parts.last, let dot = name.lastIndex(of: "."), dot > name.startIndex {
                kinds[String(name[dot...]), default: 0] += 1
            }
        }
        var lines = ["\(isPartial ? "more than " : "")\(paths.count) files" + Self.list(kinds, limit: 8, prefix: ": ")]
        if !rootFiles.isEmpty {
            let more = rootFiles.count - Self.rootFiles
            lines.append("at the root: " + rootFiles.prefix(Self.rootFiles).joined(separator: ", ") + (more > 0 ? ", and \(more) more" : ""))
        }
        let ranked = folders.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        for (folder, count) in ranked.prefix(Self.rows).sorted(by: { $0.key < $1.key }) {
            lines.append("\(folder)/ (\(count))")
        }
        if ranked.count > Self.rows { lines.append("and \(ranked.count - Self.rows) smaller folders") }
        text = lines.joined(separator: "\n") + "\n\n"
    }

    private static func list(_ counts: [String: Int], limit: Int, prefix: String) -> String {
        let best = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit)
        return best.isEmpty ? "" : prefix + best.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
